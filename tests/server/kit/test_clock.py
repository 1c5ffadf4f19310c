from __future__ import annotations

import datetime as dt
import time

import pytest

from server.kit.clock import Clock, ManualClock, add_months


def test_the_clock_tells_the_machines_time() -> None:
    before = time.time(), time.monotonic()
    clock = Clock()
    now, monotonic = clock.now(), clock.monotonic()
    after = time.time(), time.monotonic()

    assert before[0] <= now <= after[0]
    assert before[1] <= monotonic <= after[1]


def test_a_manual_clock_moves_only_when_it_is_moved() -> None:
    clock = ManualClock(now=10.0, monotonic=3.0)
    clock.advance(1.5)

    assert (clock.now(), clock.monotonic()) == (11.5, 4.5)


def test_a_manual_clock_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="does not go back"):
        ManualClock().advance(-0.1)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-15", 1, "2026-02-15"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-03-31", 12, "2027-03-31"),
        ("2026-03-31", 0, "2026-03-31"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_one(start: str, months: int, end: str) -> None:
    assert add_months(dt.datetime.fromisoformat(start), months) == dt.datetime.fromisoformat(end)
