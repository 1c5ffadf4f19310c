from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from server.kit.db import Database
from server.kit.errors import Unavailable

if TYPE_CHECKING:
    from tests.server.kit.conftest import Mortal

TABLE = "CREATE TABLE notes (id int PRIMARY KEY, text text)"


async def test_records_read_like_mappings(db: Database) -> None:
    async with db.connection() as connection:
        row = await connection.fetchrow("SELECT 1 AS one, $1::jsonb AS data", {"a": [1, None]})
        rows = await connection.fetch("SELECT generate_series(1, 3) AS n")

    assert row is not None
    assert dict(row) == {"one": 1, "data": {"a": [1, None]}}
    assert [row["n"] for row in rows] == [1, 2, 3]


async def test_a_transaction_is_all_or_nothing(db: Database) -> None:
    async with db.transaction() as connection:
        await connection.execute(TABLE)
        await connection.executemany("INSERT INTO notes VALUES ($1, $2)", [(1, "a"), (2, "b")])

    with pytest.raises(ZeroDivisionError):
        await _delete_and_fail(db)

    async with db.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM notes") == 2
        assert await connection.fetchrow("SELECT 1 WHERE false") is None


async def test_a_cancelled_transaction_leaves_nothing_and_gives_its_connection_back(
    database_url: str,
) -> None:
    db = await Database.connect(database_url, connections=1)
    begun = asyncio.Event()

    async def write_and_wait() -> None:
        async with db.transaction() as connection:
            await connection.execute(TABLE)
            begun.set()
            await asyncio.Event().wait()

    writer = asyncio.create_task(write_and_wait())
    await begun.wait()
    writer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writer
    async with db.connection() as connection:
        assert await connection.fetchval("SELECT to_regclass('notes')") is None
    await db.close()


async def test_a_pool_without_a_free_connection_says_unavailable_after_its_wait(database_url: str) -> None:
    db = await Database.connect(database_url, connections=1, wait_s=0.2)
    async with db.connection():
        with pytest.raises(Unavailable) as caught:
            await db.ping()
    assert caught.value.retry_after_s == 1
    await db.ping()
    await db.close()


async def test_requests_wait_for_a_database_that_was_killed_and_comes_back(
    mortal_database: Mortal,
) -> None:
    db = await Database.connect(mortal_database.url, connections=4, wait_s=60)
    async with db.transaction() as connection:
        await connection.execute(TABLE)

    mortal_database.kill()
    waiting = [asyncio.create_task(_write(db, number)) for number in range(8)]
    await asyncio.sleep(0)
    mortal_database.start()
    await asyncio.gather(*waiting)

    async with db.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM notes") == 8
    await db.close()


async def test_an_outage_in_the_middle_of_a_transaction_is_told_as_unavailable(
    mortal_database: Mortal,
) -> None:
    db = await Database.connect(mortal_database.url, wait_s=0.3)
    with pytest.raises(Unavailable):
        await _make_table_and_lose(db, mortal_database)
    with pytest.raises(Unavailable):
        await db.ping()

    mortal_database.revive()
    async with db.connection() as connection:
        assert await connection.fetchval("SELECT to_regclass('notes')") is None
    await db.close()


async def test_mistakes_of_ours_are_not_taken_for_an_outage(db: Database) -> None:
    async with db.connection() as connection:
        with pytest.raises(Exception, match="invalid input for query argument"):
            await connection.fetchval("SELECT $1::int", "seven")
        with pytest.raises(Exception, match="expects 1 argument"):
            await connection.fetchval("SELECT $1::int", 1, 2)
    with pytest.raises(FileNotFoundError):
        await _read_a_missing_file(db)


async def test_a_commit_that_is_not_answered_is_told_as_unavailable(mortal_database: Mortal) -> None:
    db = await Database.connect(mortal_database.url, wait_s=0.3)
    with pytest.raises(Unavailable):
        await _lose_before_commit(db, mortal_database)
    await db.close()


async def test_closing_does_not_wait_for_ever_for_who_holds_a_connection(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.kit.db.CLOSE_S", 0.05)
    db = await Database.connect(database_url)
    with pytest.raises(Unavailable):
        await asyncio.wait_for(_hold_while_closing(db), 5)


async def _write(db: Database, number: int) -> None:
    async with db.transaction() as connection:
        await connection.execute("INSERT INTO notes VALUES ($1, 'kept')", number)


async def _delete_and_fail(db: Database) -> None:
    async with db.transaction() as connection:
        await connection.execute("DELETE FROM notes")
        raise ZeroDivisionError


async def _make_table_and_lose(db: Database, database: Mortal) -> None:
    async with db.transaction() as connection:
        await connection.execute(TABLE)
        database.kill()
        await connection.execute("INSERT INTO notes VALUES (1, 'lost')")


async def _hold_while_closing(db: Database) -> None:
    async with db.connection() as connection:
        await db.close()
        await connection.fetchval("SELECT 1")


async def _lose_before_commit(db: Database, database: Mortal) -> None:
    async with db.transaction() as connection:
        await connection.execute(TABLE)
        database.kill()


async def _read_a_missing_file(db: Database) -> None:
    async with db.transaction():
        raise FileNotFoundError
