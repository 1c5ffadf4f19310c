from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

import pytest

from server.kit.jobs import Job, count_attempts, enqueue, list_failed, retry_failed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from server.kit.db import Database
    from server.kit.jobs import Work

WAITING = "SELECT entrypoint, payload, execute_after - now() AS wait FROM pgqueuer ORDER BY id"
GIVE_UP = """
WITH job AS (UPDATE pgqueuer SET status = 'failed', attempts = 1 RETURNING id)
INSERT INTO pgqueuer_log (job_id, status, priority, entrypoint, traceback)
SELECT id, status, 0, '', $1 FROM job
CROSS JOIN unnest('{picked,picked,failed}'::pgqueuer_status[]) WITH ORDINALITY AS log (status, at) ORDER BY at
"""
PICK = "INSERT INTO pgqueuer_log (job_id, status, priority, entrypoint) VALUES ($1, 'picked', 0, '')"


async def test_a_job_comes_with_its_transaction_or_not_at_all(db: Database) -> None:
    with contextlib.suppress(ZeroDivisionError):
        async with db.transaction() as connection:
            await enqueue(connection, "greet", {"name": "Bob"})
            raise ZeroDivisionError
    async with db.transaction() as connection:
        await enqueue(connection, "greet", {"name": "Ada"}, delay_s=60)
        (row,) = await connection.fetch(WAITING)

    assert (row["entrypoint"], json.loads(row["payload"])) == ("greet", {"name": "Ada"})
    assert row["wait"].total_seconds() == pytest.approx(60)


async def test_of_the_same_job_one_waits(db: Database) -> None:
    async with db.transaction() as connection:
        asked = [await enqueue(connection, "count", {}, dedupe_key="count 1") for _ in range(2)]
        others = [await enqueue(connection, "count", {}) for _ in range(2)]
        waiting = await connection.fetch(WAITING)

    assert asked == [True, False]
    assert others == [True, True]
    assert len(waiting) == 3


async def test_what_was_given_up_can_be_read_and_taken_up_again(db: Database) -> None:
    async with db.transaction() as connection:
        await enqueue(connection, "count", {"to": 3}, dedupe_key="count 1")
        await connection.execute(GIVE_UP, {"exception_type": "KeyError", "exception_message": "to"})
        (failed,) = await list_failed(connection)
        assert await enqueue(connection, "count", {"to": 3}, dedupe_key="count 1")
        assert not await retry_failed(connection, failed.id), "the same one waits"
        await connection.execute("DELETE FROM pgqueuer WHERE status = 'queued'")
        assert await retry_failed(connection, failed.id)
        assert not await retry_failed(connection, failed.id)
        assert await count_attempts(connection, failed.id) == 0, "it begins anew"
        await connection.execute(PICK, failed.id)
        assert await count_attempts(connection, failed.id) == 1
        (row,) = await connection.fetch("SELECT status::text, attempts FROM pgqueuer")

    assert (failed.name, failed.payload, failed.attempts) == ("count", {"to": 3}, 2)
    assert failed.error == "KeyError: to"
    assert (row["status"], row["attempts"]) == ("queued", 0)


async def test_each_delay_doubles_up_to_the_longest_and_is_spread() -> None:
    async def nothing(_: Work, __: Mapping[str, Any]) -> None: ...

    job = Job("nothing", nothing, first_delay_s=2.0, longest_delay_s=100.0)
    for attempts, middle in ((1, 2.0), (2, 4.0), (5, 32.0), (8, 100.0), (10_000, 100.0)):
        delays = [job.delay_s(attempts) for _ in range(50)]
        assert 0.8 * middle <= min(delays) < max(delays) <= 1.2 * middle
