"""Work that outlives the request that asked for it: jobs in the caller's transaction, schedules by the clock.

A job may run twice (its worker died, or the database was away when it ended), so a handler must not mind.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from server.kit.bus import Bus
    from server.kit.clock import Clock
    from server.kit.db import Connection, Database, Record
    from server.kit.settings import Settings

# PgQueuer's own `enqueue` hands over JSON as text, which our connections' codec would encode once more.
_ENQUEUE = """
WITH job AS (
    INSERT INTO pgqueuer (entrypoint, payload, dedupe_key, execute_after, priority, status)
    VALUES ($1, $2, $3, now() + make_interval(secs => $4), 0, 'queued')
    ON CONFLICT (dedupe_key) WHERE status IN ('queued', 'picked') AND dedupe_key IS NOT NULL DO NOTHING
    RETURNING id, entrypoint, priority
), log AS (
    INSERT INTO pgqueuer_log (job_id, status, entrypoint, priority)
    SELECT id, 'queued', entrypoint, priority FROM job
)
SELECT id FROM job
"""
# PgQueuer's own count leaves out the attempts in which a worker died; that a job was picked is always logged.
_COUNT_ATTEMPTS = """
SELECT count(*) FROM pgqueuer_log
WHERE job_id = $1 AND status = 'picked' AND id > (
    SELECT coalesce(max(id), 0) FROM pgqueuer_log WHERE job_id = $1 AND status = 'failed'
)
"""
_LIST_FAILED = """
SELECT job.id, job.entrypoint, job.payload, job.updated, log.traceback, (
    SELECT count(*) FROM pgqueuer_log WHERE job_id = job.id AND status = 'picked'
) AS attempts
FROM pgqueuer AS job
LEFT JOIN LATERAL (
    SELECT traceback FROM pgqueuer_log
    WHERE job_id = job.id AND status = 'failed' ORDER BY created DESC LIMIT 1
) AS log ON true
WHERE job.status = 'failed' ORDER BY job.updated DESC, job.id DESC LIMIT $1
"""
_TRIM_LOG = """
DELETE FROM pgqueuer_log AS log
WHERE created < now() - make_interval(days => $1) AND aggregated
AND NOT EXISTS (SELECT FROM pgqueuer WHERE id = log.job_id)
"""
_TRIM_STATISTICS = "DELETE FROM pgqueuer_statistics WHERE created < now() - make_interval(days => $1)"
_RETRY_FAILED = """
UPDATE pgqueuer AS job
SET status = 'queued', attempts = 0, execute_after = now(), updated = now(), queue_manager_id = NULL
WHERE id = $1 AND status = 'failed' AND NOT EXISTS (
    SELECT FROM pgqueuer AS other
    WHERE other.dedupe_key = job.dedupe_key AND other.status IN ('queued', 'picked')
)
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Work:
    """What a job or a scheduled function may use."""

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


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of work, and what becomes of it when it fails."""

    name: str
    run: Callable[[Work, Mapping[str, Any]], Awaitable[None]]
    """Gets the payload; any exception is a failed attempt."""
    attempts: int = 8
    """After so many it is given up: it stays readable, and can be taken up again."""
    first_delay_s: float = 2.0
    """Until the second attempt; each further one doubles it."""
    longest_delay_s: float = 600.0
    at_once: int = 0
    """How many may run at a time, over all workers; 0 for as many as come."""

    def delay_s(self, attempts: int) -> float:
        """How long to wait after so many attempts; spread, so that what failed together comes back apart."""
        delay_s = min(self.first_delay_s * 2.0 ** min(attempts - 1, 60), self.longest_delay_s)
        return delay_s * random.uniform(0.8, 1.2)  # noqa: S311 - a spread in time, no secret


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that was given up."""

    id: int
    name: str
    payload: Mapping[str, Any]
    attempts: int
    """Also those in which its worker died."""
    failed_at: dt.datetime
    error: str
    """Type and text of the last exception."""


async def enqueue(
    conn: Connection,
    name: str,
    payload: Mapping[str, Any],
    *,
    dedupe_key: str | None = None,
    delay_s: float = 0.0,
) -> bool:
    """Ask for a job, which exists if and when the caller's transaction commits.

    With a `dedupe_key` there is one at a time; False when such a job waits or runs already.
    """
    row = await conn.fetchrow(_ENQUEUE, name, json.dumps(payload).encode(), dedupe_key, delay_s)
    return row is not None


async def count_attempts(conn: Connection, job_id: int) -> int:
    """How often a job was begun since it was asked for, or taken up again."""
    return int(await conn.fetchval(_COUNT_ATTEMPTS, job_id))


async def list_failed(conn: Connection, most: int = 100) -> Sequence[FailedJob]:
    """The jobs that were given up, the latest first."""
    return [_failed(row) for row in await conn.fetch(_LIST_FAILED, most)]


async def retry_failed(conn: Connection, job_id: int) -> bool:
    """Take up again what was given up; False when there is no such job, or the same one waits already."""
    return await conn.fetchval(_RETRY_FAILED, job_id) is not None


async def trim_log(conn: Connection, keep_days: int) -> None:
    """Forget how jobs went; of those that wait or were given up everything stays."""
    await conn.execute(_TRIM_LOG, keep_days)
    await conn.execute(_TRIM_STATISTICS, keep_days)


def _failed(row: Record) -> FailedJob:
    told = row["traceback"] or {}
    return FailedJob(
        id=row["id"],
        name=row["entrypoint"],
        payload=json.loads(row["payload"]),
        attempts=row["attempts"],
        failed_at=row["updated"],
        error=f"{told.get('exception_type', '')}: {told.get('exception_message', '')}",
    )
