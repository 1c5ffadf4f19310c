from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from server.providers import store
from tests.server.providers.conftest import rows

if TYPE_CHECKING:
    from server.kit.jobs import Work


async def test_a_letter_outlives_the_person_it_was_written_to(work: Work) -> None:
    """The farewell goes after the account."""
    person, letter_id = uuid.uuid4(), uuid.uuid4()
    async with work.db.transaction() as conn:
        await conn.execute("INSERT INTO principals (id, kind) VALUES ($1, 'user')", person)
        await store.insert_letter(conn, letter_id, person, "a@b.example", "s", "t", "h", "transactional", "")
        await conn.execute("DELETE FROM principals")
        letter = await store.begin_attempt(conn, letter_id, "<1@x>")
    assert letter is not None
    assert (await rows(work.db, "SELECT principal_id FROM letters"))[0]["principal_id"] is None


async def test_the_first_message_id_stays(work: Work) -> None:
    letter_id = uuid.uuid4()
    async with work.db.transaction() as conn:
        await store.insert_letter(conn, letter_id, None, "a@b.example", "s", "t", "h", "transactional", "")
        first = await store.begin_attempt(conn, letter_id, "<1@x>")
        second = await store.begin_attempt(conn, letter_id, "<2@x>")
    assert first == second
    assert first is not None
    assert first.message_id == "<1@x>"


@pytest.mark.parametrize("kind", ["postcard", "newsletter"])
async def test_the_database_knows_which_letters_there_are(work: Work, kind: str) -> None:
    with pytest.raises(Exception, match="check constraint"):
        async with work.db.transaction() as conn:
            await conn.execute(
                "INSERT INTO letters (id, recipient, subject, text, html, kind) "
                "VALUES (gen_random_uuid(), 'a', 's', 't', 'h', $1)",
                kind,
            )
