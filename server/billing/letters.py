"""The mails of billing: what each says, and where its one link leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.providers.letters import Action, compose
from server.providers.post import Letter, post

if TYPE_CHECKING:
    import datetime as dt

    from server.accounts.service import Contact
    from server.billing.store import SubscriptionRow
    from server.kit.db import Connection

PLAN_PAGE = "/#account"


async def tell_cancelled(conn: Connection, to: Contact, row: SubscriptionRow, page_url: str) -> None:
    """A cancellation, confirmed: until when it can be used, and that nothing more is charged."""
    await _post(
        conn,
        to,
        subject=f"Your plan is cancelled; it runs until {day(row.period_end)}",
        paragraphs=(
            f"You keep everything until {day(row.period_end)}.",
            "After that day nothing more is charged, and you have the free plan. What you made stays yours.",
            "If it was a mistake, you can take it back until then.",
        ),
        action=Action("Look at my plan", f"{page_url}{PLAN_PAGE}"),
    )


async def remind_of_trial(conn: Connection, to: Contact, trial: SubscriptionRow, page_url: str) -> None:
    """Two days before the trial ends: what ends then, and that nothing is charged."""
    await _post(
        conn,
        to,
        subject=f"Your trial ends on {day(trial.period_end)}",
        paragraphs=(
            f"Until {day(trial.period_end)} you have everything that Pro includes.",
            "Then you have the free plan: some minutes of sound each day, and all that you made.",
            "Nothing is charged unless you choose a plan yourself.",
        ),
        action=Action("See the plans", f"{page_url}{PLAN_PAGE}"),
    )


def day(moment: dt.datetime) -> str:
    """`5 December 2026`."""
    return f"{moment:%-d %B %Y}"


async def _post(
    conn: Connection, to: Contact, *, subject: str, paragraphs: tuple[str, ...], action: Action
) -> None:
    body = compose(subject, paragraphs, action=action)
    letter = Letter(to.email, subject, body.text, body.html, principal_id=to.user_id)
    await post(conn, letter)
