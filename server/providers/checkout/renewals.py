"""What the stand-in does with time: periods that end, cards that are charged, patience that runs out."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from server.kit.clock import add_months
from server.providers.checkout import store
from server.providers.checkout.deliveries import announce
from server.providers.checkout.store import Invoice, Payment, Subscription

if TYPE_CHECKING:
    from server.kit.db import Connection
    from server.providers.checkout.store import Checkout
    from server.providers.payments import Every

PATIENCE: Final = dt.timedelta(days=7)
"""How long an unpaid subscription waits for a card that works."""
MONTHS: Final[dict[Every, int]] = {"month": 1, "year": 12}


def new_id(kind: str) -> str:
    """A name that nobody guesses."""
    return f"{kind}_{secrets.token_urlsafe(18)}"


async def start_subscription(conn: Connection, checkout: Checkout, now: dt.datetime) -> Subscription:
    """The first period, paid."""
    subscription = Subscription(
        id=new_id("sub"),
        customer_id=checkout.customer_id,
        price_id=checkout.price_id,
        label=checkout.label,
        amount_minor=checkout.amount_minor,
        currency=checkout.currency,
        every=checkout.every,
        status="active",
        period_start=now,
        period_end=add_months(now, MONTHS[checkout.every]),
        cancel_at_period_end=False,
        ended_at=None,
    )
    await store.put_subscription(conn, subscription)
    await tell(conn, subscription, "created", now)
    await _bill(conn, subscription, now, is_paid=True)
    return subscription


async def record_payment(conn: Connection, checkout: Checkout, now: dt.datetime, *, is_paid: bool) -> Payment:
    """What is bought once, or what the bank refused."""
    payment = Payment(
        id=new_id("pay"),
        customer_id=checkout.customer_id,
        reference=checkout.reference,
        amount_minor=checkout.amount_minor,
        currency=checkout.currency,
        status="paid" if is_paid else "failed",
        refunded_minor=0,
        is_disputed=False,
    )
    await store.put_payment(conn, payment)
    await tell_payment(conn, payment, "succeeded" if is_paid else "payment_failed", now)
    return payment


async def tell(conn: Connection, subscription: Subscription, what: str, now: dt.datetime) -> None:
    """Announce that a subscription was created, updated or deleted."""
    await announce(
        conn,
        now,
        f"customer.subscription.{what}",
        object_id=subscription.id,
        customer_id=subscription.customer_id,
    )


async def tell_payment(conn: Connection, payment: Payment, what: str, now: dt.datetime) -> None:
    """Announce what became of a payment."""
    await announce(
        conn,
        now,
        f"payment_intent.{what}",
        object_id=payment.id,
        customer_id=payment.customer_id,
        reference=payment.reference,
    )


async def renew_next(conn: Connection, now: dt.datetime) -> bool:
    """Bring the subscription whose period ended first one step further; whether there was one."""
    found = await store.find_due(conn, now, now - PATIENCE)
    if found is None:
        return False
    customer = await store.lock_customer(conn, found.customer_id)
    due = await store.find_subscription(conn, found.id, locked=True)
    if due != found or customer is None:
        return True  # somebody was faster: look again
    if due.cancel_at_period_end:
        await end(conn, due, now=due.period_end)
    elif customer.is_good_card:
        await _go_on(conn, due)
    elif due.status == "past_due":
        await end(conn, due, now=due.period_end + PATIENCE)
    else:
        await _fall_behind(conn, due)
    return True


async def pay_what_is_open(conn: Connection, customer_id: str, now: dt.datetime) -> None:
    """Charge a card that was changed for what the old one did not pay."""
    for subscription in await store.list_subscriptions(conn, customer_id):
        if subscription.status == "past_due":
            for invoice in await store.list_invoices(conn, customer_id):
                if invoice.subscription_id == subscription.id and invoice.status == "open":
                    await store.put_invoice(conn, replace(invoice, status="paid", paid_at=now))
                    await _tell_invoice(conn, invoice, "paid", now)
            await _prolong(conn, subscription)


async def end(conn: Connection, subscription: Subscription, now: dt.datetime) -> Subscription:
    """It is over; what is unpaid stays so."""
    ended = replace(subscription, status="ended", ended_at=now)
    await store.put_subscription(conn, ended)
    for invoice in await store.list_invoices(conn, subscription.customer_id):
        if invoice.subscription_id == subscription.id and invoice.status == "open":
            await store.put_invoice(conn, replace(invoice, status="uncollectible"))
            await _tell_invoice(conn, invoice, "marked_uncollectible", now)
    await tell(conn, ended, "deleted", now)
    return ended


async def _go_on(conn: Connection, subscription: Subscription) -> None:
    """The card was charged: another period begins where the last one ended."""
    if subscription.status == "past_due":
        await pay_what_is_open(conn, subscription.customer_id, subscription.period_end)
        return
    await _bill(conn, subscription, subscription.period_end, is_paid=True)
    await _prolong(conn, subscription)


async def _prolong(conn: Connection, subscription: Subscription) -> None:
    start = subscription.period_end
    next_end = add_months(start, MONTHS[subscription.every])
    renewed = replace(subscription, status="active", period_start=start, period_end=next_end)
    await store.put_subscription(conn, renewed)
    await tell(conn, renewed, "updated", start)


async def _fall_behind(conn: Connection, subscription: Subscription) -> None:
    behind = replace(subscription, status="past_due")
    await store.put_subscription(conn, behind)
    await _bill(conn, behind, subscription.period_end, is_paid=False)
    await tell(conn, behind, "updated", subscription.period_end)


async def _bill(conn: Connection, subscription: Subscription, now: dt.datetime, *, is_paid: bool) -> None:
    invoice = Invoice(
        id=new_id("in"),
        customer_id=subscription.customer_id,
        subscription_id=subscription.id,
        amount_minor=subscription.amount_minor,
        currency=subscription.currency,
        status="paid" if is_paid else "open",
        issued_at=now,
        paid_at=now if is_paid else None,
    )
    await store.put_invoice(conn, invoice)
    await _tell_invoice(conn, invoice, "paid" if is_paid else "payment_failed", now)


async def _tell_invoice(conn: Connection, invoice: Invoice, what: str, now: dt.datetime) -> None:
    await announce(conn, now, f"invoice.{what}", object_id=invoice.id, customer_id=invoice.customer_id)
