from __future__ import annotations

import datetime as dt
import json

import pytest

from server.kit.errors import ProviderError
from server.kit.security import sign_message
from server.providers.checkout import renewals, store
from server.providers.payments import BadSignature, CheckoutWish
from tests.server.providers.checkout.conftest import PACK, PRO, SECRET, SITE, YEAR, Company

DAY_S = 86_400


async def subscribed(company: Company) -> str:
    """The id of a subscription that was paid for with a good card."""
    path = await company.checkout()
    async with company.database.transaction() as conn:
        checkout = await store.lock_checkout(conn, path.rpartition("/")[2])
        assert checkout is not None
        await store.set_card(conn, checkout.customer_id, "4242", is_good=True)
        now = await company.desk.now(conn)
        return (await renewals.start_subscription(conn, checkout, now)).id


async def paid_pack(company: Company) -> str:
    path = await company.checkout(PACK, key="pack")
    async with company.database.transaction() as conn:
        checkout = await store.lock_checkout(conn, path.rpartition("/")[2])
        assert checkout is not None
        return (await renewals.record_payment(conn, checkout, await company.desk.now(conn), is_paid=True)).id


async def test_the_same_key_makes_the_same_customer_and_the_same_page(company: Company) -> None:
    one, two = [await company.desk.create_customer("a@example.org", "A", "same") for _ in range(2)]
    assert one == two
    wish = CheckoutWish(one, PRO, "order", f"{SITE}/a", f"{SITE}/b")
    pages = [await company.desk.create_checkout(wish, key) for key in ("k", "k", "l")]
    assert pages[0] == pages[1] != pages[2]


async def test_a_subscription_is_told_as_it_is_now(company: Company) -> None:
    remote = await company.desk.fetch_subscription(await subscribed(company))
    assert (remote.price_id, remote.status, remote.cancel_at_period_end) == ("pro-month", "active", False)
    assert remote.period_start_s == company.clock.now()
    assert remote.period_end_s > remote.period_start_s + 27 * DAY_S


async def test_cancelling_leaves_it_running_and_ending_does_not(company: Company) -> None:
    subscription = await subscribed(company)
    for _ in range(2):
        remote = await company.desk.cancel_at_period_end(subscription, "k")
        assert (remote.status, remote.cancel_at_period_end) == ("active", True)
    for _ in range(2):
        ended = await company.desk.end_now(subscription, "k")
        assert (ended.status, ended.ended_at_s) == ("ended", company.clock.now())
    assert (await company.types())[2:] == ["customer.subscription.updated", "customer.subscription.deleted"]
    with pytest.raises(ProviderError):
        await company.desk.change_plan(subscription, YEAR, "k")


async def test_another_plan_takes_a_cancellation_back(company: Company) -> None:
    subscription = await subscribed(company)
    await company.desk.cancel_at_period_end(subscription, "k")
    changed = await company.desk.change_plan(subscription, YEAR, "k")
    assert (changed.price_id, changed.cancel_at_period_end) == ("pro-year", False)
    assert changed.period_end_s > changed.period_start_s + 364 * DAY_S


async def test_a_refund_is_counted_up_to_the_payment(company: Company) -> None:
    payment = await paid_pack(company)
    for amount, total in ((200, 200), (200, 400), (200, 500)):
        await company.desk.refund(payment, amount)
        assert (await company.desk.fetch_payment(payment)).refunded_minor == total
    with pytest.raises(ProviderError):
        await company.desk.refund("pay_nobody", 1)


@pytest.mark.parametrize("method", ["fetch_subscription", "fetch_invoice", "fetch_payment"])
async def test_what_is_not_there_is_an_error_of_the_provider(company: Company, method: str) -> None:
    with pytest.raises(ProviderError):
        await getattr(company.desk, method)("nobody")


async def test_there_is_a_portal_for_customers_only(company: Company) -> None:
    with pytest.raises(ProviderError):
        await company.desk.open_portal("cus_nobody", f"{SITE}/dashboard")


async def test_the_clock_goes_on_by_itself_and_by_hand(company: Company) -> None:
    before = await company.desk.advance(0)
    company.clock.advance(5)
    assert await company.desk.advance(3600) == before + dt.timedelta(seconds=3605)


@pytest.mark.req("S4-59", "S2-55")
async def test_only_its_own_messages_of_just_now_are_believed(company: Company) -> None:
    await subscribed(company)
    message = (await company.told())[0]
    body, now = json.dumps(message).encode(), int(company.clock.now())
    header = sign_message(body, SECRET, now)
    event = company.desk.verify_webhook(body, {"local-signature": header}, now + 300)
    assert (event.id, event.kind, event.type) == (
        message["id"],
        "subscription",
        "customer.subscription.created",
    )
    forged = (
        (body, header, now + 301),
        (body + b" ", header, now),
        (body, header.replace("v1=", "v1=0"), now),
        (body, sign_message(body, b"another secret", now), now),
        (body, header.replace("t=", "t=x"), now),
        (body, "", now),
    )
    for signed, claim, at_s in forged:
        with pytest.raises(BadSignature):
            company.desk.verify_webhook(signed, {"local-signature": claim}, at_s)
