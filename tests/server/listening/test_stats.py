from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from server.accounts.store import insert_principal
from server.listening import store
from server.listening.stats import Day, Dose, Stats, Sum, Week, read_stats, week_midnights

if TYPE_CHECKING:
    from server.kit.db import Connection, Database
    from server.kit.principal import Principal

HOUR_S = 3600.0
NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
"""A Saturday."""


async def heard(
    conn: Connection, principal: Principal, began: dt.datetime, minutes: float, mode: str = "focus"
) -> uuid.UUID:
    """A listening of so long, which goes on."""
    session = uuid.uuid4()
    new = store.NewSession(session, principal.id, mode, mode, None, "a test", 1500.0, {}, began)
    await store.insert_session(conn, new)
    await store.keep_sessions(conn, [store.Keep(session, 1, 1500.0, minutes * 60, 0, 0, None)], began)
    return session


async def read(database: Database, principal: Principal, zone: str = "UTC") -> Stats:
    return await read_stats(database, principal.id, NOW.timestamp(), zone, 65.0)


def test_eighty_decibels_for_forty_hours_and_half_of_it_for_three_more() -> None:
    assert Dose(40 * HOUR_S, 80.0).share == pytest.approx(1)
    assert Dose(40 * HOUR_S, 83.0).share == pytest.approx(2)
    assert Dose(40 * HOUR_S, 77.0).share == pytest.approx(0.5)
    assert Dose(0, 65.0).allowed_s == pytest.approx(40 * 32 * HOUR_S)


def test_the_week_begins_on_monday_in_the_persons_zone() -> None:
    late_sunday = dt.datetime(2026, 11, 22, 23, 30, tzinfo=dt.UTC)
    assert week_midnights(late_sunday)[0].isoformat() == "2026-11-16T00:00:00+00:00"
    berlin = week_midnights(late_sunday.astimezone(ZoneInfo("Europe/Berlin")))
    assert berlin[0].isoformat() == "2026-11-23T00:00:00+01:00"
    assert len(berlin) == 8


def test_a_day_of_twenty_five_hours_is_one_day() -> None:
    midnights = week_midnights(dt.datetime(2026, 10, 22, 12, tzinfo=ZoneInfo("Europe/Berlin")))
    assert [at.utcoffset() for at in midnights[-2:]] == [dt.timedelta(hours=2), dt.timedelta(hours=1)]
    assert [at.hour for at in midnights] == [0] * 8


@pytest.mark.parametrize(
    ("sessions", "minutes", "text"),
    [
        (0, 0, "Nothing heard this week yet."),
        (1, 12, "12 min in 1 session this week."),
        (14, 372, "6 h 12 min in 14 sessions this week."),
    ],
)
def test_a_sentence_says_what_was_and_nothing_of_streaks(sessions: int, minutes: int, text: str) -> None:
    week = Week((Day(NOW.date(), sessions, minutes * 60.0),))
    assert Stats("UTC", Sum(99, 0, None, None), (), week, Dose(0, 65.0)).text == text


@pytest.mark.req("S0-34", "S0-35")
async def test_all_listenings_by_mode_and_the_week_by_day(database: Database, principal: Principal) -> None:
    async with database.transaction() as conn:
        await insert_principal(conn, principal)
        long_ago = await heard(conn, principal, NOW - dt.timedelta(days=30), 25)
        monday = await heard(conn, principal, NOW - dt.timedelta(days=5), 20)
        await heard(conn, principal, NOW, 60, mode="sleep")
        ends = [
            store.Ended(long_ago, 1, "completed", success=True),
            store.Ended(monday, 1, "stopped", success=False),
        ]
        await store.end_sessions(conn, ends, NOW)
        await store.rate_session(conn, monday, principal.id, {"rating": 4})
    stats = await read(database, principal)
    assert stats.total == Sum(3, 105 * 60, 0.5, 4.0)
    assert [(one.mode, one.sessions, one.success_share, one.rating) for one in stats.modes] == [
        ("sleep", 1, None, None),
        ("focus", 2, 0.5, 4.0),
    ]
    assert [day.heard_s / 60 for day in stats.week.days] == [20, 0, 0, 0, 0, 60, 0]
    assert stats.week.first == dt.date(2026, 11, 16)
    assert (stats.week.sessions, stats.week.heard_s) == (2, 80 * 60)


async def test_a_day_is_that_of_the_zone(database: Database, principal: Principal) -> None:
    async with database.transaction() as conn:
        await insert_principal(conn, principal)
        await heard(conn, principal, dt.datetime(2026, 11, 18, 23, 30, tzinfo=dt.UTC), 10)
    for zone, date in {"UTC": 18, "Asia/Tokyo": 19}.items():
        days = (await read(database, principal, zone)).week.days
        assert [day.date.day for day in days if day.sessions] == [date]


async def test_the_dose_is_of_seven_days_also_when_the_week_is_young(
    database: Database, principal: Principal
) -> None:
    async with database.transaction() as conn:
        await insert_principal(conn, principal)
        for days_ago in (8, 6.9, 1):
            await heard(conn, principal, NOW - dt.timedelta(days=days_ago), 60)
    stats = await read(database, principal)
    assert stats.dose.heard_s == 2 * HOUR_S
    assert stats.week.heard_s == HOUR_S


async def test_nobody_counts_the_listenings_of_another(
    database: Database, principal: Principal, stranger: Principal
) -> None:
    async with database.transaction() as conn:
        await insert_principal(conn, principal)
        await heard(conn, principal, NOW, 60)
    stats = await read(database, stranger)
    assert (stats.total, stats.modes, stats.dose.heard_s) == (Sum(0, 0, None, None), (), 0)
