from __future__ import annotations

import json
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from server.kit.errors import LimitReached
from server.listening import service, store
from server.listening.allowance import RATE_HZ
from server.listening.keeper import Keeper
from server.realtime.errors import RealtimeError
from server.realtime.stream import OpenRequest, Restore
from tests.server.listening.conftest import FREE_S
from tests.server.listening.desk import MINUTE
from tests.server.listening.test_keeper import context, opened, rows, told

if TYPE_CHECKING:
    from server.kit.clock import ManualClock
    from server.kit.db import Database
    from server.kit.principal import Principal
    from server.listening.service import Listening
    from server.listening.stream import ListenStream


def restoring(stream: ListenStream, from_pos: int) -> OpenRequest:
    """What a client sends that kept its instance."""
    instance = json.loads(json.dumps(stream.ready()["instance"]))
    return OpenRequest("listen", {}, restore=Restore(stream.session, instance, from_pos))


@pytest.mark.req("S0-31")
async def test_the_row_and_its_event_are_there_before_the_client_hears_of_it(
    listening: Listening, database: Database, principal: Principal, clock: ManualClock
) -> None:
    stream = await opened(listening, principal, duration_s=600)
    (row,) = await rows(database, principal)
    assert str(row.id) == stream.session
    assert (row.mode, row.title, row.preset, row.device) == ("focus", "Focus", "focus", "a test")
    assert (row.planned_s, row.started_at.timestamp()) == (600.0, clock.now())
    started = {
        "session": stream.session,
        "mode": "focus",
        "title": "Focus",
        "preset": "focus",
        "planned_s": 600.0,
        "device": "a test",
    }
    assert await told(database, principal) == [("listen.started", started)]


async def test_a_refused_wish_leaves_nothing(
    listening: Listening, database: Database, principal: Principal
) -> None:
    with pytest.raises(RealtimeError):
        await opened(listening, principal, duration_s=0)
    assert await rows(database, principal) == []
    async with database.connection() as conn:
        assert await conn.fetchval("SELECT count(*) FROM principals") == 0


@pytest.mark.req("S0-59")
async def test_goes_on_in_its_row_after_the_process_died(
    listening: Listening, keeper: Keeper, database: Database, principal: Principal, clock: ManualClock
) -> None:
    stream = await opened(listening, principal)
    stream.set(9600, {"am.depth": 20.0}, 1440)
    stream.credited(2 * MINUTE)
    stream.played(MINUTE, 1, 0)
    await keeper.write()
    clock.advance(100)
    reborn = replace(listening, keeper=Keeper(database, listening.bus, clock, FREE_S))
    again = await reborn.open(principal, restoring(stream, 2 * MINUTE), context())
    assert (again.session, again.generation) == (stream.session, 2)
    assert again.ready()["start_pos"] == 2 * MINUTE
    assert again.ready()["instance"] == stream.ready()["instance"]
    assert again.envelope().end_pos == stream.envelope().end_pos
    assert (again.heard_s, again.underruns, again.planned_s) == (60.0, 1, 1500.0)
    again.credited(MINUTE)
    again.played(3 * MINUTE, 0, 0)
    assert again.heard_s == 180.0
    (row,) = await rows(database, principal)
    assert row.generation == 2
    assert [kind for kind, _ in await told(database, principal)] == ["listen.started"]


async def test_what_was_counted_before_the_process_died_counts_once(
    listening: Listening, keeper: Keeper, principal: Principal
) -> None:
    stream = await opened(listening, principal)
    stream.credited(2 * MINUTE)
    await keeper.write()
    again = await listening.open(principal, restoring(stream, MINUTE), context())
    again.credited(2 * MINUTE)
    assert again.allowance.left_frames == FREE_S * RATE_HZ - 3 * MINUTE


async def test_what_this_process_has_not_written_yet_counts_once_too(
    listening: Listening, principal: Principal
) -> None:
    stream = await opened(listening, principal)
    stream.credited(2 * MINUTE)
    again = await listening.open(principal, restoring(stream, MINUTE), context())
    again.credited(MINUTE)
    assert again.allowance.left_frames == FREE_S * RATE_HZ - 2 * MINUTE


async def test_a_session_that_ended_goes_on_in_a_new_row(
    listening: Listening, keeper: Keeper, database: Database, principal: Principal
) -> None:
    stream = await opened(listening, principal)
    stream.credited(MINUTE)
    async with keeper.running():
        await stream.close("lost", MINUTE)
    again = await listening.open(principal, restoring(stream, MINUTE), context())
    assert again.session != stream.session
    assert again.heard_s == 0
    again.credited(MINUTE)
    again.played(2 * MINUTE, 0, 0)
    assert again.heard_s == 60
    assert again.planned_s == 24 * 60
    assert len(await rows(database, principal)) == 2


async def test_nobody_claims_to_have_heard_more_than_there_was_time_for(
    listening: Listening, keeper: Keeper, principal: Principal, clock: ManualClock
) -> None:
    stream = await opened(listening, principal)
    stream.credited(MINUTE)
    await keeper.write()
    clock.advance(30)
    again = await listening.open(principal, restoring(stream, 20 * MINUTE), context())
    again.credited(4 * MINUTE)
    again.played(24 * MINUTE, 0, 0)
    assert again.heard_s == 60 + 240


@pytest.mark.req("S0-57")
async def test_a_stranger_goes_on_in_no_row_but_their_own(
    listening: Listening, database: Database, principal: Principal, stranger: Principal
) -> None:
    stream = await opened(listening, principal)
    stolen = await listening.open(stranger, restoring(stream, MINUTE), context())
    assert stolen.session != stream.session
    assert stolen.allowance is not stream.allowance
    (row,) = await rows(database, principal)
    assert (row.id, row.generation) == (stream.id, 1)
    with pytest.raises(RealtimeError) as refusal:
        await listening.open(stranger, OpenRequest("listen", {}, take=stream.session), context())
    assert refusal.value.code == "not_found"


async def test_takes_a_session_over_from_where_it_was_heard(
    listening: Listening, keeper: Keeper, principal: Principal
) -> None:
    stream = await opened(listening, principal)
    stream.set(9600, {"am.depth": 20.0}, 1440)
    stream.credited(2 * MINUTE)
    stream.played(MINUTE, 0, 0)
    await keeper.write()
    taken = await listening.open(principal, OpenRequest("listen", {}, take=stream.session), context())
    ready = taken.ready()
    assert (taken.session, taken.generation, ready["start_pos"]) == (stream.session, 2, MINUTE)
    assert ready["instance"] == stream.ready()["instance"]


@pytest.mark.parametrize("name", ["nothing", str(uuid.UUID(int=5))])
async def test_takes_nothing_that_is_not_there(listening: Listening, principal: Principal, name: str) -> None:
    with pytest.raises(RealtimeError) as refusal:
        await listening.open(principal, OpenRequest("listen", {}, take=name), context())
    assert (refusal.value.code, refusal.value.field) == ("not_found", "take")


@pytest.mark.req("S0-54")
async def test_goes_on_from_a_checkpoint_in_another_process(
    listening: Listening, keeper: Keeper, principal: Principal
) -> None:
    stream = await opened(listening, principal)
    stream.credited(MINUTE)
    await keeper.write()
    checkpoint = cast("dict[str, Any]", json.loads(json.dumps(stream.checkpoint())))
    again = await listening.open(principal, OpenRequest("listen", {}, checkpoint=checkpoint), context())
    assert (again.session, again.generation) == (stream.session, 2)
    assert again.ready()["start_pos"] == MINUTE
    assert again.allowance.left_frames == FREE_S * RATE_HZ - MINUTE
    async with keeper.running():
        await again.close("lost", MINUTE)
    with pytest.raises(RealtimeError) as refusal:
        await listening.open(principal, OpenRequest("listen", {}, checkpoint=checkpoint), context())
    assert refusal.value.code == "resume_expired"


async def test_the_day_ends_with_a_fade_and_then_nothing_begins(
    listening: Listening, keeper: Keeper, principal: Principal, clock: ManualClock
) -> None:
    stream = await opened(listening, principal, duration_s=3600)
    end_pos = FREE_S * RATE_HZ
    assert stream.envelope().gain_env[-2:] == ((end_pos - 10 * RATE_HZ, 1.0), (end_pos, 0.0))
    stream.credited(end_pos)
    async with keeper.running():
        await stream.close("completed", end_pos)
    with pytest.raises(LimitReached) as refusal:
        await opened(listening, principal)
    assert refusal.value.extra == {"resets_at": stream.allowance.day.ends_at}
    clock.advance(stream.allowance.day.ends_at - clock.now())
    assert (await opened(listening, principal)).allowance.left_frames == end_pos


async def test_what_was_counted_may_be_sent_again_though_nothing_is_left(
    listening: Listening, keeper: Keeper, principal: Principal
) -> None:
    stream = await opened(listening, principal, duration_s=3600)
    stream.credited(FREE_S * RATE_HZ)
    await keeper.write()
    again = await listening.open(principal, restoring(stream, FREE_S * RATE_HZ - 5 * RATE_HZ), context())
    assert again.envelope().end_pos == FREE_S * RATE_HZ


async def test_paid_plans_have_no_such_end(listening: Listening, principal: Principal) -> None:
    stream = await opened(listening, replace(principal, kind="user", plan="pro"), duration_s=3600)
    assert stream.envelope().end_pos == 60 * MINUTE


async def test_rows_that_nobody_keeps_are_closed_by_the_sweep(
    listening: Listening, database: Database, principal: Principal, clock: ManualClock
) -> None:
    await opened(listening, principal)
    clock.advance(service.LOST_AFTER_S)
    live = await opened(listening, principal)
    clock.advance(1)
    assert await service.sweep(database, listening.bus, clock) == 1
    assert await service.sweep(database, listening.bus, clock) == 0
    by_end = {row.reason: row for row in await rows(database, principal)}
    assert by_end[None].id == live.id
    assert by_end["lost"].success is False
    assert [kind for kind, _ in await told(database, principal)].count("listen.ended") == 1


async def test_a_snapshot_shows_what_goes_on(
    listening: Listening, keeper: Keeper, database: Database, principal: Principal, stranger: Principal
) -> None:
    stream = await opened(listening, principal)
    over = await opened(listening, principal)
    async with keeper.running():
        await over.close("stopped", 0)
    snapshot = await service.snapshot(database, principal.id)
    assert [one["session"] for one in snapshot["sessions"]] == [stream.session]
    assert (await service.snapshot(database, stranger.id)) == {"sessions": []}


async def test_pages_of_ones_own(listening: Listening, database: Database, principal: Principal) -> None:
    streams = [await opened(listening, principal) for _ in range(3)]
    first = await service.list_sessions(database, principal.id, None, 2)
    rest = await service.list_sessions(database, principal.id, (first[-1].started_at, first[-1].id), 2)
    assert {row.id for row in (*first, *rest)} == {stream.id for stream in streams}


def test_the_worker_sweeps_every_minute() -> None:
    assert [(schedule.name, schedule.cron) for schedule in service.SCHEDULES] == [
        ("close abandoned listenings", "* * * * *")
    ]


async def test_a_row_knows_its_success_whoever_closes_it(
    listening: Listening, keeper: Keeper, database: Database, principal: Principal, clock: ManualClock
) -> None:
    stream = await opened(listening, principal, duration_s=60)
    stream.credited(MINUTE)
    stream.played(MINUTE, 0, 0)
    await keeper.write()
    clock.advance(service.LOST_AFTER_S + 1)
    await service.sweep(database, listening.bus, clock)
    async with database.connection() as conn:
        (row,) = await store.list_sessions(conn, principal.id, None, 5)
    assert (row.reason, row.success) == ("lost", True)
