"""Many at once: what each of them was told is what happened, and nothing happened twice."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from server.kit.idempotency import IdempotencyConflict
from server.tokens import service
from server.tokens.errors import InsufficientTokens, ReservationClosed
from server.tokens.ledger import Balance, Hold, Transfer
from server.tokens.sweeps import lapse_ended, release_dead
from tests.server.tokens.conftest import new_user
from tests.server.tokens.desk import NOW, Desk

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from server.kit.bus import Bus
    from server.kit.db import Connection


BLOCKED = """SELECT count(*) FROM pg_stat_activity
             WHERE wait_event_type = 'Lock' AND datname = current_database()"""


async def all_of(acts: list[Awaitable[Any]]) -> list[Any]:
    return await asyncio.gather(*acts, return_exceptions=True)


def kinds(answers: list[Any]) -> Counter[type]:
    return Counter(type(answer) for answer in answers)


@pytest.mark.req("S4-69")
async def test_of_24_who_use_10_from_100_ten_do(desk: Desk) -> None:
    await desk.give("granted", 35)
    await desk.give("earned", 25)
    await desk.give("bought", 40)
    answers = await all_of([desk.use(10) for _ in range(24)])
    assert kinds(answers) == {Transfer: 10, InsufficientTokens: 14}
    assert await desk.balance() == Balance()
    rows = await desk.rows("SELECT account, amount FROM token_entries WHERE type = 'use'")
    assert Counter((row["account"], row["amount"]) for row in rows) == {
        (f"user:{desk.user}", -10): 10,
        ("revenue", 10): 10,
    }


async def test_of_24_jobs_that_reserve_10_of_100_ten_do(desk: Desk) -> None:
    await desk.give("granted", 55)
    await desk.give("bought", 45)
    answers = await all_of([desk.reserve(10) for _ in range(24)])
    assert kinds(answers) == {Hold: 10, InsufficientTokens: 14}
    assert await desk.balance() == Balance(held=100)
    holds = [answer for answer in answers if isinstance(answer, Hold)]
    await all_of([desk.release(hold.job_id) for hold in holds])
    assert await desk.balance() == Balance(granted=55, bought=45)


@pytest.mark.req("S4-91")
async def test_one_key_sent_by_ten_uses_once_and_all_are_told_the_same(desk: Desk) -> None:
    await desk.give("bought", 100)
    answers = await all_of([desk.use(10, "k") for _ in range(10)])
    assert kinds(answers) == {Transfer: 10}
    assert len(set(answers)) == 1
    assert await desk.balance() == Balance(bought=90)


@pytest.mark.req("S4-70")
async def test_a_payment_that_is_told_of_ten_times_at_once_is_credited_once(desk: Desk) -> None:
    answers = await all_of([desk.give("bought", 100, "pay") for _ in range(10)])
    assert len(set(answers)) == 1
    assert await desk.balance() == Balance(bought=100)
    answers = await all_of([desk.refund("pay") for _ in range(10)])
    assert kinds(answers) == {Transfer: 1, type(None): 9}
    assert await desk.balance() == Balance()


async def until_somebody_waits(desk: Desk) -> None:
    """For a lock of the database."""
    while (await desk.rows(BLOCKED))[0]["count"] == 0:  # noqa: ASYNC110 - the database has no event for it
        await asyncio.sleep(0.01)


async def test_what_two_people_want_at_once_one_of_them_gets(desk: Desk) -> None:
    """A payment and a job are nobody's yet when both look; the second waits until the first is done."""
    stranger = Desk(desk.database, await new_user(desk.database))
    job = uuid.uuid4()
    for one in (desk, stranger):
        await one.give("earned", 10)

    async def credit(conn: Connection) -> object:
        return await service.credit(conn, desk.user, "earned", 7, key="pay", reason="given")

    async def reserve(conn: Connection) -> object:
        return await service.reserve(conn, desk.user, job, 7, feature="song")

    for first, second in ((credit, stranger.give("earned", 7, "pay")), (reserve, stranger.reserve(7, job))):
        async with desk.database.transaction() as conn:
            await first(conn)
            waiting = asyncio.create_task(second)
            await until_somebody_waits(desk)
        with pytest.raises(IdempotencyConflict):
            await waiting
    assert await desk.balance() == Balance(earned=10, held=7)
    assert await stranger.balance() == Balance(earned=10)


async def test_a_reservation_is_settled_or_released_however_many_try(desk: Desk) -> None:
    await desk.give("bought", 100)
    for _ in range(5):
        before = (await desk.balance()).bought
        job = (await desk.reserve(10)).job_id
        answers = await all_of([act(job) for _ in range(4) for act in (desk.settle, desk.release)])
        assert kinds(answers) == {Hold: 4, ReservationClosed: 4}
        states = {answer.state for answer in answers if isinstance(answer, Hold)}
        assert states in ({"settled"}, {"released"})
        lost = 10 if states == {"settled"} else 0
        assert await desk.balance() == Balance(bought=before - lost)


async def test_everything_at_once_leaves_books_that_balance(desk: Desk, bus: Bus) -> None:
    """Nobody waits for ever either: locks are taken in one order."""
    draw = random.Random(4)
    people = [desk, Desk(desk.database, await new_user(desk.database))]
    for one in people:
        await one.give("granted", 60)
        await one.give("bought", 60, f"pay {one.user}")
    holds = [(one, await one.reserve(7, lease_s=draw.choice([0, 60]))) for one in people for _ in range(8)]
    acts: list[Awaitable[Any]] = [one.settle(hold.job_id, draw.randint(0, 7)) for one, hold in holds[::2]]
    acts += [one.release(hold.job_id) for one, hold in holds]
    acts += [one.use(draw.randint(1, 9)) for one in people for _ in range(12)]
    acts += [one.refund(f"pay {one.user}", total) for one in people for total in (20, 40, 60)]
    acts += [one.give("earned", 3) for one in people for _ in range(3)]
    acts += [lapse_ended(desk.database, bus, NOW) for _ in range(2)]
    acts += [release_dead(desk.database, bus) for _ in range(2)]
    draw.shuffle(acts)
    answers = await all_of(acts)
    assert set(kinds(answers)) <= {Transfer, Hold, int, type(None), InsufficientTokens, ReservationClosed}
    await lapse_ended(desk.database, bus, NOW)
    for one in people:
        balance = await one.balance()
        assert (balance.held, balance.granted) == (0, 0)
