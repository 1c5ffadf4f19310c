from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from server.kit.errors import NotFound
from server.kit.idempotency import IdempotencyConflict
from server.tokens import service
from server.tokens.errors import InsufficientTokens, ReservationClosed
from server.tokens.ledger import MOST_TOKENS, Balance
from tests.server.tokens.conftest import new_user
from tests.server.tokens.desk import MONTH, NOW, Desk

if TYPE_CHECKING:
    import datetime as dt

    from server.kit.db import Database
    from server.tokens.ledger import CreditKind


@pytest.mark.req("S4-32", "S4-90")
async def test_what_is_given_is_there_by_where_it_came_from(desk: Desk) -> None:
    assert await desk.balance() == Balance()
    given = await desk.give("granted", 10)
    assert (given.type, given.amount, given.available, given.reason) == ("grant", 10, 10, "given")
    await desk.give("earned", 20)
    assert (await desk.give("bought", 30)).available == 60
    assert await desk.balance() == Balance(granted=10, earned=20, bought=30)
    assert await desk.types() == ["grant", "reward", "purchase"]


async def test_grants_are_spent_first_then_rewards_then_what_was_bought(desk: Desk) -> None:
    for kind in ("bought", "earned", "granted"):
        await desk.give(kind, 10)
    await desk.use(5)
    assert await desk.balance() == Balance(granted=5, earned=10, bought=10)
    await desk.use(12)
    assert await desk.balance() == Balance(earned=3, bought=10)
    spent = await desk.use(13)
    assert (spent.type, spent.amount, spent.available) == ("use", -13, 0)
    assert await desk.balance() == Balance()


@pytest.mark.req("S4-69")
async def test_nobody_uses_more_than_there_is(desk: Desk) -> None:
    with pytest.raises(InsufficientTokens) as caught:
        await desk.use(1)
    assert caught.value.extra == {"needed": 1, "available": 0, "debt": None}
    await desk.give("bought", 10)
    with pytest.raises(InsufficientTokens) as caught:
        await desk.use(11)
    assert caught.value.extra == {"needed": 11, "available": 10, "debt": None}
    with pytest.raises(InsufficientTokens):
        await desk.reserve(11)
    assert await desk.balance() == Balance(bought=10)


@pytest.mark.parametrize("amount", [0, -1, MOST_TOKENS + 1])
async def test_an_amount_is_positive_and_not_absurd(desk: Desk, amount: int) -> None:
    for act in (desk.use(amount), desk.reserve(amount), desk.give("bought", amount)):
        with pytest.raises(ValueError, match="cannot be moved"):
            await act


@pytest.mark.req("S4-91")
async def test_the_same_key_uses_once_and_says_the_same_again(desk: Desk, database: Database) -> None:
    await desk.give("bought", 10)
    first = await desk.use(4, "k")
    await desk.use(1)
    assert await desk.use(4, "k") == first
    assert (await desk.balance()).bought == 5
    for other in (desk.use(5, "k"), desk.use(4, "k", feature="song")):
        with pytest.raises(IdempotencyConflict):
            await other
    stranger = Desk(database, await new_user(database))
    await stranger.give("bought", 10)
    assert (await stranger.use(5, "k")).available == 5


async def test_a_reason_is_part_of_what_was_asked_for(desk: Desk) -> None:
    await desk.give("bought", 10)
    await desk.use(4, "k")
    async with desk.database.transaction() as conn:
        with pytest.raises(IdempotencyConflict):
            await service.use(conn, desk.user, 4, feature="voice", key="k", reason="another")


@pytest.mark.req("S4-70")
async def test_a_payment_is_credited_once_and_to_one_person(desk: Desk, database: Database) -> None:
    first = await desk.give("bought", 100, "pay_1")
    assert await desk.give("bought", 100, "pay_1") == first
    assert await desk.balance() == Balance(bought=100)
    with pytest.raises(IdempotencyConflict):
        await desk.give("bought", 99, "pay_1")
    stranger = Desk(database, await new_user(database))
    with pytest.raises(IdempotencyConflict):
        await stranger.give("bought", 100, "pay_1")


@pytest.mark.parametrize(("kind", "ends"), [("granted", None), ("earned", NOW), ("bought", NOW)])
async def test_only_grants_end(desk: Desk, kind: CreditKind, ends: dt.datetime | None) -> None:
    async with desk.database.transaction() as conn:
        with pytest.raises(ValueError, match="grants end"):
            await service.credit(conn, desk.user, kind, 1, key="k", reason="", expires_at=ends)


@pytest.mark.req("S4-73")
async def test_what_is_left_of_a_grant_goes_with_its_period(desk: Desk) -> None:
    await desk.give("granted", 10, "march", NOW)
    await desk.give("granted", 10, "april", NOW + MONTH)
    await desk.give("earned", 5)
    await desk.use(4)
    lapsed = await desk.lapse(NOW)
    assert lapsed is not None
    assert (lapsed.type, lapsed.amount, lapsed.available) == ("lapse", -6, 15)
    assert await desk.balance() == Balance(granted=10, earned=5)
    assert await desk.lapse(NOW) is None
    await desk.give("granted", 10, "march", NOW)
    assert await desk.balance() == Balance(granted=10, earned=5)


@pytest.mark.req("S4-80")
async def test_a_refund_takes_what_is_left_and_the_rest_is_owed(desk: Desk) -> None:
    await desk.give("earned", 10)
    await desk.give("bought", 100, "pay")
    await desk.use(70)
    back = await desk.refund("pay")
    assert back is not None
    assert (back.type, back.amount, back.available) == ("refund", -100, 0)
    assert await desk.balance() == Balance(debt=60)
    with pytest.raises(InsufficientTokens) as caught:
        await desk.use(1)
    assert caught.value.extra["debt"] == 60
    await desk.give("earned", 20)
    assert await desk.balance() == Balance(debt=40)
    assert (await desk.give("granted", 50, ends=NOW + MONTH)).available == 10
    assert await desk.balance() == Balance(granted=10)
    await desk.lapse(NOW + MONTH)
    assert await desk.balance() == Balance()


async def test_nothing_is_used_while_something_is_owed(desk: Desk) -> None:
    await desk.give("granted", 5)
    await desk.give("bought", 10, "pay")
    await desk.use(10)
    await desk.give("earned", 8)
    await desk.refund("pay")
    assert await desk.balance() == Balance(earned=8, debt=5)
    assert (await desk.balance()).available == 0
    for act in (desk.use(1), desk.reserve(1)):
        with pytest.raises(InsufficientTokens):
            await act


@pytest.mark.req("S4-80")
async def test_parts_of_a_refund_add_up_however_often_they_are_told(desk: Desk) -> None:
    await desk.give("bought", 100, "pay")
    for total, left in ((30, 70), (30, 70), (20, 70), (60, 40), (500, 0)):
        await desk.refund("pay", total)
        assert (await desk.balance()).bought == left
    assert await desk.refund("pay") is None
    assert await desk.types() == ["purchase", "refund", "refund", "refund"]


async def test_what_was_not_bought_by_this_person_is_not_refunded(desk: Desk, database: Database) -> None:
    await desk.give("bought", 100, "pay")
    await desk.give("earned", 100, "reward")
    stranger = Desk(database, await new_user(database))
    for refund in (desk.refund("no such"), desk.refund("reward"), stranger.refund("pay")):
        with pytest.raises(NotFound):
            await refund


async def test_a_reservation_is_spent(desk: Desk) -> None:
    await desk.give("granted", 10)
    await desk.give("bought", 10)
    hold = await desk.reserve(15)
    assert (hold.granted, hold.earned, hold.bought, hold.state) == (10, 0, 5, "open")
    assert await desk.balance() == Balance(bought=5, held=15)
    settled = await desk.settle(hold.job_id)
    assert (settled.state, settled.settled) == ("settled", 15)
    assert await desk.balance() == Balance(bought=5)
    assert await desk.types() == ["grant", "purchase", "reserve", "settle"]


async def test_what_a_reservation_does_not_need_goes_back_to_where_it_came_from(desk: Desk) -> None:
    for kind in ("granted", "earned", "bought"):
        await desk.give(kind, 10)
    hold = await desk.reserve(25)
    await desk.settle(hold.job_id, 12)
    assert await desk.balance() == Balance(earned=8, bought=10)
    hold = await desk.reserve(13)
    await desk.settle(hold.job_id, 0)
    assert await desk.balance() == Balance(earned=8, bought=10)
    assert await desk.types() == [
        "grant",
        "reward",
        "purchase",
        "reserve",
        "settle",
        "release",
        "reserve",
        "release",
    ]


async def test_released_tokens_go_back_to_the_grants_that_they_came_from(desk: Desk) -> None:
    await desk.give("granted", 10, ends=NOW)
    await desk.give("granted", 10, ends=NOW + MONTH)
    job = (await desk.reserve(15)).job_id
    await desk.release(job)
    await desk.lapse(NOW)
    assert await desk.balance() == Balance(granted=10)


async def test_a_grant_that_ended_while_it_was_held_lapses_when_it_comes_back(desk: Desk) -> None:
    await desk.give("granted", 10, ends=NOW)
    job = (await desk.reserve(8)).job_id
    await desk.lapse(NOW)
    assert await desk.balance() == Balance(held=8)
    await desk.settle(job, 3)
    assert await desk.balance() == Balance(granted=5)
    await desk.lapse(NOW)
    assert await desk.balance() == Balance()


async def test_bought_tokens_that_come_back_pay_what_is_owed(desk: Desk) -> None:
    await desk.give("granted", 10)
    await desk.give("bought", 100, "pay")
    job = (await desk.reserve(50)).job_id
    await desk.refund("pay")
    assert await desk.balance() == Balance(held=50, debt=40)
    await desk.release(job)
    assert await desk.balance() == Balance(granted=10)


async def test_a_job_reserves_once(desk: Desk, database: Database) -> None:
    await desk.give("bought", 100)
    hold = await desk.reserve(10)
    assert await desk.reserve(10, hold.job_id) == hold
    for other in (desk.reserve(11, hold.job_id), desk.reserve(10, hold.job_id, feature="voice")):
        with pytest.raises(IdempotencyConflict):
            await other
    stranger = Desk(database, await new_user(database))
    await stranger.give("bought", 10)
    with pytest.raises(IdempotencyConflict):
        await stranger.reserve(10, hold.job_id)
    await desk.settle(hold.job_id)
    assert (await desk.reserve(10, hold.job_id)).state == "settled"
    assert (await desk.balance()).bought == 90


async def test_a_reservation_ends_once(desk: Desk) -> None:
    await desk.give("bought", 100)
    spent, returned = [(await desk.reserve(10)).job_id for _ in range(2)]
    assert await desk.settle(spent, 6) == await desk.settle(spent, 6)
    assert await desk.release(returned) == await desk.release(returned)
    with pytest.raises(IdempotencyConflict):
        await desk.settle(spent)
    for late in (desk.release(spent), desk.settle(returned)):
        with pytest.raises(ReservationClosed):
            await late
    assert await desk.balance() == Balance(bought=94)


async def test_what_was_not_reserved_cannot_be_settled(desk: Desk) -> None:
    await desk.give("bought", 100)
    job = (await desk.reserve(10)).job_id
    for amount in (11, -1):
        with pytest.raises(ValueError, match="cannot be settled"):
            await desk.settle(job, amount)
    for act in (desk.settle(uuid.uuid4()), desk.release(uuid.uuid4())):
        with pytest.raises(NotFound):
            await act


@pytest.mark.req("S4-23")
async def test_what_an_administrator_adds_counts_as_earned(desk: Desk) -> None:
    async with desk.database.transaction() as conn:
        first = await service.add(conn, desk.user, 30, key="a", reason="sorry")
        assert await service.add(conn, desk.user, 30, key="a", reason="sorry") == first
    assert (first.type, first.reason) == ("admin", "sorry")
    assert await desk.balance() == Balance(earned=30)


async def test_each_change_tells_of_itself(desk: Desk) -> None:
    await desk.give("bought", 100, "pay")
    await desk.use(10)
    await desk.settle((await desk.reserve(30)).job_id, 20)
    await desk.release((await desk.reserve(5)).job_id)
    await desk.refund("pay")
    await desk.give("granted", 10)
    await desk.lapse(NOW)
    rows = await desk.rows(
        "SELECT topic, type, data FROM events WHERE principal_id = $1 ORDER BY seq", desk.user
    )
    assert {(row["topic"], row["type"]) for row in rows} == {("tokens", "tokens.changed")}
    assert [(row["data"]["type"], row["data"]["delta"], row["data"]["available"]) for row in rows] == [
        ("purchase", 100, 100),
        ("use", -10, 90),
        ("reserve", -30, 60),
        ("settle", 10, 70),
        ("reserve", -5, 65),
        ("release", 5, 70),
        ("refund", -100, 0),
        ("grant", 10, 0),
    ]
    assert [row["data"]["reason"] for row in rows[:6]] == [
        "given",
        "used",
        service.RESERVED,
        service.SETTLED,
        service.RESERVED,
        "failed",
    ]


@pytest.mark.req("S4-18")
async def test_a_snapshot_says_what_there_is(desk: Desk) -> None:
    nothing = {"available": 0, "granted": 0, "earned": 0, "bought": 0, "held": 0, "debt": 0}
    assert await service.snapshot(desk.database, desk.user) == nothing
    await desk.give("bought", 10)
    await desk.reserve(4)
    assert await service.snapshot(desk.database, desk.user) == {
        **nothing,
        "available": 6,
        "bought": 6,
        "held": 4,
    }
