from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server.billing.settle import Settling
from server.kit.errors import ProviderError
from tests.server.billing.house import DAY_S, ORIGIN

if TYPE_CHECKING:
    from uuid import UUID

    from server.kit.db import Connection
    from tests.server.billing.house import House


def settling(house: House, conn: Connection, user: UUID) -> Settling:
    return Settling(conn, "local", user, house.clock.now(), ORIGIN)


async def test_what_is_as_we_have_it_changes_nothing(house: House) -> None:
    user = await house.person()
    remote = await house.desk.fetch_subscription(await house.subscribe(user))
    async with house.database.transaction() as conn:
        ours = settling(house, conn, user)
        assert [await ours.subscription(remote), await ours.subscription(remote)] == [True, False]
    assert (await house.actions(user)).count("billing.subscription_started") == 1


@pytest.mark.req("S1-76", "S1-79")
async def test_each_turn_of_a_subscription_has_its_name_in_the_log(house: House) -> None:
    user = await house.person()
    first = await house.desk.fetch_subscription(await house.subscribe(user))
    turns = (
        first,
        replace(first, cancel_at_period_end=True),
        replace(first, price_id="studio-month"),
        replace(first, price_id="studio-month", period_end_s=first.period_end_s + 31 * DAY_S),
        replace(first, price_id="studio-month", status="past_due"),
        replace(first, status="ended", ended_at_s=first.period_end_s),
    )
    async with house.database.transaction() as conn:
        for turn in turns:
            await settling(house, conn, user).subscription(turn)
    assert (await house.actions(user))[1:] == [
        "billing.subscription_started",
        "billing.subscription_cancelled",
        "billing.subscription_changed",
        "billing.subscription_renewed",
        "billing.subscription_updated",
        "billing.subscription_ended",
    ]


async def test_a_price_that_we_do_not_have_is_no_plan(house: House) -> None:
    user = await house.person()
    remote = await house.desk.fetch_subscription(await house.subscribe(user))
    async with house.database.connection() as conn:
        with pytest.raises(ProviderError):
            await settling(house, conn, user).subscription(replace(remote, price_id="gold"))


async def test_a_payment_must_be_the_one_that_was_ordered(house: House) -> None:
    user, other = await house.person(), await house.person()
    paid = await house.desk.fetch_payment(await house.buy_pack(user))
    async with house.database.connection() as conn:
        for wrong in (replace(paid, amount_minor=499), replace(paid, currency="USD")):
            with pytest.raises(ProviderError):
                await settling(house, conn, user).payment(wrong)
        with pytest.raises(ProviderError):
            await settling(house, conn, other).payment(paid)
        for reference in ("", "a subscription", "00000000-0000-4000-8000-000000000000"):
            assert not await settling(house, conn, user).payment(replace(paid, reference=reference))
    assert (await house.balance(user)).bought == 0


async def test_an_order_is_paid_once_though_two_payments_came(house: House) -> None:
    user = await house.person()
    paid = await house.desk.fetch_payment(await house.buy_pack(user))
    async with house.database.transaction() as conn:
        ours = settling(house, conn, user)
        assert await ours.payment(replace(paid, id="pay_declined", status="failed"))
        assert not await ours.payment(replace(paid, status="pending"))
        assert await ours.payment(paid)
        assert not await ours.payment(replace(paid, id="pay_second"))
    assert (await house.balance(user)).bought == 100
