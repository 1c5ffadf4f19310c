from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from server.kit.errors import ValidationFailed
from server.providers.newsletter import LocalNewsletter
from server.providers.ports import Issue
from tests.server.providers.conftest import rows

if TYPE_CHECKING:
    from server.kit.jobs import Work

LETTERS = "SELECT * FROM letters ORDER BY created_at, id"
ISSUE = Issue("November", "Rain, renewed", ["The rain has drops now."])


@pytest.fixture
def newsletter() -> LocalNewsletter:
    return LocalNewsletter("https://sound.example")


async def ask(work: Work, newsletter: LocalNewsletter, address: str) -> None:
    async with work.db.transaction() as conn:
        await newsletter.ask(conn, address)


async def asked_token(work: Work) -> str:
    """What the newest question's link holds."""
    found = re.findall(
        r"https://sound\.example/newsletter/confirm/(\S+)", (await rows(work.db, LETTERS))[-1]["text"]
    )
    return str(found[0])


async def publish(work: Work, newsletter: LocalNewsletter) -> int:
    async with work.db.transaction() as conn:
        return await newsletter.publish(conn, ISSUE)


@pytest.mark.req("S1-07")
async def test_only_who_asked_and_confirmed_gets_an_issue_and_can_leave(
    work: Work, newsletter: LocalNewsletter
) -> None:
    await ask(work, newsletter, "Ada@example.org")
    await ask(work, newsletter, "eve@example.org")
    assert await publish(work, newsletter) == 0
    question = next(row for row in await rows(work.db, LETTERS) if row["recipient"] == "Ada@example.org")
    token = question["text"].split("/confirm/")[1].split()[0]
    async with work.db.transaction() as conn:
        assert await newsletter.confirm(conn, token)
        assert await newsletter.confirm(conn, token), "a second press is no mistake"
        assert not await newsletter.confirm(conn, "x" * 43)
    assert await publish(work, newsletter) == 1

    issue = (await rows(work.db, "SELECT * FROM letters WHERE kind = 'newsletter'"))[0]
    assert (issue["recipient"], issue["subject"]) == ("Ada@example.org", "November")
    assert issue["unsubscribe_url"].startswith("https://sound.example/newsletter/unsubscribe/")
    assert issue["unsubscribe_url"] in issue["text"]
    async with work.db.transaction() as conn:
        await newsletter.leave(conn, issue["unsubscribe_url"].rpartition("/")[2])
        await newsletter.leave(conn, "x" * 43)
    assert await publish(work, newsletter) == 0


async def test_nobody_is_flooded_with_questions(work: Work, newsletter: LocalNewsletter) -> None:
    for address in ("ada@example.org", "ADA@example.org", "ada@example.org"):
        await ask(work, newsletter, address)
    assert len(await rows(work.db, LETTERS)) == 1
    first = await asked_token(work)
    await rows(work.db, "UPDATE newsletter_subscriptions SET asked_at = asked_at - interval '11 minutes'")
    await ask(work, newsletter, "ada@example.org")
    assert len(await rows(work.db, LETTERS)) == 2
    async with work.db.transaction() as conn:
        assert not await newsletter.confirm(conn, first), "the newer question replaced it"
        assert await newsletter.confirm(conn, await asked_token(work))
    await rows(work.db, "UPDATE newsletter_subscriptions SET asked_at = asked_at - interval '11 minutes'")
    await ask(work, newsletter, "ada@example.org")
    assert len(await rows(work.db, LETTERS)) == 2, "who has it is not asked again"


async def test_a_question_lapses(work: Work, newsletter: LocalNewsletter) -> None:
    await ask(work, newsletter, "ada@example.org")
    await rows(work.db, "UPDATE newsletter_subscriptions SET asked_at = asked_at - interval '8 days'")
    async with work.db.transaction() as conn:
        assert not await newsletter.confirm(conn, await asked_token(work))


async def test_an_address_is_forgotten(work: Work, newsletter: LocalNewsletter) -> None:
    await ask(work, newsletter, "ada@example.org")
    async with work.db.transaction() as conn:
        await newsletter.forget(conn, "Ada@example.org")
    assert not await rows(work.db, "SELECT 1 FROM newsletter_subscriptions")


async def test_what_is_no_address_is_not_asked(work: Work, newsletter: LocalNewsletter) -> None:
    with pytest.raises(ValidationFailed):
        await ask(work, newsletter, "ada@example.org\nBcc: eve@example.org")
    assert not await rows(work.db, "SELECT 1 FROM newsletter_subscriptions")
