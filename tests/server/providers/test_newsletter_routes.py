from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.kit.db import Database
from tests.server.providers.conftest import rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.kit.db import Record
    from tests.api.site import Site

WISH = "/api/newsletter"


async def kept(site: Site, sql: str = "SELECT * FROM newsletter_subscriptions") -> Sequence[Record]:
    db = await Database.connect(site.settings.database_url)
    try:
        return await rows(db, sql)
    finally:
        await db.close()


@pytest.mark.req("S1-07")
async def test_the_answer_is_the_same_for_every_address(site: Site) -> None:
    answers = [await site.http.post(WISH, json={"email": "ada@example.org"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    assert len(await kept(site)) == 1
    assert len(await kept(site, "SELECT 1 FROM letters")) == 1


async def test_what_is_no_address_is_told(site: Site) -> None:
    for email in ("ada", "ada@example.org\r\nBcc: eve@example.org"):
        answer = await site.http.post(WISH, json={"email": email})
        assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
            400,
            "invalid_param",
            "email",
        )


async def test_a_link_asks_and_its_button_answers(site: Site) -> None:
    await site.http.post(WISH, json={"email": "ada@example.org"})
    (row,) = await kept(site)
    link = f"/newsletter/confirm/{row['confirm_token']}"
    page = await site.http.get(link)
    assert (page.status_code, '<form method="post">' in page.text) == (200, True)
    assert (await kept(site))[0]["confirmed_at"] is None, "mail programs open links to look at them"
    assert "Thank you" in (await site.http.post(link)).text
    assert (await kept(site))[0]["confirmed_at"] is not None
    late = await site.http.post("/newsletter/confirm/unknown")
    assert (late.status_code, "too old" in late.text) == (410, True)


async def test_one_click_of_a_mail_program_ends_it(site: Site) -> None:
    await site.http.post(WISH, json={"email": "ada@example.org"})
    (row,) = await kept(site)
    link = f"/newsletter/unsubscribe/{row['unsubscribe_token']}"
    assert '<form method="post">' in (await site.http.get(link)).text
    assert len(await kept(site)) == 1
    for _ in range(2):  # as RFC 8058 has it: no cookie, no referrer, this body
        answer = await site.http.post(link, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert not await kept(site)
