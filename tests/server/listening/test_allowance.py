from __future__ import annotations

import datetime as dt

import pytest

from server.listening.allowance import RATE_HZ, Allowance, day_of, limit_frames_of

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC).timestamp()
MIDNIGHT = dt.datetime(2026, 11, 22, tzinfo=dt.UTC).timestamp()
MINUTE = 60 * RATE_HZ


def half_an_hour() -> Allowance:
    return Allowance(30 * MINUTE, "UTC", day_of(NOON, "UTC"))


@pytest.mark.parametrize(
    ("zone", "date", "hours_left"),
    [
        ("UTC", dt.date(2026, 11, 21), 12),
        ("Europe/Berlin", dt.date(2026, 11, 21), 11),
        ("America/New_York", dt.date(2026, 11, 21), 17),
        ("Pacific/Auckland", dt.date(2026, 11, 22), 23),
        ("Asia/Kathmandu", dt.date(2026, 11, 21), 6.25),
    ],
)
def test_a_day_begins_at_midnight_of_its_zone(zone: str, date: dt.date, hours_left: float) -> None:
    day = day_of(NOON, zone)
    assert day.date == date
    assert day.ends_at - NOON == hours_left * 3600


def test_a_day_without_an_hour_is_shorter() -> None:
    spring = dt.datetime(2027, 3, 28, 0, 30, tzinfo=dt.UTC).timestamp()
    day = day_of(spring, "Europe/Berlin")
    assert day.ends_at - spring == 21.5 * 3600


@pytest.mark.parametrize(
    ("plan", "frames"), [("guest", 1800 * RATE_HZ), ("free", 1800 * RATE_HZ), ("pro", None)]
)
def test_only_free_plans_are_limited(plan: str, frames: int | None) -> None:
    assert limit_frames_of(plan, 1800) == frames


def test_without_a_limit_nothing_is_left_to_tell() -> None:
    allowance = Allowance(None, "UTC", day_of(NOON, "UTC"))
    allowance.credit(1000 * MINUTE, NOON)
    assert allowance.left_frames is None
    assert not allowance.is_to_warn
    assert not allowance.is_to_tell_end


@pytest.mark.parametrize(
    ("used_min", "left_min", "warns", "ends"),
    [
        (0, 30, False, False),
        (26.9, 3.1, False, False),
        (27, 3, True, False),
        (30, 0, True, True),
        (31, 0, True, True),
    ],
)
def test_counts_what_is_credited(used_min: float, left_min: float, *, warns: bool, ends: bool) -> None:
    allowance = half_an_hour()
    allowance.credit(int(used_min * MINUTE), NOON)
    assert allowance.left_frames == pytest.approx(left_min * MINUTE, abs=1)
    assert allowance.is_to_warn is warns
    assert allowance.is_to_tell_end is ends


def test_each_thing_is_told_once() -> None:
    allowance = half_an_hour()
    allowance.credit(30 * MINUTE, NOON)
    allowance.warned = allowance.reached = True
    assert not allowance.is_to_warn
    assert not allowance.is_to_tell_end


def test_midnight_begins_anew_and_each_day_is_written_to_its_own() -> None:
    allowance = half_an_hour()
    allowance.credit(30 * MINUTE, MIDNIGHT - 1)
    allowance.warned = allowance.reached = True
    allowance.credit(MINUTE, MIDNIGHT)
    assert allowance.left_frames == 29 * MINUTE
    assert not allowance.warned
    assert not allowance.reached
    assert allowance.take_pending() == {dt.date(2026, 11, 21): 30 * MINUTE, dt.date(2026, 11, 22): MINUTE}
    assert allowance.take_pending() == {}


def test_learns_what_other_processes_counted() -> None:
    allowance = half_an_hour()
    allowance.credit(MINUTE, NOON)
    allowance.take_pending()
    allowance.credit(2 * MINUTE, NOON)
    allowance.learn(dt.date(2026, 11, 21), 10 * MINUTE)
    assert allowance.used_frames == 12 * MINUTE
    allowance.learn(dt.date(2026, 11, 20), 99 * MINUTE)
    assert allowance.used_frames == 12 * MINUTE
