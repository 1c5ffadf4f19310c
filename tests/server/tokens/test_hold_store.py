from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from server.tokens import hold_store, store
from server.tokens.ledger import Buckets
from tests.server.tokens.desk import MONTH, NOW, Desk, undone

if TYPE_CHECKING:
    from uuid import UUID

    from server.kit.db import Connection, Database


async def left(conn: Connection, user: UUID) -> list[int]:
    rows = await conn.fetch("SELECT left_amount FROM token_grants WHERE user_id = $1 ORDER BY ends_at", user)
    return [row["left_amount"] for row in rows]


@pytest.mark.parametrize(
    ("spent", "after"), [(0, [3, 4, 5]), (2, [1, 4, 5]), (3, [0, 4, 5]), (6, [0, 1, 5]), (10, [0, 0, 2])]
)
async def test_what_was_spent_first_does_not_go_back(
    database: Database, user: UUID, spent: int, after: list[int]
) -> None:
    job = uuid.uuid4()
    async with undone(database) as conn:
        await store.lock_account(conn, user)
        for months, amount in enumerate((3, 4, 5)):
            await store.insert_grant(conn, user, amount, NOW + months * MONTH)
        grants = await store.take_from_grants(conn, user, 10)
        await hold_store.insert_hold(conn, user, job, "song", Buckets(10), grants, 60)
        assert await left(conn, user) == [0, 0, 2]
        await hold_store.return_to_grants(conn, job, spent)
        assert await left(conn, user) == after


async def test_a_job_has_one_hold_that_ends_once(desk: Desk) -> None:
    await desk.give("bought", 10)
    job = (await desk.reserve(5)).job_id
    async with undone(desk.database) as conn:
        again = await hold_store.insert_hold(conn, desk.user, job, "song", Buckets(1), [], 60)
        assert again is None
        closed = await hold_store.close_hold(conn, job, "settled", 3)
        assert (closed.state, closed.settled, closed.bought) == ("settled", 3, 5)
        assert await hold_store.find_hold(conn, job) == closed
        with pytest.raises(AssertionError):
            await hold_store.close_hold(conn, job, "released", 0)
        assert await hold_store.find_hold(conn, uuid.uuid4()) is None


async def test_jobs_whose_time_is_over_are_listed_the_longest_dead_first(desk: Desk) -> None:
    await desk.give("bought", 10)
    first, second, _ = [(await desk.reserve(1, lease_s=lease_s)).job_id for lease_s in (-2, -1, 60)]
    await desk.release((await desk.reserve(1, lease_s=-3)).job_id)
    async with desk.database.connection() as conn:
        assert await hold_store.list_overdue(conn, 9) == [first, second]
        assert await hold_store.list_overdue(conn, 1) == [first]
