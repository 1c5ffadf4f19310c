"""What is done for billing by the clock: trials end and are announced, months begin, old answers go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

from server.billing import store
from server.billing.grants import grant_month
from server.billing.service import instant
from server.billing.trials import Trials
from server.kit import events
from server.kit.idempotency import forget_old
from server.kit.jobs import Schedule

if TYPE_CHECKING:
    from server.kit.jobs import Work

log = structlog.stdlib.get_logger("soundwell.billing")


async def look_after_trials(work: Work) -> None:
    """Tell whose trial is over, and write to whose trial soon will be."""
    trials = Trials(work, work.settings.public_url)
    reminded, ended = await trials.remind_due(), await trials.end_due()
    log.info("trials looked after", reminded=reminded, ended=ended)


async def grant_months(work: Work) -> None:
    """Give this month's tokens to who pays by the year; what was given already is not given again."""
    now_s = work.clock.now()
    async with work.db.connection() as conn:
        paid = await store.list_running(conn)
    for row in paid:
        async with work.db.transaction() as conn:
            await grant_month(conn, row, now_s)
        await events.notify(work.bus, row.user_id)


async def forget_answers(work: Work) -> None:
    """Answers to requests of more than a day ago."""
    async with work.db.connection() as conn:
        await forget_old(conn, instant(work.clock.now()))


SCHEDULES: Final = (
    Schedule("look after trials", "*/5 * * * *", look_after_trials),
    Schedule("grant months", "23 * * * *", grant_months),
    Schedule("forget answers", "37 * * * *", forget_answers),
)
