from __future__ import annotations

import time

import pytest

from server.kit.clock import Clock, ManualClock


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
