from __future__ import annotations

import pytest

from server.kit import bus_memory
from server.kit.bus_memory import Memory
from server.kit.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def memory(clock: ManualClock) -> Memory:
    return Memory(clock.monotonic)


def test_a_value_is_there_until_its_time_ends(memory: Memory, clock: ManualClock) -> None:
    memory.put("k", b"v", 10)
    clock.advance(9.9)
    assert memory.get("k") == b"v"
    clock.advance(0.1)
    assert memory.get("k") is None


def test_put_once_takes_a_key_that_is_free(memory: Memory, clock: ManualClock) -> None:
    assert memory.put_once("k", b"1", 5)
    assert not memory.put_once("k", b"2", 5)
    assert memory.get("k") == b"1"
    clock.advance(5)
    assert memory.put_once("k", b"3", 5)


def test_take_gives_a_value_to_one_caller(memory: Memory) -> None:
    memory.put("k", b"v", 5)
    assert [memory.take("k"), memory.take("k")] == [b"v", None]


def test_a_counter_ends_after_its_first_use(memory: Memory, clock: ManualClock) -> None:
    assert [memory.incr("k", 2, 10), memory.incr("k", 3, 10)] == [2, 5]
    clock.advance(9)
    assert memory.incr("k", 1, 10) == 6
    clock.advance(1)
    assert memory.incr("k", 1, 10) == 1
    assert memory.get("k") is None, "a counter is not a value"


def test_a_bucket_refills_steadily_up_to_its_capacity(memory: Memory, clock: ManualClock) -> None:
    def take(cost: float = 1.0) -> float:
        return memory.take_tokens("k", capacity=2, per_s=0.5, cost=cost)

    assert [take(), take(), take()] == [1, 0, -1]
    clock.advance(1)
    assert take() == -0.5, "a refused try costs nothing, and says how much was missing"
    clock.advance(1)
    assert take() == 0
    clock.advance(3600)
    assert take(2) == 0


def test_the_oldest_go_first_when_there_are_too_many(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus_memory, "CAPACITY", 3)
    for number in range(5):
        memory.put(f"k{number}", b"v", 60)
        memory.take_tokens(f"t{number}", capacity=1, per_s=1, cost=1)

    assert [memory.get(f"k{number}") is not None for number in range(5)] == [False, False, True, True, True]
    assert memory.take_tokens("t0", capacity=1, per_s=0.001, cost=1) == 0, "a forgotten bucket is full"
    assert memory.take_tokens("t4", capacity=1, per_s=0.001, cost=1) < 0
