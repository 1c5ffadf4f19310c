from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

import pytest

from server.tokens import statement_store as store
from server.tokens.ledger import Balance, Buckets
from server.tokens.store import change_account
from tests.server.tokens.conftest import new_user
from tests.server.tokens.desk import Desk, undone

if TYPE_CHECKING:
    from server.kit.db import Database

DAY = dt.timedelta(days=1)


@pytest.mark.req("S4-19")
async def test_a_statement_goes_page_by_page_from_the_newest(desk: Desk) -> None:
    await desk.give("bought", 100)
    for amount in (1, 2, 3):
        await desk.use(amount)
    async with desk.database.connection() as conn:
        page = await store.list_lines(conn, desk.user, None, 2)
        rest = await store.list_lines(conn, desk.user, page[-1].transfer.id, 9)
        assert await store.list_lines(conn, desk.user, uuid.uuid4(), 9) == []
        assert await store.list_lines(conn, uuid.uuid4(), page[0].transfer.id, 9) == []
    assert [(line.transfer.amount, line.transfer.available) for line in (*page, *rest)] == [
        (-3, 94),
        (-2, 97),
        (-1, 99),
        (100, 100),
    ]


async def test_a_reservation_says_what_became_of_it(desk: Desk) -> None:
    await desk.give("bought", 100)
    for act in (desk.settle, desk.release):
        await act((await desk.reserve(5)).job_id)
    job = (await desk.reserve(5)).job_id
    async with desk.database.connection() as conn:
        lines = await store.list_lines(conn, desk.user, None, 9)
    assert [(line.transfer.type, line.hold) for line in lines] == [
        ("reserve", "open"),
        ("release", None),
        ("reserve", "released"),
        ("reserve", "settled"),
        ("purchase", None),
    ]
    assert lines[0].transfer.job_id == job
    assert lines[1].transfer.job_id == lines[2].transfer.job_id


@pytest.mark.req("S4-45", "S4-85")
async def test_use_is_added_up_by_feature_and_day(desk: Desk, database: Database) -> None:
    await desk.give("bought", 100)
    await desk.use(3, feature="voice")
    await desk.use(4, feature="voice")
    await desk.settle((await desk.reserve(10)).job_id, 8)
    await desk.release((await desk.reserve(10)).job_id)
    await Desk(database, await new_user(database)).give("bought", 9)
    now = dt.datetime.now(dt.UTC)
    async with desk.database.connection() as conn:
        today = await store.sum_by_feature_and_day(conn, desk.user, [now - 2 * DAY, now - DAY, now + DAY])
        assert await store.sum_by_feature_and_day(conn, desk.user, [now + DAY, now + 2 * DAY]) == []
    assert today == [store.UseRow(2, "song", 8, 1), store.UseRow(2, "voice", 7, 2)]


@pytest.mark.req("S4-42", "S4-88", "S4-89")
async def test_packs_are_rows_that_can_be_changed(database: Database) -> None:
    async with database.transaction() as conn:
        packs = await store.list_packs(conn)
        assert [(pack.amount, pack.price_minor, pack.currency) for pack in packs] == [
            (100, 500, "EUR"),
            (500, 2000, "EUR"),
            (2000, 6000, "EUR"),
        ]
        assert await store.find_pack(conn, packs[1].id) == packs[1]
        await conn.execute("UPDATE token_packs SET is_sold = false WHERE id = $1", packs[1].id)
        assert await store.list_packs(conn) == [packs[0], packs[2]]
        assert await store.find_pack(conn, packs[1].id) is None


async def test_what_does_not_add_up_is_found(desk: Desk) -> None:
    await desk.give("granted", 10)
    await desk.reserve(4)
    async with undone(desk.database) as conn:
        assert await store.list_discrepancies(conn) == []
        spoiled = await change_account(conn, desk.user, Buckets(2, 1), held=3)
        assert spoiled == Balance(granted=8, earned=1, held=7)
        assert await store.list_discrepancies(conn) == [
            store.Discrepancy(f"grants of {desk.user}", 8, 6),
            store.Discrepancy(f"held:{desk.user}", 7, 4),
            store.Discrepancy(f"holds of {desk.user}", 7, 4),
            store.Discrepancy(f"user:{desk.user}", 9, 6),
        ]
