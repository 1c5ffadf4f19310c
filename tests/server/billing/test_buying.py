from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server.accounts.errors import NotVerified
from server.billing.errors import AlreadySubscribed, NoCustomer, NoSubscription, UnknownPlan
from server.kit.errors import NotFound, ProviderError
from server.providers.payments import ProviderMissing
from tests.server.billing.house import DAY_S, PACK, SITE

if TYPE_CHECKING:
    from tests.server.billing.house import House


@pytest.mark.req("S0-41", "S1-15", "S3-178", "S2-77")
async def test_a_checkout_is_an_order_at_the_price_of_now(house: House) -> None:
    user = await house.person()
    till = house.till(user)
    address = await till.subscribe(await till.find_item("pro-year"))
    assert address.startswith(f"{SITE}/pay/cs_")
    (order,) = await house.rows("SELECT kind, item, amount_minor, currency, status, tokens FROM orders")
    assert dict(order) == {
        "kind": "subscription",
        "item": "pro-year",
        "amount_minor": 9000,
        "currency": "EUR",
        "status": "pending",
        "tokens": None,
    }
    assert await house.actions(user) == ["billing.checkout_started"]


@pytest.mark.req("S0-44", "S3-41")
async def test_a_person_is_one_customer_however_often_they_buy(house: House) -> None:
    user = await house.person()
    await house.subscribe(user)
    await house.buy_pack(user)
    (customer,) = await house.rows("SELECT user_id, provider FROM payment_customers")
    assert dict(customer) == {"user_id": user, "provider": "local"}
    assert len(await house.rows("SELECT FROM local_customers")) == 1


@pytest.mark.req("S2-74")
async def test_who_is_not_there_or_not_verified_or_subscribed_cannot_begin(house: House) -> None:
    till = house.till(uuid.uuid4())
    item = await till.find_item("pro-month")
    with pytest.raises(NotFound):
        await till.subscribe(item)
    newcomer = await house.person(is_verified=False)
    with pytest.raises(NotVerified):
        await house.till(newcomer).subscribe(item)
    with pytest.raises(NotVerified):
        await house.till(newcomer).purchase(PACK)
    user = await house.person()
    await house.subscribe(user)
    await house.settle()
    with pytest.raises(AlreadySubscribed):
        await house.till(user).subscribe(item)
    with pytest.raises(UnknownPlan):
        await house.till(user).find_item("gold")


async def test_without_a_provider_nothing_is_sold_and_no_order_is_left(house: House) -> None:
    till = replace(house.till(await house.person()), provider=None)
    item = await till.find_item("pro-month")
    for refused in (till.subscribe(item), till.cancel(""), till.change(item), till.open_portal()):
        with pytest.raises(ProviderMissing):
            await refused
    assert await house.rows("SELECT FROM orders") == []


async def test_a_provider_that_fails_leaves_a_person_who_can_try_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await house.person()

    async def away(*_: object) -> str:
        raise ProviderError

    with monkeypatch.context() as broken:
        broken.setattr(house.desk, "create_checkout", away)
        with pytest.raises(ProviderError):
            await house.subscribe(user)
    await house.subscribe(user)
    await house.settle()
    assert await house.plan(user) == "pro"


@pytest.mark.req("S1-16", "S1-69", "S4-15")
async def test_cancelling_keeps_everything_until_the_end_of_what_is_paid(house: House) -> None:
    user = await house.person()
    await house.subscribe(user)
    await house.settle()
    row = await house.till(user).cancel("too loud")
    assert (row.status, row.cancel_at_period_end) == ("active", True)
    assert await house.plan(user) == "pro"
    (kept,) = await house.subscriptions(user)
    assert kept.cancel_reason == "too loud"
    (line,) = await house.rows("SELECT metadata FROM audit_logs WHERE action = 'billing.cancel_asked'")
    assert line["metadata"]["reason"] == "too loud"
    (letter,) = await house.rows("SELECT subject, text FROM letters")
    assert "cancelled" in letter["subject"]
    assert (await house.events(user))[-1][1]["cancel_at_period_end"] is True
    await house.till(user).cancel("once more")
    assert len(await house.rows("SELECT FROM letters")) == 1
    await house.settle()
    assert (await house.subscriptions(user))[0].cancel_reason == "once more"
    await house.desk.advance(32 * DAY_S)
    await house.settle()
    assert await house.plan(user) == "free"
    with pytest.raises(NoSubscription):
        await house.till(user).cancel("")


@pytest.mark.req("S4-16", "S4-82")
async def test_a_plan_is_changed_up_and_down_and_a_cancellation_taken_back(house: House) -> None:
    user = await house.person()
    await house.subscribe(user)
    await house.settle()
    till = house.till(user)
    await till.cancel("")
    for price, plan in (("studio-month", "studio"), ("pro-month", "pro")):
        row = await till.change(await till.find_item(price))
        assert (row.plan, row.price_id, row.cancel_at_period_end) == (plan, price, False)
        assert await house.plan(user) == plan
        assert (await house.events(user))[-1][1]["plan"] == plan
    before = await house.rows("SELECT FROM local_deliveries")
    await till.change(await till.find_item("pro-month"))
    assert len(await house.rows("SELECT FROM local_deliveries")) == len(before)
    with pytest.raises(NoSubscription):
        await house.till(await house.person()).change(await till.find_item("pro-month"))


@pytest.mark.req("S0-43", "S1-17", "S3-182", "S3-183", "S4-14")
async def test_the_portal_is_for_who_has_bought_something(house: House) -> None:
    user = await house.person()
    with pytest.raises(NoCustomer):
        await house.till(user).open_portal()
    await house.subscribe(user)
    assert (await house.till(user).open_portal()).startswith(f"{SITE}/pay/portal/ps_")
