from __future__ import annotations

import pytest

from server.providers.checkout import store
from tests.server.providers.checkout.conftest import Company  # noqa: TC001 - fixtures are read at run time
from tests.server.providers.checkout.test_provider import DAY_S, subscribed


async def set_card(company: Company, subscription: str, *, is_good: bool) -> str:
    customer = (await company.desk.fetch_subscription(subscription)).customer_id
    async with company.database.connection() as conn:
        await store.set_card(conn, customer, "0341", is_good=is_good)
    return customer


async def test_a_period_follows_another_without_a_gap_as_often_as_it_is_due(company: Company) -> None:
    subscription = await subscribed(company)
    first = await company.desk.fetch_subscription(subscription)
    await company.desk.advance(100 * DAY_S)
    now = await company.desk.fetch_subscription(subscription)
    assert now.status == "active"
    assert now.period_end_s > first.period_start_s + 100 * DAY_S
    assert (await company.types())[2:] == ["invoice.paid", "customer.subscription.updated"] * 3


async def test_who_cancelled_is_not_charged_again(company: Company) -> None:
    subscription = await subscribed(company)
    cancelled = await company.desk.cancel_at_period_end(subscription, "k")
    await company.desk.advance(100 * DAY_S)
    ended = await company.desk.fetch_subscription(subscription)
    assert (ended.status, ended.ended_at_s) == ("ended", cancelled.period_end_s)
    assert (await company.types())[2:] == ["customer.subscription.updated", "customer.subscription.deleted"]


@pytest.mark.req("S0-42")
async def test_a_card_that_fails_is_waited_for_and_then_no_more(company: Company) -> None:
    subscription = await subscribed(company)
    await set_card(company, subscription, is_good=False)
    await company.desk.advance(32 * DAY_S)
    assert (await company.desk.fetch_subscription(subscription)).status == "past_due"
    bill = await company.about("invoice.payment_failed")
    assert (await company.desk.fetch_invoice(bill)).status == "open"
    await company.desk.advance(8 * DAY_S)
    assert (await company.desk.fetch_subscription(subscription)).status == "ended"
    assert (await company.desk.fetch_invoice(bill)).status == "uncollectible"


async def test_who_waits_for_a_card_does_not_hold_up_others(company: Company) -> None:
    waiting = await subscribed(company)
    await set_card(company, waiting, is_good=False)
    await company.desk.advance(32 * DAY_S)
    await company.desk.create_customer("eve@example.org", "Eve", "customer:eve@example.org")
    other = await company.desk.fetch_subscription(waiting)
    assert other.status == "past_due"
    await set_card(company, waiting, is_good=True)
    await company.desk.renew_due()
    renewed = await company.desk.fetch_subscription(waiting)
    assert (renewed.status, renewed.period_start_s) == ("active", other.period_end_s)
