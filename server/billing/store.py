"""The SQL of billing: plans, customers, subscriptions, invoices and orders."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kit.db import Connection
    from server.providers.payments import InvoiceStatus, RemoteInvoice, RemoteSubscription

OrderKind = Literal["subscription", "token_pack", "song"]
OrderStatus = Literal["pending", "paid", "failed", "refunded"]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """What a plan includes."""

    name: str
    title: str
    rank: int
    monthly_tokens: int
    limits: Mapping[str, int | None]
    """By feature; None: nothing is counted."""


@dataclass(frozen=True, slots=True)
class PriceRow:
    """What a plan costs."""

    id: str
    plan: str
    every: Literal["month", "year"]
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """A subscription as we last took it over, or a trial."""

    id: UUID
    user_id: UUID
    provider: str | None
    """None: a trial."""
    remote_id: str | None
    plan: str
    price_id: str | None
    status: str
    period_start: dt.datetime
    period_end: dt.datetime
    cancel_at_period_end: bool
    cancel_reason: str
    created_at: dt.datetime
    ended_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice as we last took it over."""

    id: UUID
    amount_minor: int
    currency: str
    status: InvoiceStatus
    url: str
    issued_at: dt.datetime
    paid_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class OrderRow:
    """What somebody began to buy, at the price of that moment."""

    id: UUID
    user_id: UUID
    kind: OrderKind
    provider: str
    item: str
    tokens: int | None
    amount_minor: int
    currency: str
    status: OrderStatus
    payment_id: str | None
    refunded_minor: int
    created_at: dt.datetime


_PLAN = "name, title, rank, monthly_tokens, limits"
_PRICE = "id, plan, every, amount_minor, currency"
_SUBSCRIPTION = (
    "id, user_id, provider, remote_id, plan, price_id, status, period_start, period_end, "
    "cancel_at_period_end, cancel_reason, created_at, ended_at"
)
_INVOICE = "id, amount_minor, currency, status, url, issued_at, paid_at"
_ORDER = (
    "id, user_id, kind, provider, item, tokens, amount_minor, currency, status, payment_id, "
    "refunded_minor, created_at"
)
_CURRENT = "status IN ('active', 'past_due')"


async def list_plans(conn: Connection) -> list[PlanRow]:
    """From the least to the most."""
    rows = await conn.fetch(f"SELECT {_PLAN} FROM plans ORDER BY rank")  # noqa: S608 - own constant
    return [PlanRow(**row) for row in rows]


async def list_prices(conn: Connection) -> list[PriceRow]:
    """By plan, months before years."""
    rows = await conn.fetch(
        f"SELECT {_PRICE} FROM prices ORDER BY plan, every, currency"  # noqa: S608 - own constant
    )
    return [PriceRow(**row) for row in rows]


async def find_price(conn: Connection, price_id: str) -> PriceRow | None:
    """One price."""
    row = await conn.fetchrow(
        f"SELECT {_PRICE} FROM prices WHERE id = $1",  # noqa: S608 - own constant
        price_id,
    )
    return None if row is None else PriceRow(**row)


async def find_plan(conn: Connection, name: str) -> PlanRow | None:
    """One plan."""
    row = await conn.fetchrow(f"SELECT {_PLAN} FROM plans WHERE name = $1", name)  # noqa: S608 - own constant
    return None if row is None else PlanRow(**row)


async def find_standing(conn: Connection, user_id: UUID, now: dt.datetime) -> SubscriptionRow | None:
    """What gives a person their plan now: of several the greatest; a trial counts while it lasts."""
    row = await conn.fetchrow(
        f"""SELECT {_qualified(_SUBSCRIPTION)} FROM subscriptions AS s JOIN plans AS p ON p.name = s.plan
            WHERE s.user_id = $1 AND (s.status IN ('active', 'past_due')
                OR (s.status = 'trialing' AND s.period_end > $2))
            ORDER BY p.rank DESC, s.period_end DESC, s.id LIMIT 1""",  # noqa: S608 - own constants
        user_id,
        now,
    )
    return None if row is None else SubscriptionRow(**row)


async def find_paid(conn: Connection, user_id: UUID) -> SubscriptionRow | None:
    """The running subscription that a provider keeps."""
    row = await conn.fetchrow(
        f"""SELECT {_SUBSCRIPTION} FROM subscriptions WHERE user_id = $1 AND {_CURRENT}
            ORDER BY created_at DESC, id DESC LIMIT 1""",  # noqa: S608 - own constants
        user_id,
    )
    return None if row is None else SubscriptionRow(**row)


async def list_paid(conn: Connection, user_id: UUID) -> list[SubscriptionRow]:
    """All running subscriptions that providers keep; one is the rule."""
    rows = await conn.fetch(
        f"SELECT {_SUBSCRIPTION} FROM subscriptions WHERE user_id = $1 AND {_CURRENT}",  # noqa: S608 - own constants
        user_id,
    )
    return [SubscriptionRow(**row) for row in rows]


async def list_running(conn: Connection) -> list[SubscriptionRow]:
    """Every subscription that is paid for now."""
    rows = await conn.fetch(
        f"SELECT {_SUBSCRIPTION} FROM subscriptions WHERE status = 'active' ORDER BY id"  # noqa: S608 - own constant
    )
    return [SubscriptionRow(**row) for row in rows]


async def forget_words(conn: Connection, user_id: UUID) -> None:
    """What a person wrote goes with them; what they paid stays."""
    await conn.execute("UPDATE subscriptions SET cancel_reason = '' WHERE user_id = $1", user_id)


async def export_rows(
    conn: Connection, table: Literal["subscriptions", "invoices", "orders"], user_id: UUID
) -> list[dict[str, Any]]:
    """All of a person's rows of a table, as JSON."""
    rows = await conn.fetch(
        f"""SELECT to_jsonb(t) - 'user_id' AS row FROM {table} AS t
            WHERE t.user_id = $1 ORDER BY t.id""",  # noqa: S608 - one of three names
        user_id,
    )
    return [row["row"] for row in rows]


async def list_subscriptions(conn: Connection, user_id: UUID) -> list[SubscriptionRow]:
    """All that a person ever had, newest first."""
    rows = await conn.fetch(
        f"""SELECT {_SUBSCRIPTION} FROM subscriptions WHERE user_id = $1
            ORDER BY created_at DESC, id DESC""",  # noqa: S608 - own constant
        user_id,
    )
    return [SubscriptionRow(**row) for row in rows]


async def find_subscription(conn: Connection, provider: str, remote_id: str) -> SubscriptionRow | None:
    """Our copy of a provider's subscription."""
    row = await conn.fetchrow(
        f"SELECT {_SUBSCRIPTION} FROM subscriptions WHERE provider = $1 AND remote_id = $2",  # noqa: S608 - own constant
        provider,
        remote_id,
    )
    return None if row is None else SubscriptionRow(**row)


async def put_subscription(
    conn: Connection, provider: str, user_id: UUID, remote: RemoteSubscription, plan: str, now: dt.datetime
) -> None:
    """Make our copy what the provider has."""
    await conn.execute(
        """INSERT INTO subscriptions (id, user_id, provider, remote_id, plan, price_id, status, period_start,
                                      period_end, cancel_at_period_end, created_at, ended_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
           ON CONFLICT (provider, remote_id) DO UPDATE SET plan = $5, price_id = $6, status = $7,
               period_start = $8, period_end = $9, cancel_at_period_end = $10, ended_at = $12,
               cancel_reason = CASE WHEN $10 THEN subscriptions.cancel_reason ELSE '' END""",
        uuid.uuid4(),
        user_id,
        provider,
        remote.id,
        plan,
        remote.price_id,
        remote.status,
        _instant(remote.period_start_s),
        _instant(remote.period_end_s),
        remote.cancel_at_period_end,
        now,
        None if remote.ended_at_s is None else _instant(remote.ended_at_s),
    )


async def set_cancel_reason(conn: Connection, subscription_id: UUID, reason: str) -> None:
    """Why somebody goes, in their words."""
    await conn.execute("UPDATE subscriptions SET cancel_reason = $2 WHERE id = $1", subscription_id, reason)


async def insert_trial(conn: Connection, user_id: UUID, start: dt.datetime, end: dt.datetime) -> bool:
    """Begin a trial; whether this was the first."""
    made = await conn.fetchval(
        """INSERT INTO subscriptions (id, user_id, plan, status, period_start, period_end, created_at)
           VALUES ($1, $2, 'trial', 'trialing', $3, $4, $3)
           ON CONFLICT (user_id) WHERE provider IS NULL DO NOTHING RETURNING true""",
        uuid.uuid4(),
        user_id,
        start,
        end,
    )
    return made is True


async def take_over_trial(conn: Connection, now: dt.datetime) -> SubscriptionRow | None:
    """Close the books of one trial that is over, and return it."""
    row = await conn.fetchrow(
        f"""UPDATE subscriptions SET ended_at = period_end WHERE id = (
                SELECT id FROM subscriptions WHERE provider IS NULL AND ended_at IS NULL AND period_end <= $1
                ORDER BY period_end LIMIT 1 FOR UPDATE SKIP LOCKED
            ) RETURNING {_SUBSCRIPTION}""",  # noqa: S608 - own constant
        now,
    )
    return None if row is None else SubscriptionRow(**row)


async def remind_trial(
    conn: Connection, now: dt.datetime, ends_before: dt.datetime
) -> SubscriptionRow | None:
    """One running trial that ends soon and whose owner was not told."""
    row = await conn.fetchrow(
        f"""UPDATE subscriptions SET reminded_at = $1 WHERE id = (
                SELECT id FROM subscriptions
                WHERE provider IS NULL AND ended_at IS NULL AND reminded_at IS NULL
                  AND period_end > $1 AND period_end <= $2
                ORDER BY period_end LIMIT 1 FOR UPDATE SKIP LOCKED
            ) RETURNING {_SUBSCRIPTION}""",  # noqa: S608 - own constant
        now,
        ends_before,
    )
    return None if row is None else SubscriptionRow(**row)


async def find_customer(conn: Connection, provider: str, user_id: UUID) -> str | None:
    """Who a person is to a provider."""
    return cast(
        "str | None",
        await conn.fetchval(
            "SELECT customer_id FROM payment_customers WHERE provider = $1 AND user_id = $2",
            provider,
            user_id,
        ),
    )


async def put_customer(conn: Connection, provider: str, user_id: UUID, customer_id: str) -> None:
    """Remember who a person is to a provider."""
    await conn.execute(
        """INSERT INTO payment_customers (provider, user_id, customer_id) VALUES ($1, $2, $3)
           ON CONFLICT (provider, user_id) DO UPDATE SET customer_id = EXCLUDED.customer_id""",
        provider,
        user_id,
        customer_id,
    )


async def lock_customer(conn: Connection, provider: str, customer_id: str) -> UUID | None:
    """Whose customer id this is; nobody else sets anything of theirs before the end of the transaction."""
    return cast(
        "UUID | None",
        await conn.fetchval(
            """SELECT user_id FROM payment_customers WHERE provider = $1 AND customer_id = $2 FOR UPDATE""",
            provider,
            customer_id,
        ),
    )


async def lock_payer(conn: Connection, provider: str, payment_id: str) -> UUID | None:
    """Whose order was paid so; as `lock_customer`, for what names a payment and nobody."""
    return cast(
        "UUID | None",
        await conn.fetchval(
            """SELECT c.user_id FROM payment_customers AS c
               JOIN orders AS o ON o.user_id = c.user_id AND o.provider = c.provider
               WHERE o.provider = $1 AND o.payment_id = $2 FOR UPDATE OF c""",
            provider,
            payment_id,
        ),
    )


async def put_invoice(conn: Connection, provider: str, user_id: UUID, remote: RemoteInvoice) -> bool:
    """Make our copy what the provider has; whether it was another."""
    changed = await conn.fetchval(
        """INSERT INTO invoices AS i
               (id, user_id, provider, remote_id, amount_minor, currency, status, url, issued_at, paid_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
           ON CONFLICT (provider, remote_id) DO UPDATE
               SET amount_minor = $5, currency = $6, status = $7, url = $8, issued_at = $9, paid_at = $10
               WHERE (i.amount_minor, i.currency, i.status, i.url, i.issued_at, i.paid_at)
                   IS DISTINCT FROM ($5, $6, $7, $8, $9, $10)
           RETURNING true""",
        uuid.uuid4(),
        user_id,
        provider,
        remote.id,
        remote.amount_minor,
        remote.currency,
        remote.status,
        remote.url,
        _instant(remote.issued_at_s),
        None if remote.paid_at_s is None else _instant(remote.paid_at_s),
    )
    return changed is True


async def list_invoices(
    conn: Connection, user_id: UUID, after: tuple[dt.datetime, UUID] | None, limit: int
) -> list[InvoiceRow]:
    """Newest first, behind a place in that order."""
    rows = await conn.fetch(
        f"""SELECT {_INVOICE} FROM invoices
            WHERE user_id = $1 AND ($2::timestamptz IS NULL OR (issued_at, id) < ($2, $3))
            ORDER BY issued_at DESC, id DESC LIMIT $4""",  # noqa: S608 - own constant
        user_id,
        *(after or (None, None)),
        limit,
    )
    return [InvoiceRow(**row) for row in rows]


async def insert_order(conn: Connection, order: OrderRow) -> None:
    """Somebody begins to buy."""
    await conn.execute(
        f"""INSERT INTO orders ({_ORDER})
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)""",  # noqa: S608 - own constant
        order.id,
        order.user_id,
        order.kind,
        order.provider,
        order.item,
        order.tokens,
        order.amount_minor,
        order.currency,
        order.status,
        order.payment_id,
        order.refunded_minor,
        order.created_at,
    )


async def find_order(conn: Connection, order_id: UUID) -> OrderRow | None:
    """One order."""
    row = await conn.fetchrow(f"SELECT {_ORDER} FROM orders WHERE id = $1", order_id)  # noqa: S608 - own constant
    return None if row is None else OrderRow(**row)


async def set_order(
    conn: Connection,
    order: OrderRow,
    status: OrderStatus,
    payment_id: str,
    refunded_minor: int,
    now: dt.datetime,
) -> None:
    """What became of it."""
    await conn.execute(
        """UPDATE orders SET status = $2, payment_id = $3, refunded_minor = $4,
                  paid_at = CASE WHEN $2 IN ('paid', 'refunded') THEN coalesce(paid_at, $5) ELSE paid_at END
           WHERE id = $1""",
        order.id,
        status,
        payment_id,
        refunded_minor,
        now,
    )


async def has_paid_order(conn: Connection, user_id: UUID, order_id: UUID) -> bool:
    """Whether this is an own order that is paid and not given back."""
    found = await conn.fetchval(
        "SELECT true FROM orders WHERE id = $2 AND user_id = $1 AND status = 'paid'", user_id, order_id
    )
    return found is True


def _instant(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def _qualified(columns: str) -> str:
    return ", ".join(f"s.{column}" for column in columns.split(", "))
