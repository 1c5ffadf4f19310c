from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from server.kit.db import Database
from server.kit.embedded import data_folder, services_in
from server.kit.errors import Unavailable
from server.kit.events import read_after
from server.kit.migrations import migrate
from server.listening import store
from server.listening.allowance import RATE_HZ, day_of
from server.listening.keeper import MOST_ENDS, Keeper
from server.realtime.stream import OpenContext, OpenRequest
from tests.api.site import until
from tests.server.listening.conftest import FREE_S
from tests.server.listening.desk import MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from server.kit.bus import Bus
    from server.kit.clock import ManualClock
    from server.kit.postgres import Postgres
    from server.kit.principal import Principal
    from server.listening.service import Listening
    from server.listening.stream import ListenStream


def context() -> OpenContext:
    return OpenContext("a test", "127.0.0.1", lambda _: None, lambda _code, _message: None)


async def opened(listening: Listening, principal: Principal, **args: Any) -> ListenStream:
    request = OpenRequest("listen", {"preset": "focus", **args})
    return await listening.open(principal, request, context())


async def told(database: Database, principal: Principal) -> list[tuple[str, dict[str, Any]]]:
    """Types and data of the principal's event log."""
    head = await read_after(database, principal.id, None, 0)
    page = await read_after(database, principal.id, head.epoch, 0)
    return [(event.type, dict(event.data)) for event in page.events]


async def rows(database: Database, principal: Principal) -> list[store.SessionRow]:
    async with database.connection() as conn:
        return await store.list_sessions(conn, principal.id, None, 100)


async def usage(database: Database, principal: Principal, clock: ManualClock) -> store.UsageRow:
    async with database.connection() as conn:
        return await store.find_usage(conn, principal.id, day_of(clock.now(), "UTC").date)


async def test_a_batch_holds_what_went_on(
    listening: Listening, keeper: Keeper, database: Database, principal: Principal, clock: ManualClock
) -> None:
    stream = await opened(listening, principal)
    stream.credited(2 * MINUTE)
    stream.played(MINUTE, 3, 0)
    await keeper.write()
    (row,) = await rows(database, principal)
    assert (row.heard_s, row.underruns, row.credited_pos, row.ended_at) == (60.0, 3, 2 * MINUTE, None)
    assert (await usage(database, principal, clock)).credited_frames == 2 * MINUTE


@pytest.mark.req("S0-32", "S0-33")
async def test_the_end_is_a_row_and_an_event(
    listening: Listening, keeper: Keeper, database: Database, principal: Principal
) -> None:
    stream = await opened(listening, principal, duration_s=60)
    async with keeper.running():
        stream.credited(MINUTE)
        assert await stream.close("completed", MINUTE) == {"heard_s": 60.0, "reason": "completed"}
        (row,) = await rows(database, principal)
    assert (row.reason, row.success, row.heard_s) == ("completed", True, 60.0)
    ended = {"session": stream.session, "heard_s": 60.0, "success": True, "reason": "completed"}
    assert [kind for kind, _ in await told(database, principal)] == ["listen.started", "listen.ended"]
    assert (await told(database, principal))[-1][1] == ended


async def test_the_warning_comes_at_three_minutes_and_once(
    listening: Listening, keeper: Keeper, database: Database, principal: Principal
) -> None:
    stream = await opened(listening, principal, duration_s=3600)
    stream.credited(26 * MINUTE)
    await keeper.write()
    assert [kind for kind, _ in await told(database, principal)] == ["listen.started"]
    stream.credited(MINUTE)
    for _ in range(2):
        await keeper.write()
        stream.credited(RATE_HZ)
    assert (await told(database, principal))[1:] == [("listen.limit_warned", {"left_s": 180})]


async def test_that_nothing_is_left_is_told_when_the_sound_is_over(
    listening: Listening, keeper: Keeper, database: Database, principal: Principal
) -> None:
    stream = await opened(listening, principal, duration_s=3600)
    end_pos = stream.envelope().end_pos
    assert end_pos == FREE_S * RATE_HZ
    stream.credited(end_pos)
    await keeper.write()
    assert "listen.limit_reached" not in dict(await told(database, principal))
    async with keeper.running():
        assert (await stream.close("completed", end_pos))["reason"] == "limit_reached"
    log = dict(await told(database, principal))
    assert log["listen.ended"]["success"] is False
    assert log["listen.limit_reached"] == {"resets_at": stream.allowance.day.ends_at}


async def test_two_streams_share_one_allowance(
    listening: Listening, keeper: Keeper, database: Database, principal: Principal, clock: ManualClock
) -> None:
    first, second = await opened(listening, principal), await opened(listening, principal)
    first.credited(10 * MINUTE)
    second.credited(5 * MINUTE)
    assert first.allowance is second.allowance
    assert first.allowance.left_frames == 15 * MINUTE
    await keeper.write()
    assert (await usage(database, principal, clock)).credited_frames == 15 * MINUTE


async def test_another_process_counts_too(
    listening: Listening,
    keeper: Keeper,
    database: Database,
    bus: Bus,
    principal: Principal,
    clock: ManualClock,
) -> None:
    elsewhere = Keeper(database, bus, clock, FREE_S)
    there = replace(listening, keeper=elsewhere)
    here, away = await opened(listening, principal, duration_s=3600), await opened(there, principal)
    away.credited(20 * MINUTE)
    await elsewhere.write()
    here.credited(MINUTE)
    await keeper.write()
    assert here.allowance.left_frames == 9 * MINUTE
    assert here.envelope().end_pos == 10 * MINUTE


async def test_what_is_idle_is_forgotten_and_read_again(
    listening: Listening, keeper: Keeper, principal: Principal
) -> None:
    stream = await opened(listening, principal)
    stream.credited(MINUTE)
    async with keeper.running():
        await stream.close("stopped", MINUTE)
    assert keeper.credited_pos(stream.id) == 0
    again = await opened(listening, principal)
    assert again.allowance is not stream.allowance
    assert again.allowance.left_frames == 29 * MINUTE


@pytest.mark.req("S0-54")
async def test_a_taken_stream_ends_without_touching_the_row_that_goes_on(
    listening: Listening, keeper: Keeper, database: Database, principal: Principal
) -> None:
    stream = await opened(listening, principal)
    stream.credited(MINUTE)
    stream.played(MINUTE, 0, 0)
    await keeper.write()
    request = OpenRequest("listen", {}, take=stream.session)
    taken = await listening.open(principal, request, context())
    async with keeper.running():
        await stream.close("taken", MINUTE)
        taken.credited(MINUTE)
        await keeper.write()
        (row,) = await rows(database, principal)
    assert (row.id, row.generation, row.ended_at) == (taken.id, 2, None)
    assert [kind for kind, _ in await told(database, principal)] == ["listen.started"]


async def test_ends_beyond_the_bound_are_left_to_the_sweep(
    listening: Listening, keeper: Keeper, principal: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.listening.keeper.MOST_ENDS", 1)
    monkeypatch.setattr("server.listening.keeper.END_WAIT_S", 0.01)
    assert MOST_ENDS == 10_000
    for stream in [await opened(listening, principal) for _ in range(3)]:
        await stream.close("stopped", 0)
    await keeper.write()
    async with listening.database.connection() as conn:
        assert len(await store.list_unfinished(conn, principal.id)) == 2


@pytest.fixture
def mortal(folder_for_services: Path, tmp_path: Path) -> Iterator[Postgres]:
    """A database that a test may stop and start."""
    with data_folder(folder_for_services / tmp_path.name) as folder, services_in(folder) as services:
        services.postgres.prepare()
        yield services.postgres


@contextlib.contextmanager
def running(postgres: Postgres) -> Iterator[None]:
    process = postgres.start()
    try:
        while not postgres.is_ready():
            pass
        yield
    finally:
        process.kill()
        process.wait()


@pytest.mark.req("S0-54")
async def test_while_the_database_is_away_sound_goes_on_and_rows_follow(
    mortal: Postgres, listening: Listening, bus: Bus, clock: ManualClock, principal: Principal
) -> None:
    database = await Database.connect(mortal.url, wait_s=0.2)
    keeper = Keeper(database, bus, clock, FREE_S)
    here = replace(listening, database=database, keeper=keeper)
    with running(mortal):
        await migrate(database)
        leaving, staying = await opened(here, principal), await opened(here, principal)
    async with keeper.running():
        leaving.credited(MINUTE)
        staying.credited(2 * MINUTE)
        assert (await leaving.close("stopped", MINUTE))["heard_s"] == 60
        with pytest.raises(Unavailable):
            await keeper.write()
        staying.credited(MINUTE)
        assert staying.span(0, 960)
        with running(mortal):
            await until(lambda: keeper.waiting == 0)
            await keeper.write()
            assert (await usage(database, principal, clock)).credited_frames == 4 * MINUTE
            by_id = {row.id: row for row in await rows(database, principal)}
            assert by_id[leaving.id].reason == "stopped"
            assert by_id[staying.id].credited_pos == 3 * MINUTE
            kinds = [kind for kind, _ in await told(database, principal)]
            assert kinds == ["listen.started", "listen.started", "listen.ended"]
    await database.close()


async def test_a_client_is_told_what_is_left_of_the_day(
    listening: Listening, principal: Principal, clock: ManualClock
) -> None:
    resets_at = day_of(clock.now(), "UTC").ends_at
    assert await listening.keeper.left(principal) == {"left_s": FREE_S, "resets_at": resets_at}
    stream = await opened(listening, principal)
    stream.credited(MINUTE)
    assert await listening.keeper.left(principal) == {"left_s": FREE_S - 60, "resets_at": resets_at}
    clock.advance(resets_at - clock.now())
    tomorrow = {"left_s": FREE_S, "resets_at": resets_at + 86_400}
    assert await listening.keeper.left(principal) == tomorrow


async def test_who_has_no_limit_is_told_none(keeper: Keeper, principal: Principal) -> None:
    assert await keeper.left(replace(principal, kind="user", plan="pro")) is None


async def test_nobody_waits_at_the_door_for_a_database_that_is_away(
    bus: Bus, clock: ManualClock, principal: Principal
) -> None:
    away = await Database.connect("postgresql://127.0.0.1:1/none")
    assert await Keeper(away, bus, clock, FREE_S).left(principal) is None
    await away.close()
