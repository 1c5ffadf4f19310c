"""Work by the clock, on PgQueuer: each due run happens once, however many workers there are."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from pgqueuer import PgQueuer

from server.kit import events
from server.kit.bus import Bus
from server.kit.clock import Clock
from server.kit.db import AWAY, Database, plain_pool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from pgqueuer.models import Schedule as DueRun

    from server.kit.settings import Settings

RETRY_S = 1.0

log = structlog.stdlib.get_logger("soundwell.jobs")


@dataclass(frozen=True, slots=True)
class Work:
    """What a scheduled function may use."""

    settings: Settings
    db: Database
    bus: Bus
    clock: Clock


@dataclass(frozen=True, slots=True)
class Schedule:
    """One thing to do again and again; it may be done twice, so it must not mind."""

    name: str
    cron: str
    """Five fields, UTC."""
    run: Callable[[Work], Awaitable[None]]


async def trim_events(work: Work) -> None:
    """Retention of the event log."""
    settings = work.settings
    gone = await events.trim(
        work.db, keep_days=settings.events_keep_days, keep_rows=settings.events_keep_rows
    )
    log.info("events trimmed", rows=gone)


FLOOR_SCHEDULES = (Schedule("trim events", "17 * * * *", trim_events),)


async def run_worker(settings: Settings, schedules: Sequence[Schedule] = ()) -> None:
    """The worker process: the floor's schedules and those of the slices, until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with _resources(settings) as work:
        while not stop.is_set():
            try:
                await run_schedules(work, (*FLOOR_SCHEDULES, *schedules), stop)
            except AWAY as error:
                log.warning("database away", error=str(error))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), RETRY_S)


async def run_schedules(work: Work, schedules: Sequence[Schedule], stop: asyncio.Event) -> None:
    """Run what is due until `stop`; what runs then is finished first."""
    pool = await plain_pool(work.settings.database_url)
    try:
        queuer = PgQueuer.from_asyncpg_pool(pool)
        queuer.sm.shutdown = stop
        for schedule in schedules:
            queuer.schedule(schedule.name, schedule.cron)(_bound(schedule, work))
        await queuer.sm.run()
    finally:
        await pool.close()


def _bound(schedule: Schedule, work: Work) -> Callable[[DueRun], Awaitable[None]]:
    async def run(_: DueRun) -> None:
        await schedule.run(work)

    return run


@contextlib.asynccontextmanager
async def _resources(settings: Settings) -> AsyncIterator[Work]:
    db = await Database.connect(settings.database_url, connections=settings.database_connections)
    bus = await Bus.connect(settings.redis_url)
    try:
        yield Work(settings, db, bus, Clock())
    finally:
        await bus.close()
        await db.close()
