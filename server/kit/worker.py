"""The process that does the jobs and what is due by the clock, on PgQueuer; any number of them share both."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from pgqueuer import PgQueuer
from pgqueuer.errors import FailingListenerError, RetryRequested

from server.kit import events
from server.kit.bus import Bus
from server.kit.clock import Clock
from server.kit.db import AWAY, Database, close_pool, plain_pool
from server.kit.errors import Unavailable
from server.kit.jobs import Schedule, Work, count_attempts, trim_log

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from pgqueuer.models import Job as DueJob
    from pgqueuer.models import Schedule as DueRun

    from server.kit.jobs import Job
    from server.kit.settings import Settings

RETRY_S = 1.0
LOST_AFTER_S = 6.0
"""A worker that says nothing for so long is dead, and its jobs are taken up by another."""
POLL_S = 1.0
"""How often it looks for what nobody announces: jobs to be tried again, and those of a dead worker."""
AT_ONCE = 20
"""Jobs that one worker runs at a time."""
BATCH = 10
KEEP_DAYS = 30
"""Of the job queue's log."""

log = structlog.stdlib.get_logger("soundwell.jobs")


class WorkerDiedError(Exception):
    """What is told of a job whose worker did not live to say how it went."""


async def trim_events(work: Work) -> None:
    """Retention of the event log."""
    settings = work.settings
    gone = await events.trim(
        work.db, keep_days=settings.events_keep_days, keep_rows=settings.events_keep_rows
    )
    log.info("events trimmed", rows=gone)


async def trim_jobs(work: Work) -> None:
    """Retention of the job queue's log."""
    async with work.db.transaction() as connection:
        await trim_log(connection, KEEP_DAYS)


FLOOR_SCHEDULES = (
    Schedule("trim events", "17 * * * *", trim_events),
    Schedule("trim jobs", "23 4 * * *", trim_jobs),
)


async def run_worker(
    settings: Settings, schedules: Sequence[Schedule] = (), jobs: Sequence[Job] = ()
) -> None:
    """The worker process: the floor's schedules and those of the slices, and their jobs, until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with _resources(settings) as work:
        while not stop.is_set():
            try:
                await run_work(work, (*FLOOR_SCHEDULES, *schedules), jobs, stop)
            except (*AWAY, FailingListenerError) as error:
                log.warning("database away", error=str(error))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), RETRY_S)


async def run_work(
    work: Work, schedules: Sequence[Schedule], jobs: Sequence[Job], stop: asyncio.Event
) -> None:
    """Run jobs and what is due until `stop`; what runs then is finished first."""
    pool = await plain_pool(work.settings.database_url)
    try:
        queuer = PgQueuer.from_asyncpg_pool(pool)
        for schedule in schedules:
            queuer.schedule(schedule.name, schedule.cron)(_due(schedule, work))
        for job in jobs:
            entrypoint = queuer.entrypoint(job.name, concurrency_limit=job.at_once, on_failure="hold")
            entrypoint(_attempt(job, work, stop))
        # It asks whether it hears itself before it listens, and takes silence for a failure.
        await queuer.connection.add_listener(queuer.channel, _hear)
        # It ends by an event of its own, which it also sets when it fails: that must not end the worker.
        ending = asyncio.create_task(_end(queuer, stop))
        try:
            await queuer.run(
                dequeue_timeout=timedelta(seconds=POLL_S),
                batch_size=BATCH,
                max_concurrent_tasks=AT_ONCE,
                shutdown_on_listener_failure=True,
                heartbeat_timeout=timedelta(seconds=LOST_AFTER_S),
            )
        finally:
            ending.cancel()
    finally:
        await close_pool(pool)


def _hear(_: object) -> None:
    """What is heard is for PgQueuer's own listener, beside this one."""


async def _end(queuer: PgQueuer, stop: asyncio.Event) -> None:
    await stop.wait()
    queuer.shutdown.set()


def _due(schedule: Schedule, work: Work) -> Callable[[DueRun], Awaitable[None]]:
    async def run(_: DueRun) -> None:
        await schedule.run(work)

    return run


def _attempt(job: Job, work: Work, stop: asyncio.Event) -> Callable[[DueJob], Awaitable[None]]:
    """One attempt, and what follows when it fails."""

    async def run(due: DueJob) -> None:
        attempts = due.attempts + 1
        try:
            attempts = await _attempts(work.db, due)
            _refuse_deadly(job, attempts)
            await job.run(work, json.loads(due.payload or b"{}"))
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            told = log.bind(job=job.name, id=due.id, attempts=attempts, error=reason)
            if attempts >= job.attempts:
                told.error("job given up")
                raise
            delay_s = job.delay_s(attempts)
            told.warning("job failed", again_in_s=round(delay_s, 1))
            await _until_back(work.db, stop)
            raise RetryRequested(timedelta(seconds=delay_s), reason) from error

    return run


async def _attempts(db: Database, due: DueJob) -> int:
    async with db.connection() as connection:
        return await count_attempts(connection, due.id)


def _refuse_deadly(job: Job, attempts: int) -> None:
    """A job that kills its worker must not do so for ever."""
    if attempts > job.attempts:
        raise WorkerDiedError(f"The worker died in the last of {job.attempts} attempts.")


async def _until_back(db: Database, stop: asyncio.Event) -> None:
    """PgQueuer gives a job up when the database is away while it is put back, so that waits for it."""
    while not stop.is_set():
        with contextlib.suppress(Unavailable):
            await db.ping()
            return


@contextlib.asynccontextmanager
async def _resources(settings: Settings) -> AsyncIterator[Work]:
    db = await Database.connect(settings.database_url, connections=settings.database_connections)
    bus = await Bus.connect(settings.redis_url)
    try:
        yield Work(settings, db, bus, Clock())
    finally:
        await bus.close()
        await db.close()
