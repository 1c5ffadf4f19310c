from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from server.accounts import letters

if TYPE_CHECKING:
    from tests.server.accounts.bureau import Bureau

PAGE = "https://sound.example"


@pytest.mark.req("S1-51", "S4-08")
async def test_each_mail_has_one_link_that_no_server_sees(bureau: Bureau) -> None:
    user = uuid.uuid4()
    async with bureau.accounts.database.transaction() as conn:
        await conn.execute("INSERT INTO principals (id, kind) VALUES ($1, 'user')", user)
        await letters.welcome(conn, "jo@example.org", user, PAGE, "a-b_c")
        await letters.confirm(conn, "jo@example.org", user, PAGE, "d")
        await letters.reset(conn, "jo@example.org", user, PAGE, "e")
        await letters.taken(conn, "jo@example.org", user, PAGE)
        await letters.password_changed(conn, "jo@example.org", user, PAGE)
        await letters.login_ended(conn, "jo@example.org", user, PAGE)
        await letters.farewell(conn, "jo@example.org", user)
    rows = await bureau.letters()
    links = sorted(word for row in rows for word in row["text"].split() if word.startswith(PAGE))
    assert [link.removeprefix(PAGE) for link in links] == [
        "/#forgot",
        "/#forgot",
        "/#forgot",
        "/#reset/e",
        "/#verify/a-b_c",
        "/#verify/d",
    ]
    assert len({row["subject"] for row in rows}) == 7
