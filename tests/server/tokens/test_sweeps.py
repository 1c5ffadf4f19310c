from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
import structlog

from server.kit.clock import ManualClock
from server.kit.jobs import Work
from server.kit.settings import Settings
from server.tokens import hold_store, sweeps
from server.tokens.errors import ReservationClosed
from server.tokens.ledger import Balance
from tests.server.tokens.conftest import new_user
from tests.server.tokens.desk import MONTH, NOW, Desk

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from server.kit.bus import Bus
    from server.kit.db import Connection, Database


async def test_grants_end_for_everybody(desk: Desk, bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "MOST", 1)
    other = Desk(desk.database, await new_user(desk.database))
    for one in (desk, other):
        await one.give("granted", 10)
        await one.give("earned", 1)
    assert await sweeps.lapse_ended(desk.database, bus, NOW - dt.timedelta(seconds=1)) == 0
    assert await sweeps.lapse_ended(desk.database, bus, NOW) == 2
    assert await sweeps.lapse_ended(desk.database, bus, NOW) == 0
    for one in (desk, other):
        assert await one.balance() == Balance(earned=1)


async def test_what_a_dead_job_had_reserved_comes_back(
    desk: Desk, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.give("bought", 10)
    dead, _ = [(await desk.reserve(amount, lease_s=0)).job_id for amount in (3, 1)]
    living = (await desk.reserve(3)).job_id
    monkeypatch.setattr(sweeps, "MOST", 1)
    assert await sweeps.release_dead(desk.database, bus) == 2
    assert await sweeps.release_dead(desk.database, bus) == 0
    assert await desk.balance() == Balance(bought=7, held=3)
    with pytest.raises(ReservationClosed):
        await desk.settle(dead)
    await desk.settle(living)


async def test_a_job_that_ends_just_before_its_sweep_keeps_what_it_spent(
    desk: Desk, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.give("bought", 10)
    job = (await desk.reserve(4, lease_s=0)).job_id
    overdue = hold_store.list_overdue

    async def and_then_it_ends(conn: Connection, most: int) -> list[UUID]:
        found = await overdue(conn, most)
        await desk.settle(job)
        return found

    monkeypatch.setattr(hold_store, "list_overdue", and_then_it_ends)
    assert await sweeps.release_dead(desk.database, bus) == 0
    assert await desk.balance() == Balance(bought=6)


async def test_the_schedules_do_it(desk: Desk, bus: Bus, tmp_path: Path) -> None:
    await desk.give("granted", 10)
    await desk.reserve(4, lease_s=0)
    work = Work(Settings(data_dir=tmp_path), desk.database, bus, ManualClock((NOW + MONTH).timestamp()))
    for schedule in sweeps.SCHEDULES:
        await schedule.run(work)
    assert await desk.balance() == Balance()


async def test_books_that_do_not_balance_are_told(database: Database, desk: Desk) -> None:
    await desk.give("earned", 10)
    assert await sweeps.look_at_books(database) == 0
    await desk.rows("UPDATE token_accounts SET earned = 9")
    with structlog.testing.capture_logs() as logs:
        assert await sweeps.look_at_books(database) == 1
    assert logs[0]["log_level"] == "error"
    assert (logs[0]["kept"], logs[0]["counted"]) == (9, 10)
    await desk.rows("UPDATE token_accounts SET earned = 10")
