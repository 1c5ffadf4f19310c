from __future__ import annotations

import asyncio
import os
import signal
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import structlog
from pgqueuer.db import AsyncpgPoolDriver
from pgqueuer.qm import QueueManager

from server.kit import events, worker
from server.kit.clock import Clock
from server.kit.db import Database
from server.kit.jobs import Job, Schedule, Work, enqueue, list_failed
from server.kit.migrations import migrate
from server.kit.worker import run_work, run_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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

    await asyncio.wait_for(run_work(work, [Schedule("note", OFTEN, note)], [], stop), WAIT_S)

    assert ran == [work]


async def test_a_run_that_fails_is_tried_again_at_its_next_time(work: Work) -> None:
    stop, tries = asyncio.Event(), []

    async def fail_once(_: Work) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ZeroDivisionError
        stop.set()

    await asyncio.wait_for(run_work(work, [Schedule("fail once", OFTEN, fail_once)], [], stop), WAIT_S)

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
    workers = (run_work(work, schedule, [], stop), run_work(work, schedule, [], stop))
    await asyncio.wait_for(asyncio.gather(*workers), WAIT_S)

    assert most == [1]


async def test_the_event_log_is_trimmed_by_its_settings(work: Work) -> None:
    principal = uuid4()
    for _ in range(103):
        async with work.db.transaction() as connection:
            await events.append(connection, principal, "listen", "listen.started", {})
    settings = work.settings.model_copy(update={"events_keep_rows": 100})
    await worker.trim_events(Work(settings, work.db, work.bus, work.clock))

    assert await count(work.db, "SELECT min(seq) FROM events") == 4


async def test_a_worker_ends_on_sigterm_and_leaves_its_schedules_registered(
    settings: Settings, db: Database
) -> None:
    began = asyncio.Event()

    async def note(_: Work) -> None:
        began.set()

    running = asyncio.create_task(run_worker(settings, [Schedule("note", OFTEN, note)]))
    await asyncio.wait_for(began.wait(), WAIT_S)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(running, WAIT_S)

    assert await count(db, "SELECT count(*) FROM pgqueuer_schedules") == 3


async def test_a_job_gets_its_payload_and_what_it_needs(work: Work) -> None:
    stop, ran = asyncio.Event(), []

    async def greet(given: Work, payload: Mapping[str, Any]) -> None:
        ran.append((given, payload))
        stop.set()

    await ask(work.db, "greet", {"name": "Ada"})
    await asyncio.wait_for(run_work(work, [], [Job("greet", greet)], stop), WAIT_S)

    assert ran == [(work, {"name": "Ada"})]
    assert await count(work.db, "SELECT count(*) FROM pgqueuer") == 0


async def test_a_job_that_fails_is_tried_again_and_then_given_up_readable(work: Work) -> None:
    stop, tries = asyncio.Event(), []

    async def divide(_: Work, payload: Mapping[str, Any]) -> None:
        tries.append(1)
        if len(tries) == 3:
            stop.set()
        raise ZeroDivisionError(payload["by"])

    await ask(work.db, "divide", {"by": 0})
    with structlog.testing.capture_logs() as logged:
        job = Job("divide", divide, attempts=3, first_delay_s=0.01)
        await asyncio.wait_for(run_work(work, [], [job], stop), WAIT_S)
    async with work.db.connection() as connection:
        (failed,) = await list_failed(connection)

    assert len(tries) == 3
    assert [line["event"] for line in logged] == ["job failed", "job failed", "job given up"]
    assert (failed.name, failed.payload, failed.attempts) == ("divide", {"by": 0}, 3)
    assert failed.error == "ZeroDivisionError: 0"


async def test_a_job_that_kills_its_worker_is_given_up_too(work: Work) -> None:
    stop, ran = asyncio.Event(), []

    async def note(_: Work, payload: Mapping[str, Any]) -> None:
        ran.append(payload["who"])
        stop.set()

    for who in ("deadly", "harmless"):
        await ask(work.db, "note", {"who": who})
    async with work.db.connection() as connection:  # as it stands after two workers were killed by the first
        await connection.execute(
            "INSERT INTO pgqueuer_log (job_id, status, priority, entrypoint) "
            "SELECT (SELECT min(id) FROM pgqueuer), 'picked', 0, 'note' FROM generate_series(1, 2)"
        )
    await asyncio.wait_for(run_work(work, [], [Job("note", note, attempts=2)], stop), WAIT_S)
    async with work.db.connection() as connection:
        (failed,) = await list_failed(connection)

    assert ran == ["harmless"]
    assert (failed.payload, failed.attempts) == ({"who": "deadly"}, 3)
    assert failed.error.startswith("WorkerDiedError: ")


async def test_the_log_of_jobs_is_trimmed(work: Work) -> None:
    await ask(work.db, "waiting", {})
    async with work.db.connection() as connection:
        await connection.execute(
            "INSERT INTO pgqueuer_log (job_id, status, priority, entrypoint) VALUES (0, 'picked', 0, 'a'); "
            "UPDATE pgqueuer_log SET created = now() - interval '31 days', aggregated = true; "
            "INSERT INTO pgqueuer_log (job_id, status, priority, entrypoint) VALUES (0, 'picked', 0, 'b')"
        )
    await worker.trim_jobs(work)
    async with work.db.connection() as connection:
        left = await connection.fetch("SELECT entrypoint FROM pgqueuer_log ORDER BY 1")

    assert [row["entrypoint"] for row in left] == ["b", "waiting"]


async def test_no_more_of_a_job_run_at_once_than_it_says_over_all_workers(work: Work) -> None:
    stop, running, most, done = asyncio.Event(), [0], [0], []

    async def slowly(_: Work, __: Mapping[str, Any]) -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        await asyncio.sleep(0.02)
        running[0] -= 1
        done.append(1)
        if len(done) == 6:
            stop.set()

    for _ in range(6):
        await ask(work.db, "slowly", {})
    job = [Job("slowly", slowly, at_once=1)]
    await asyncio.wait_for(asyncio.gather(*(run_work(work, [], job, stop) for _ in range(2))), WAIT_S)

    assert most == [1]


async def test_the_job_of_a_worker_that_died_is_done_by_another(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LOST_AFTER_S", 1.0)
    monkeypatch.setattr(worker, "POLL_S", 0.1)
    stop, ran = asyncio.Event(), asyncio.Event()

    async def note(_: Work, __: Mapping[str, Any]) -> None:
        ran.set()
        stop.set()

    await ask(work.db, "note", {})
    async with work.db.connection() as connection:  # as it stands when its worker was killed
        await connection.execute(
            "UPDATE pgqueuer SET status = 'picked', slot = 0, queue_manager_id = gen_random_uuid()"
        )
    await asyncio.wait_for(run_work(work, [], [Job("note", note, at_once=1)], stop), WAIT_S)

    assert ran.is_set()


async def test_the_queue_hears_itself_from_the_start(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks every ten seconds, and would take silence for a database that is away."""
    monkeypatch.setattr(QueueManager._run_periodic_health_check, "__defaults__", (timedelta(seconds=0.3),))
    monkeypatch.setattr(worker, "POLL_S", 0.1)
    listen = AsyncpgPoolDriver.add_listener

    async def listen_late(driver: AsyncpgPoolDriver, channel: str, callback: Callable[..., None]) -> None:
        if driver._listener_connection is None:  # a connection takes its time
            await asyncio.sleep(0.2)
        await listen(driver, channel, callback)

    monkeypatch.setattr(AsyncpgPoolDriver, "add_listener", listen_late)
    stop, waiting = asyncio.Event(), []

    async def wait(_: Work, __: Mapping[str, Any]) -> None:
        waiting.append(1)
        await asyncio.sleep(1)
        stop.set()

    await ask(work.db, "wait", {})
    await asyncio.wait_for(run_work(work, [], [Job("wait", wait)], stop), WAIT_S)

    assert waiting == [1]


async def test_a_worker_outlives_its_database(
    settings: Settings, mortal_database: Mortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "RETRY_S", 0.05)
    monkeypatch.setattr(worker, "LOST_AFTER_S", 1.0)
    monkeypatch.setattr(worker, "POLL_S", 0.1)
    url = mortal_database.url
    db = await Database.connect(url)
    await migrate(db)
    ran, began, go_on, tries = asyncio.Event(), asyncio.Event(), asyncio.Event(), []

    async def note(_: Work) -> None:
        ran.set()

    async def hold(_: Work, __: Mapping[str, Any]) -> None:
        tries.append(1)
        began.set()
        await go_on.wait()
        if len(tries) == 1:
            raise ZeroDivisionError

    there = settings.model_copy(update={"database_url": url})
    with structlog.testing.capture_logs() as logged:
        schedules, jobs = [Schedule("note", OFTEN, note)], [Job("hold", hold, first_delay_s=0.01)]
        running = asyncio.create_task(run_worker(there, schedules, jobs))
        await asyncio.wait_for(ran.wait(), WAIT_S)
        await ask(db, "hold", {})
        await asyncio.wait_for(began.wait(), WAIT_S)
        # A run that the outage interrupts is taken up again only after 30 s: let it end first.
        await _until_idle(url)
        mortal_database.kill()
        go_on.set()  # the job fails while nobody can write that down
        while not any(line["event"] == "job failed" for line in logged):  # noqa: ASYNC110 - a log has no event
            await asyncio.sleep(0.01)
        mortal_database.revive()
        ran.clear()
        await asyncio.wait_for(ran.wait(), WAIT_S)
        while await count(db, "SELECT count(*) FROM pgqueuer"):  # noqa: ASYNC110 - the database is asked
            await asyncio.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(running, WAIT_S)
    await db.close()

    assert any(line["event"] == "database away" for line in logged)
    assert len(tries) >= 2


async def ask(db: Database, name: str, payload: Mapping[str, Any]) -> None:
    async with db.transaction() as connection:
        assert await enqueue(connection, name, payload)


async def _until_idle(url: str) -> None:
    db = await Database.connect(url)
    while await count(db, PICKED):  # noqa: ASYNC110 - the database is asked, no task of ours
        await asyncio.sleep(0.01)
    await db.close()
