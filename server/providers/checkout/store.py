"""The books of the stand-in: all SQL on its own tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, cast

if TYPE_CHECKING:
    import datetime as dt

    from server.kit.db import Connection
    from server.providers.payments import Every

    Instant = dt.datetime

FURTHEST_S: Final = 100 * 365 * 86_400.0
"""A clock that somebody moves stays in times that a calendar knows."""


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who pays, and the card that is on file."""

    id: str
    email: str
    card: str
    """The last four digits, empty without one."""
    is_good_card: bool
    """Whether charging it will work."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A payment page that was asked for."""

    id: str
    customer_id: str
    label: str
    price_id: str
    amount_minor: int
    currency: str
    every: Every
    reference: str
    success_url: str
    cancel_url: str
    is_done: bool
    created_at: Instant


@dataclass(frozen=True, slots=True)
class Portal:
    """A page where a customer looks after cards and subscriptions."""

    id: str
    customer_id: str
    return_url: str
    created_at: Instant


@dataclass(frozen=True, slots=True)
class Subscription:
    """What renews itself."""

    id: str
    customer_id: str
    price_id: str
    label: str
    amount_minor: int
    currency: str
    every: Every
    status: Literal["active", "past_due", "ended"]
    period_start: Instant
    period_end: Instant
    cancel_at_period_end: bool
    ended_at: Instant | None


@dataclass(frozen=True, slots=True)
class Invoice:
    """A bill for one period."""

    id: str
    customer_id: str
    subscription_id: str
    amount_minor: int
    currency: str
    status: Literal["open", "paid", "uncollectible"]
    issued_at: Instant
    paid_at: Instant | None


@dataclass(frozen=True, slots=True)
class Payment:
    """Money for something that is bought once."""

    id: str
    customer_id: str
    reference: str
    amount_minor: int
    currency: str
    status: Literal["paid", "failed"]
    refunded_minor: int
    is_disputed: bool


_CUSTOMER = "id, email, card, is_good_card"
_CHECKOUT = (
    "id, customer_id, label, price_id, amount_minor, currency, every, reference, success_url, cancel_url, "
    "is_done, created_at"
)
_SUBSCRIPTION = (
    "id, customer_id, price_id, label, amount_minor, currency, every, status, period_start, period_end, "
    "cancel_at_period_end, ended_at"
)
_INVOICE = "id, customer_id, subscription_id, amount_minor, currency, status, issued_at, paid_at"
_PAYMENT = "id, customer_id, reference, amount_minor, currency, status, refunded_minor, is_disputed"


async def read_ahead_s(conn: Connection) -> float:
    """How far the stand-in's clock was moved."""
    return cast("float", await conn.fetchval("SELECT ahead_s FROM local_clock"))


async def move_clock(conn: Connection, seconds: float) -> float:
    """Move it on, and return how far ahead it is in all."""
    return cast(
        "float",
        await conn.fetchval(
            "UPDATE local_clock SET ahead_s = least(ahead_s + $1, $2) RETURNING ahead_s", seconds, FURTHEST_S
        ),
    )


async def insert_customer(conn: Connection, customer_id: str, email: str, key: str) -> str:
    """The id of a new customer, or of the one that was made with this key."""
    return cast(
        "str",
        await conn.fetchval(
            """INSERT INTO local_customers (id, idempotency_key, email) VALUES ($1, $2, $3)
               ON CONFLICT (idempotency_key) DO UPDATE SET email = EXCLUDED.email RETURNING id""",
            customer_id,
            key,
            email,
        ),
    )


async def lock_customer(conn: Connection, customer_id: str) -> Customer | None:
    """The customer, whom nobody else changes before the end of the transaction."""
    row = await conn.fetchrow(
        f"SELECT {_CUSTOMER} FROM local_customers WHERE id = $1 FOR UPDATE",  # noqa: S608 - own constant
        customer_id,
    )
    return None if row is None else Customer(**row)


async def set_card(conn: Connection, customer_id: str, card: str, *, is_good: bool) -> None:
    """Put another card on file."""
    await conn.execute(
        "UPDATE local_customers SET card = $2, is_good_card = $3 WHERE id = $1", customer_id, card, is_good
    )


async def insert_checkout(conn: Connection, checkout: Checkout, key: str) -> str:
    """The id of a new page, or of the one that was made with this key."""
    return cast(
        "str",
        await conn.fetchval(
            f"""INSERT INTO local_checkouts ({_CHECKOUT}, idempotency_key)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                ON CONFLICT (idempotency_key) DO UPDATE SET idempotency_key = EXCLUDED.idempotency_key
                RETURNING id""",  # noqa: S608 - own constant
            checkout.id,
            checkout.customer_id,
            checkout.label,
            checkout.price_id,
            checkout.amount_minor,
            checkout.currency,
            checkout.every,
            checkout.reference,
            checkout.success_url,
            checkout.cancel_url,
            checkout.is_done,
            checkout.created_at,
            key,
        ),
    )


async def lock_checkout(conn: Connection, checkout_id: str) -> Checkout | None:
    """The page, that only one request may complete."""
    row = await conn.fetchrow(
        f"SELECT {_CHECKOUT} FROM local_checkouts WHERE id = $1 FOR UPDATE",  # noqa: S608 - own constant
        checkout_id,
    )
    return None if row is None else Checkout(**row)


async def finish_checkout(conn: Connection, checkout_id: str) -> None:
    """It has been paid."""
    await conn.execute("UPDATE local_checkouts SET is_done = true WHERE id = $1", checkout_id)


async def insert_portal(conn: Connection, portal: Portal) -> None:
    """Open the portal to a customer."""
    await conn.execute(
        "INSERT INTO local_portals (id, customer_id, return_url, created_at) VALUES ($1, $2, $3, $4)",
        portal.id,
        portal.customer_id,
        portal.return_url,
        portal.created_at,
    )


async def find_portal(conn: Connection, portal_id: str) -> Portal | None:
    """The opened portal, if there is one of this name."""
    row = await conn.fetchrow(
        "SELECT id, customer_id, return_url, created_at FROM local_portals WHERE id = $1", portal_id
    )
    return None if row is None else Portal(**row)


async def put_subscription(conn: Connection, subscription: Subscription) -> None:
    """A new subscription, or a new state of one."""
    await conn.execute(
        f"""INSERT INTO local_subscriptions ({_SUBSCRIPTION})
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            ON CONFLICT (id) DO UPDATE SET price_id = $3, label = $4, amount_minor = $5, currency = $6,
                every = $7, status = $8, period_start = $9, period_end = $10, cancel_at_period_end = $11,
                ended_at = $12""",  # noqa: S608 - own constant
        subscription.id,
        subscription.customer_id,
        subscription.price_id,
        subscription.label,
        subscription.amount_minor,
        subscription.currency,
        subscription.every,
        subscription.status,
        subscription.period_start,
        subscription.period_end,
        subscription.cancel_at_period_end,
        subscription.ended_at,
    )


async def find_subscription(
    conn: Connection, subscription_id: str, *, locked: bool = False
) -> Subscription | None:
    """A subscription; locked, if it is to be changed."""
    row = await conn.fetchrow(
        f"SELECT {_SUBSCRIPTION} FROM local_subscriptions WHERE id = $1"  # noqa: S608 - own constant
        + (" FOR UPDATE" if locked else ""),
        subscription_id,
    )
    return None if row is None else Subscription(**row)


async def list_subscriptions(conn: Connection, customer_id: str) -> list[Subscription]:
    """What a customer has, newest period first."""
    rows = await conn.fetch(
        f"""SELECT {_SUBSCRIPTION} FROM local_subscriptions WHERE customer_id = $1
            ORDER BY status = 'ended', period_end DESC, id""",  # noqa: S608 - own constant
        customer_id,
    )
    return [Subscription(**row) for row in rows]


async def find_due(conn: Connection, now: Instant, patient_since: Instant) -> Subscription | None:
    """One subscription that has a step to take: its period is over, and it does not wait for a card."""
    row = await conn.fetchrow(
        f"""SELECT {_qualified(_SUBSCRIPTION)} FROM local_subscriptions AS s
            JOIN local_customers AS c ON c.id = s.customer_id
            WHERE s.status <> 'ended' AND s.period_end <= $1
              AND (s.status = 'active' OR s.cancel_at_period_end OR c.is_good_card OR s.period_end <= $2)
            ORDER BY s.period_end, s.id LIMIT 1""",  # noqa: S608 - own constant
        now,
        patient_since,
    )
    return None if row is None else Subscription(**row)


async def put_invoice(conn: Connection, invoice: Invoice) -> None:
    """A new bill, or a new state of one."""
    await conn.execute(
        f"""INSERT INTO local_invoices ({_INVOICE}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (id) DO UPDATE SET status = $6, paid_at = $8""",  # noqa: S608 - own constant
        invoice.id,
        invoice.customer_id,
        invoice.subscription_id,
        invoice.amount_minor,
        invoice.currency,
        invoice.status,
        invoice.issued_at,
        invoice.paid_at,
    )


async def find_invoice(conn: Connection, invoice_id: str) -> Invoice | None:
    """One bill."""
    row = await conn.fetchrow(
        f"SELECT {_INVOICE} FROM local_invoices WHERE id = $1",  # noqa: S608 - own constant
        invoice_id,
    )
    return None if row is None else Invoice(**row)


async def list_invoices(conn: Connection, customer_id: str) -> list[Invoice]:
    """All bills of a customer, newest first."""
    rows = await conn.fetch(
        f"""SELECT {_INVOICE} FROM local_invoices WHERE customer_id = $1
            ORDER BY issued_at DESC, id""",  # noqa: S608 - own constant
        customer_id,
    )
    return [Invoice(**row) for row in rows]


async def put_payment(conn: Connection, payment: Payment) -> None:
    """A new payment, or a new state of one."""
    await conn.execute(
        f"""INSERT INTO local_payments ({_PAYMENT}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (id) DO UPDATE SET status = $6, refunded_minor = $7,
                is_disputed = $8""",  # noqa: S608 - own constant
        payment.id,
        payment.customer_id,
        payment.reference,
        payment.amount_minor,
        payment.currency,
        payment.status,
        payment.refunded_minor,
        payment.is_disputed,
    )


async def find_payment(conn: Connection, payment_id: str, *, locked: bool = False) -> Payment | None:
    """A payment; locked, if it is to be changed."""
    row = await conn.fetchrow(
        f"SELECT {_PAYMENT} FROM local_payments WHERE id = $1"  # noqa: S608 - own constant
        + (" FOR UPDATE" if locked else ""),
        payment_id,
    )
    return None if row is None else Payment(**row)


def _qualified(columns: str) -> str:
    return ", ".join(f"s.{column}" for column in columns.split(", "))
