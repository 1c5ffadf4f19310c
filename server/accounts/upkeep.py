"""What is done for accounts by the clock: old links, logins and audit lines go."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import structlog

from server.accounts import login_store
from server.kit import audit
from server.kit.jobs import Schedule

if TYPE_CHECKING:
    from server.kit.jobs import Work

log = structlog.stdlib.get_logger("soundwell.accounts")


async def trim(work: Work) -> None:
    """Retention, as the settings have it."""
    async with work.db.transaction() as conn:
        ended = await login_store.trim(conn, dt.datetime.fromtimestamp(work.clock.now(), dt.UTC))
        lines = await audit.trim(conn, work.settings.audit_keep_days)
    log.info("accounts trimmed", ended=ended, audit_lines=lines)


SCHEDULES: Final = (Schedule("trim accounts", "41 3 * * *", trim),)
