"""Decisions about plans: what a person's plan is, and whether they may use a feature."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from server.billing import store
from server.kit import events
from server.kit.errors import UpgradeRequired
from server.tokens import service as tokens

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.billing.store import PlanRow, SubscriptionRow
    from server.kit.db import Connection, Database

TOPIC: Final = "billing"
UPDATED: Final = "billing.updated"
FREE: Final = "free"
TRIAL: Final = "trial"


@dataclass(frozen=True, slots=True)
class Entitlements:
    """What a person has, and what it includes."""

    plan: PlanRow
    standing: SubscriptionRow | None
    """What gives them the plan; None: the free plan needs nothing."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Why somebody may use a feature."""

    via: Literal["plan", "tokens", "order"]
    left: int | None
    """How often or how much still, by the plan's limit; None: nothing is counted."""


async def plan_of(conn: Connection, user_id: UUID, now_s: float) -> str:
    """The name of a person's plan: `trial` counts as pro and ends by the clock alone."""
    standing = await store.find_standing(conn, user_id, instant(now_s))
    return FREE if standing is None else standing.plan


async def entitlements_of(conn: Connection, user_id: UUID, now_s: float) -> Entitlements:
    """A person's plan, and what gives it to them."""
    standing = await store.find_standing(conn, user_id, instant(now_s))
    plan = await store.find_plan(conn, FREE if standing is None else standing.plan)
    assert plan is not None
    return Entitlements(plan, standing)


async def allow(
    conn: Connection,
    user_id: UUID,
    feature: str,
    *,
    now_s: float,
    used: int = 0,
    price_tokens: int | None = None,
    order_id: UUID | None = None,
) -> Grant:
    """Whether a person may use a feature: by their plan, else for tokens, else for an order that is paid.

    `used` is how much of the plan's limit is gone. Tokens are only looked at: who uses the feature reserves
    them in the same transaction. Raises UpgradeRequired, which names the feature.
    """
    entitlements = await entitlements_of(conn, user_id, now_s)
    limits = entitlements.plan.limits
    if feature in limits:
        limit = limits[feature]
        if limit is None or used < limit:
            return Grant("plan", None if limit is None else limit - used)
    if price_tokens is not None and (await tokens.balance_of(conn, user_id)).available >= price_tokens:
        return Grant("tokens", None)
    if order_id is not None and await store.has_paid_order(conn, user_id, order_id):
        return Grant("order", None)
    raise UpgradeRequired(feature=feature)


def describe(entitlements: Entitlements) -> dict[str, Any]:
    """What a page is told of a person's plan, by event, snapshot and route."""
    plan, standing = entitlements.plan, entitlements.standing
    return {
        "plan": plan.name,
        "title": plan.title,
        "entitlements": dict(plan.limits),
        "status": "none" if standing is None else standing.status,
        "period_end": None if standing is None else standing.period_end.timestamp(),
        "cancel_at_period_end": standing is not None and standing.cancel_at_period_end,
        "trial_ends": standing.period_end.timestamp() if standing and standing.plan == TRIAL else None,
    }


async def tell(conn: Connection, user_id: UUID, now_s: float) -> None:
    """Append the event of a change: the last step of its transaction."""
    data = describe(await entitlements_of(conn, user_id, now_s))
    await events.append(conn, user_id, TOPIC, UPDATED, data)


async def snapshot(database: Database, user_id: UUID, now_s: float) -> Mapping[str, Any]:
    """A person's plan, for a reader who begins without the event log."""
    async with database.connection() as conn:
        return describe(await entitlements_of(conn, user_id, now_s))


def instant(now_s: float) -> dt.datetime:
    """Unix seconds as the database has them."""
    return dt.datetime.fromtimestamp(now_s, dt.UTC)
