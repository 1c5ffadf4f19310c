from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from server.realtime.collector import FULL_AT_LAST_S, FULL_EVERY_S, Collector

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """As a process begins; the run of tests has frozen what it consists of."""
    gc.unfreeze()
    yield
    gc.freeze()


class Loop:
    def __init__(self) -> None:
        self.self = self


def garbage() -> weakref.ref[Loop]:
    return weakref.ref(Loop())


def test_while_it_runs_only_the_collector_collects() -> None:
    collector = Collector(0.0)
    collector.start()
    try:
        assert not gc.isenabled()
        assert gc.get_freeze_count() > 0
    finally:
        collector.stop()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_what_its_host_has_frozen_stays_frozen() -> None:
    gc.freeze()
    collector = Collector(0.0)
    collector.start()
    collector.stop()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_the_young_are_collected_every_second() -> None:
    collector = Collector(0.0)
    collector.start()
    try:
        dead = garbage()
        collector.tick(0.5, is_idle=True)
        assert dead() is not None
        collector.tick(1.0, is_idle=False)
        assert dead() is None
    finally:
        collector.stop()


def test_everything_is_collected_when_idle_and_at_last_in_any_case() -> None:
    collector = Collector(0.0)
    collector.start()
    try:
        for now, is_idle in ((FULL_EVERY_S, True), (FULL_EVERY_S + FULL_AT_LAST_S, False)):
            dead = garbage()
            gc.collect(0)  # nothing: it is reached below only by a full collection
            old = garbage()
            collector.tick(now, is_idle=is_idle)
            assert dead() is None
            assert old() is None
            assert gc.get_count()[2] == 0
    finally:
        collector.stop()
