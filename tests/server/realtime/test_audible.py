from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from server.kit.bus import Bus
from server.kit.clock import ManualClock
from server.realtime.audible import Audible

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def bus(redis_url: str) -> AsyncIterator[Bus]:
    found = await Bus.connect(redis_url)
    yield found
    await found.close()


async def test_a_process_knows_what_sounds_in_the_others(bus: Bus) -> None:
    clock, who = ManualClock(), uuid.uuid4()
    one, two = Audible(bus, clock, "one", 15), Audible(bus, clock, "two", 15)
    await one.tell({who: [("a", "a phone", 5.0)]})
    await two.tell({who: [("b", "a browser", 6.0)]})
    (found,) = await two.elsewhere(who, but=set())
    assert (found.session, found.device, found.since) == ("a", "a phone", 5.0)
    assert await two.elsewhere(who, but={"a"}) == []
    assert await one.elsewhere(uuid.uuid4(), but=set()) == []


async def test_silence_is_told_too(bus: Bus) -> None:
    clock, who = ManualClock(), uuid.uuid4()
    one, two = Audible(bus, clock, "one", 15), Audible(bus, clock, "two", 15)
    await one.tell({who: [("a", "a phone", 5.0)]})
    await one.tell({who: []})
    assert await two.elsewhere(who, but=set()) == []


async def test_what_a_dead_process_told_ends(bus: Bus) -> None:
    clock, who = ManualClock(), uuid.uuid4()
    await Audible(bus, clock, "one", 15).tell({who: [("a", "a phone", 5.0)]})
    clock.advance(16)
    assert await Audible(bus, clock, "two", 15).elsewhere(who, but=set()) == []
