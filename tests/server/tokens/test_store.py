from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

import asyncpg  # type: ignore[import-untyped]  # the package ships no types
import pytest

from server.tokens import store
from server.tokens.ledger import ISSUED, REVENUE, Balance, Buckets, Move, user_account
from tests.server.tokens.desk import MONTH, NOW, Desk, undone

if TYPE_CHECKING:
    from uuid import UUID

    from server.kit.db import Database

ENTRY = """INSERT INTO token_entries (transfer_id, account, amount, type, key, feature, reason, created_at)
           VALUES ($1, $2, $3, $4, $5, '', '', '2026-01-01')"""


@pytest.mark.req("S4-41", "S4-68")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE token_entries SET amount = amount * 2",
        "DELETE FROM token_entries",
        "TRUNCATE token_entries",
    ],
)
async def test_what_was_entered_stays(desk: Desk, statement: str) -> None:
    await desk.give("bought", 10)
    with pytest.raises(asyncpg.CheckViolationError, match="append-only"):
        await desk.rows(statement)
    assert len(await desk.rows("SELECT FROM token_entries")) == 2


@pytest.mark.req("S4-68")
@pytest.mark.parametrize(
    "entries",
    [
        [("issued", -5, "grant", "k")],
        [("issued", -5, "grant", "k"), ("revenue", 4, "grant", "k")],
        [("issued", -5, "grant", "k"), ("revenue", 5, "reward", "k")],
        [("issued", -5, "grant", "k"), ("revenue", 5, "grant", "l")],
        [("issued", -5, "grant", "k"), ("revenue", 3, "grant", "k"), ("refunded", 2, "grant", "l")],
    ],
)
async def test_a_transfer_is_two_rows_that_cancel_out(
    database: Database, entries: list[tuple[str, int, str, str]]
) -> None:
    transfer = uuid.uuid4()
    async with undone(database) as conn:
        for entry in entries:
            await conn.execute(ENTRY, transfer, *entry)
        with pytest.raises(asyncpg.CheckViolationError):
            await conn.execute("SET CONSTRAINTS ALL IMMEDIATE")


async def test_there_are_no_other_accounts(database: Database) -> None:
    async with database.connection() as conn:
        for account in ("user:me", "bonus", f"guest:{uuid.uuid4()}"):
            with pytest.raises(asyncpg.CheckViolationError):
                await conn.execute(ENTRY, uuid.uuid4(), account, 5, "grant", "k")


@pytest.mark.req("S4-69")
async def test_no_account_falls_below_zero(database: Database, user: UUID) -> None:
    async with database.transaction() as conn:
        await store.lock_account(conn, user)
        for buckets in (Buckets(-1), Buckets(0, -1), Buckets(0, 0, -1)):
            with pytest.raises(AssertionError):
                await store.change_account(conn, user, buckets)
        with pytest.raises(AssertionError):
            await store.change_account(conn, user, held=-1)
        with pytest.raises(AssertionError):
            await store.change_account(conn, user, debt=-1)
        assert await store.find_balance(conn, user) == Balance()


async def test_an_account_is_what_was_added_to_it(database: Database, user: UUID) -> None:
    async with undone(database) as conn:
        assert await store.lock_account(conn, user) == Balance()
        await store.change_account(conn, user, Buckets(1, 2, 3), held=4)
        await store.change_account(conn, user, Buckets(0, 0, -3), debt=5)
        expected = Balance(granted=1, earned=2, held=4, debt=5)
        assert await store.find_balance(conn, user) == expected
        assert await store.lock_account(conn, user) == expected


async def test_a_key_is_taken_once(database: Database, user: UUID) -> None:
    async with undone(database) as conn:
        assert await store.find_transfer(conn, "k") is None
        move = Move(ISSUED, user_account(user), 5, "grant", "k", reason="March")
        made = await store.insert_transfer(conn, move, 5)
        assert made is not None
        assert (made.account, made.amount, made.available, made.reason) == (move.target, 5, 5, "March")
        assert await store.find_transfer(conn, "k") == made
        assert await store.insert_transfer(conn, replace(move, amount=6), 11) is None


async def test_what_leaves_an_account_is_below_zero_on_it(database: Database, user: UUID) -> None:
    async with undone(database) as conn:
        move = Move(user_account(user), REVENUE, 5, "use", "k", "voice", job_id=uuid.uuid4())
        made = await store.insert_transfer(conn, move, 0)
        assert made is not None
        assert (made.account, made.amount, made.feature, made.job_id) == (
            move.source,
            -5,
            "voice",
            move.job_id,
        )


async def test_grants_that_end_soonest_are_taken_first(database: Database, user: UUID) -> None:
    async with undone(database) as conn:
        await store.lock_account(conn, user)
        for months, amount in ((2, 5), (0, 3), (1, 4)):
            await store.insert_grant(conn, user, amount, NOW + months * MONTH)
        taken = [await store.take_from_grants(conn, user, amount) for amount in (0, 5, 6, 7)]
        assert [sorted(amount for _, amount in one) for one in taken] == [[], [2, 3], [2, 4], [1]]


async def test_what_has_ended_is_found_and_taken_once(desk: Desk) -> None:
    await desk.give("granted", 5)
    await desk.give("granted", 4)
    await desk.give("granted", 3, ends=NOW + MONTH)
    async with desk.database.transaction() as conn:
        assert await store.list_with_ended_grants(conn, NOW - dt.timedelta(seconds=1), 9) == []
        assert await store.list_with_ended_grants(conn, NOW, 9) == [desk.user]
        assert await store.list_with_ended_grants(conn, NOW, 0) == []
    async with undone(desk.database) as conn:
        assert [await store.end_grants(conn, desk.user, NOW) for _ in range(2)] == [9, 0]
        assert await store.list_with_ended_grants(conn, NOW, 9) == []


async def test_grants_that_end_together_are_listed_as_one(desk: Desk) -> None:
    for months, amount in ((1, 3), (0, 4), (1, 5), (2, 6)):
        await desk.give("granted", amount, ends=NOW + months * MONTH)
    await desk.use(6)
    async with desk.database.connection() as conn:
        grants = await store.list_grants(conn, desk.user)
        assert await store.list_grants(conn, uuid.uuid4()) == []
    assert grants == [store.Grant(6, NOW + MONTH), store.Grant(6, NOW + 2 * MONTH)]


@pytest.mark.req("S4-43")
async def test_a_purchase_is_its_buyers(desk: Desk) -> None:
    await desk.give("bought", 5, "pay")
    await desk.refund("pay", 2)
    async with desk.database.connection() as conn:
        found = await store.find_purchase(conn, desk.user, "credit:pay")
        assert found == store.Purchase("credit:pay", 5, 2)
        assert await store.find_purchase(conn, uuid.uuid4(), "credit:pay") is None
