from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from server.kit.errors import NotFound
from server.tokens import statements

if TYPE_CHECKING:
    from uuid import UUID

    from server.kit.db import Database
    from tests.server.tokens.desk import Desk

USED = """INSERT INTO token_entries (transfer_id, account, amount, type, key, feature, reason, created_at)
          SELECT gen.id, leg.account, leg.amount, 'use', gen.id::text, $2, '', $4
          FROM (SELECT gen_random_uuid() AS id) AS gen,
               (VALUES ('user:' || $1::text, -$3::bigint), ('revenue', $3)) AS leg (account, amount)"""
BERLIN = "Europe/Berlin"


async def used(desk: Desk, amount: int, feature: str, at: str) -> None:
    """A use in the past, from what was given for it."""
    async with desk.database.transaction() as conn:
        await conn.execute(USED, str(desk.user), feature, amount, dt.datetime.fromisoformat(at))
        await conn.execute(
            "UPDATE token_accounts SET earned = earned - $2 WHERE user_id = $1", desk.user, amount
        )


@pytest.mark.req("S4-26", "S4-85")
async def test_use_is_told_by_feature_and_by_day_of_the_persons_zone(desk: Desk) -> None:
    await desk.give("earned", 100)
    for amount, feature, at in (
        (50, "song", "2026-03-27T22:59:59Z"),  # the 27th in Berlin: a day too early
        (1, "song", "2026-03-27T23:00:00Z"),
        (2, "voice", "2026-03-28T12:00:00Z"),
        (4, "voice", "2026-03-29T21:59:59Z"),  # summer time began at 1:00 of this day
        (8, "song", "2026-03-29T22:00:00Z"),
    ):
        await used(desk, amount, feature, at)
    now_s = dt.datetime(2026, 3, 30, 9, tzinfo=dt.UTC).timestamp()
    async with desk.database.connection() as conn:
        usage = await statements.read_usage(conn, desk.user, now_s, BERLIN, 3)
    assert [(day.date.day, day.by_feature, day.amount) for day in usage.days] == [
        (28, {"song": 1, "voice": 2}, 3),
        (29, {"voice": 4}, 4),
        (30, {"song": 8}, 8),
    ]
    assert usage.features == (statements.FeatureUse("song", 9, 2), statements.FeatureUse("voice", 6, 2))
    assert usage.amount == 15


async def test_who_used_nothing_has_days_too(database: Database, user: UUID) -> None:
    async with database.connection() as conn:
        usage = await statements.read_usage(conn, user, 0.0, "UTC", 2)
    assert [(day.date.isoformat(), day.amount) for day in usage.days] == [
        ("1969-12-31", 0),
        ("1970-01-01", 0),
    ]
    assert (usage.features, usage.amount) == ((), 0)


@pytest.mark.req("S4-19")
async def test_a_statement_ends_where_there_is_no_more(desk: Desk) -> None:
    for _ in range(4):
        await desk.give("earned", 1)
    async with desk.database.connection() as conn:
        first = await statements.read_statement(conn, desk.user, None, 2)
        second = await statements.read_statement(conn, desk.user, first.next_before, 2)
        assert first.next_before == first.lines[-1].transfer.id
        assert second.next_before is None
        everything = await statements.read_statement(conn, desk.user, None, 9)
    assert everything.lines == first.lines + second.lines


@pytest.mark.req("S4-20")
async def test_a_pack_is_sold_or_not_there(database: Database) -> None:
    async with database.connection() as conn:
        for pack in await statements.list_packs(conn):
            assert await statements.fetch_pack(conn, pack.id) == pack
        with pytest.raises(NotFound):
            await statements.fetch_pack(conn, "pack-1")
