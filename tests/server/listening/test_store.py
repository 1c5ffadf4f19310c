from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server.accounts.store import insert_principal
from server.listening import store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from server.kit.db import Connection, Database
    from server.kit.principal import Principal

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
DAY = NOW.date()


@pytest.fixture
async def conn(database: Database, principal: Principal, stranger: Principal) -> AsyncIterator[Connection]:
    async with database.transaction() as connection:
        await insert_principal(connection, principal)
        await insert_principal(connection, stranger)
        yield connection


def new(principal: Principal, minutes_ago: float = 0) -> store.NewSession:
    return store.NewSession(
        id=uuid.uuid4(),
        principal_id=principal.id,
        mode="focus",
        title="Focus",
        preset="focus",
        device="a test",
        planned_s=1500.0,
        instance={"timeline": []},
        started_at=NOW - dt.timedelta(minutes=minutes_ago),
    )


def keep(session: uuid.UUID, generation: int = 1) -> store.Keep:
    return store.Keep(session, generation, 1500.0, 60.0, 2, 96_000, {"timeline": [1]})


@pytest.mark.req("S0-31")
async def test_a_session_is_kept_as_it_began(conn: Connection, principal: Principal) -> None:
    session = new(principal)
    await store.insert_session(conn, session)
    (row,) = await store.list_sessions(conn, principal.id, None, 10)
    assert (row.id, row.mode, row.preset, row.started_at) == (session.id, "focus", "focus", NOW)
    assert (row.generation, row.heard_s, row.ended_at, row.success) == (1, 0, None, None)
    found = await store.find_unfinished(conn, session.id, principal.id)
    assert found == (row, {"timeline": []})


async def test_the_newest_state_of_many_is_kept_and_an_unchanged_instance_stays(
    conn: Connection, principal: Principal
) -> None:
    sessions = [new(principal), new(principal)]
    for session in sessions:
        await store.insert_session(conn, session)
    first, second = (session.id for session in sessions)
    await store.keep_sessions(conn, [keep(first), replace(keep(second), instance=None, heard_s=5.0)], NOW)
    rows = {row.id: row for row in await store.list_unfinished(conn, principal.id)}
    assert (rows[first].heard_s, rows[first].underruns, rows[first].credited_pos) == (60.0, 2, 96_000)
    assert rows[second].heard_s == 5.0
    instances = [await store.find_unfinished(conn, one, principal.id) for one in (first, second)]
    assert [found and found[1] for found in instances] == [{"timeline": [1]}, {"timeline": []}]


async def test_who_lost_a_session_writes_to_no_row(conn: Connection, principal: Principal) -> None:
    session = new(principal)
    await store.insert_session(conn, session)
    taken = await store.take_session(conn, session.id, principal.id, NOW)
    assert taken is not None
    assert taken.generation == 2
    await store.keep_sessions(conn, [keep(session.id, generation=1)], NOW)
    lost = store.Ended(session.id, 1, "taken", success=False)
    assert await store.end_sessions(conn, [lost], NOW) == []
    (row,) = await store.list_unfinished(conn, principal.id)
    assert row.heard_s == 0


@pytest.mark.req("S0-32")
async def test_a_session_ends_once(conn: Connection, principal: Principal) -> None:
    session = new(principal)
    await store.insert_session(conn, session)
    ended = store.Ended(session.id, 1, "completed", success=True)
    (row,) = await store.end_sessions(conn, [ended], NOW)
    assert (row.reason, row.success, row.ended_at) == ("completed", True, NOW)
    assert await store.end_sessions(conn, [replace(ended, reason="lost")], NOW) == []
    await store.keep_sessions(conn, [keep(session.id)], NOW)
    assert await store.list_unfinished(conn, principal.id) == []
    assert await store.take_session(conn, session.id, principal.id, NOW) is None
    assert await store.find_unfinished(conn, session.id, principal.id) is None


@pytest.mark.req("S0-57")
async def test_a_stranger_finds_nothing(conn: Connection, principal: Principal, stranger: Principal) -> None:
    session = new(principal)
    await store.insert_session(conn, session)
    assert await store.take_session(conn, session.id, stranger.id, NOW) is None
    assert await store.find_unfinished(conn, session.id, stranger.id) is None
    assert await store.list_sessions(conn, stranger.id, None, 10) == []
    assert await store.list_unfinished(conn, stranger.id) == []


async def test_pages_follow_one_another_without_gap_or_repeat(conn: Connection, principal: Principal) -> None:
    for minutes in (0, 1, 1, 1, 2):
        await store.insert_session(conn, new(principal, minutes))
    everything = await store.list_sessions(conn, principal.id, None, 10)
    assert [row.started_at for row in everything] == sorted(
        (row.started_at for row in everything), reverse=True
    )
    pages: list[store.SessionRow] = []
    while page := await store.list_sessions(
        conn, principal.id, (pages[-1].started_at, pages[-1].id) if pages else None, 2
    ):
        pages += page
    assert pages == everything


async def test_what_nobody_kept_is_found(conn: Connection, principal: Principal) -> None:
    old, fresh = new(principal, 20), new(principal, 1)
    for session in (old, fresh):
        await store.insert_session(conn, session)
    rows = await store.list_abandoned(conn, NOW - dt.timedelta(minutes=15), 10)
    assert [row.id for row in rows] == [old.id]


async def test_use_adds_up_per_day_and_a_repeated_batch_adds_nothing(
    conn: Connection, principal: Principal, stranger: Principal
) -> None:
    uses = [store.Use(principal.id, DAY, 100), store.Use(stranger.id, DAY, 7)]
    batch = uuid.uuid4()
    for _ in range(2):
        totals = await store.add_usage(conn, batch, uses)
        assert totals == {(principal.id, DAY): 100, (stranger.id, DAY): 7}
    totals = await store.add_usage(conn, uuid.uuid4(), [store.Use(principal.id, DAY, 50)])
    assert totals == {(principal.id, DAY): 150}
    assert (await store.find_usage(conn, principal.id, DAY)).credited_frames == 150
    other = await store.find_usage(conn, principal.id, DAY + dt.timedelta(days=1))
    assert other == store.UsageRow(0, warned=False, reached=False)


async def test_each_mark_is_made_once(conn: Connection, principal: Principal) -> None:
    await store.add_usage(conn, uuid.uuid4(), [store.Use(principal.id, DAY, 100)])
    assert [await store.mark_warned(conn, principal.id, DAY, NOW) for _ in range(2)] == [True, False]
    assert [await store.mark_reached(conn, principal.id, DAY, NOW) for _ in range(2)] == [True, False]
    assert await store.find_usage(conn, principal.id, DAY) == store.UsageRow(100, warned=True, reached=True)


async def test_the_latest_is_what_goes_on_and_else_what_was_played_last(
    conn: Connection, principal: Principal, stranger: Principal
) -> None:
    older, newer = new(principal, minutes_ago=60), new(principal, minutes_ago=10)
    for session in (older, newer):
        await store.insert_session(conn, session)
    await store.end_sessions(conn, [store.Ended(newer.id, 1, "stopped", success=False)], NOW)
    latest = await store.find_latest(conn, principal.id)
    assert latest is not None
    assert latest.id == older.id
    await store.end_sessions(conn, [store.Ended(older.id, 1, "stopped", success=False)], NOW)
    latest = await store.find_latest(conn, principal.id)
    assert latest is not None
    assert latest.id == newer.id
    assert await store.find_latest(conn, stranger.id) is None


async def test_an_opinion_is_kept_when_the_session_is_over(
    conn: Connection, principal: Principal, stranger: Principal
) -> None:
    session = new(principal)
    await store.insert_session(conn, session)
    assert await store.rate_session(conn, session.id, principal.id, {"rating": 3}) is None
    await store.end_sessions(conn, [store.Ended(session.id, 1, "stopped", success=False)], NOW)
    assert await store.rate_session(conn, session.id, stranger.id, {"rating": 3}) is None
    rated = await store.rate_session(conn, session.id, principal.id, {"rating": 3, "note": "Well."})
    assert rated is not None
    assert (rated.rating, rated.note) == (3, "Well.")
    assert await store.find_session(conn, session.id, principal.id) == (rated, {"timeline": []})
    assert await store.find_session(conn, session.id, stranger.id) is None
