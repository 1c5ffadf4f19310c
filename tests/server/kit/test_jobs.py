from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import structlog

from server.kit import events, jobs
from server.kit.clock import Clock
from server.kit.db import Database
from server.kit.jobs import Schedule, Work, run_schedules, run_worker
from server.kit.migrations import migrate

if TYPE_CHECKING:
    from server.kit.bus import Bus
    from server.kit.settings import Settings
    from tests.server.kit.conftest import Mortal

WAIT_S = 60.0
PICKED = "SELECT count(*) FROM pgqueuer_schedules WHERE status = 'picked'"
OFTEN = "* * * * * *"
"""Every second: a sixth field, which only tests use."""


@pytest.fixture
def work(settings: Settings, db: Database, bus: Bus) -> Work:
    return Work(settings, db, bus, Clock())


async def count(db: Database, sql: str) -> int:
    async with db.connection() as connection:
        return int(await connection.fetchval(sql))


async def test_what_is_due_runs_with_what_it_needs_until_stopped(work: Work) -> None:
    stop, ran = asyncio.Event(), []

    async def note(given: Work) -> None:
        ran.append(given)
        stop.set()

    await asyncio.wait_for(run_schedules(work, [Schedule("note", OFTEN, note)], stop), WAIT_S)

    assert ran == [work]


async def test_a_run_that_fails_is_tried_again_at_its_next_time(work: Work) -> None:
    stop, tries = asyncio.Event(), []

    async def fail_once(_: Work) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ZeroDivisionError
        stop.set()

    await asyncio.wait_for(run_schedules(work, [Schedule("fail once", OFTEN, fail_once)], stop), WAIT_S)

    assert len(tries) == 2


async def test_two_workers_share_the_runs(work: Work) -> None:
    stop, running, most = asyncio.Event(), [0], [0]
    runs = []

    async def slowly(_: Work) -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        await asyncio.sleep(0.05)
        running[0] -= 1
        runs.append(1)
        if len(runs) >= 3:
            stop.set()

    schedule = [Schedule("slowly", OFTEN, slowly)]
    workers = (run_schedules(work, schedule, stop), run_schedules(work, schedule, stop))
    await asyncio.wait_for(asyncio.gather(*workers), WAIT_S)

    assert most == [1]


async def test_the_event_log_is_trimmed_by_its_settings(work: Work) -> None:
    principal = uuid4()
    for _ in range(103):
        async with work.db.transaction() as connection:
            await events.append(connection, principal, "listen", "listen.started", {})
    settings = work.settings.model_copy(update={"events_keep_rows": 100})
    await jobs.trim_events(Work(settings, work.db, work.bus, work.clock))

    assert await count(work.db, "SELECT min(seq) FROM events") == 4


async def test_a_worker_ends_on_sigterm_and_leaves_its_schedules_registered(
    settings: Settings, db: Database
) -> None:
    began = asyncio.Event()

    async def note(_: Work) -> None:
        began.set()

    worker = asyncio.create_task(run_worker(settings, [Schedule("note", OFTEN, note)]))
    await asyncio.wait_for(began.wait(), WAIT_S)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(worker, WAIT_S)

    assert await count(db, "SELECT count(*) FROM pgqueuer_schedules") == 2


async def test_a_worker_outlives_its_database(
    settings: Settings, mortal_database: Mortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "RETRY_S", 0.05)
    url = mortal_database.url
    db = await Database.connect(url)
    await migrate(db)
    await db.close()
    ran = asyncio.Event()

    async def note(_: Work) -> None:
        ran.set()

    there = settings.model_copy(update={"database_url": url})
    with structlog.testing.capture_logs() as logged:
        worker = asyncio.create_task(run_worker(there, [Schedule("note", OFTEN, note)]))
        await asyncio.wait_for(ran.wait(), WAIT_S)
        # A run that the outage interrupts is taken up again only after 30 s: let it end first.
        await _until_idle(url)
        mortal_database.kill()
        while not any(line["event"] == "database away" for line in logged):  # noqa: ASYNC110 - a log has no event
            await asyncio.sleep(0.01)
        mortal_database.revive()
        ran.clear()
        await asyncio.wait_for(ran.wait(), WAIT_S)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(worker, WAIT_S)


async def _until_idle(url: str) -> None:
    db = await Database.connect(url)
    while await count(db, PICKED):  # noqa: ASYNC110 - the database is asked, no task of ours
        await asyncio.sleep(0.01)
    await db.close()
