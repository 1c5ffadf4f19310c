"""The tokens that a plan gives each month: once per person, plan and month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.billing import store
from server.billing.service import instant
from server.kit.clock import add_months
from server.tokens import service as tokens

if TYPE_CHECKING:
    import datetime as dt

    from server.billing.store import SubscriptionRow
    from server.kit.db import Connection


def month_of(start: dt.datetime, end: dt.datetime, now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """The month of a period that `now` falls in; before the period its first, after it its last."""
    months = 0
    while (following := add_months(start, months + 1)) <= now and following < end:
        months += 1
    return add_months(start, months), min(end, add_months(start, months + 1))


async def grant_month(conn: Connection, row: SubscriptionRow, now_s: float) -> bool:
    """Give the tokens of this month, if the subscription is in order; may be called again."""
    plan = await store.find_plan(conn, row.plan)
    assert plan is not None
    if row.status not in {"active", "trialing"} or plan.monthly_tokens == 0:
        return False
    start, end = month_of(row.period_start, row.period_end, instant(now_s))
    await tokens.credit(
        conn,
        row.user_id,
        "granted",
        plan.monthly_tokens,
        key=f"plan:{row.user_id}:{plan.name}:{start:%Y-%m-%d}",
        reason=f"{plan.title}: the tokens of this month",
        expires_at=end,
    )
    return True
