from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from server.realtime.granules import Granules

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Hashable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from server.realtime.stream import Codec, Span


class Maker:
    """Makes granules when the test lets it, and remembers their order."""

    def __init__(self) -> None:
        self.made: list[Hashable] = []
        self.may = threading.Event()

    def missing(self, spans: Sequence[Span]) -> Sequence[Hashable]:
        raise NotImplementedError

    def render(self, spans: Sequence[Span], codec: Codec, head: int) -> Sequence[NDArray[np.uint8]]:
        raise NotImplementedError

    def fill(self, key: Hashable) -> None:
        assert self.may.wait(5)
        self.made.append(key)
        if key == "broken":
            raise ValueError("a granule that cannot be made")


@pytest.fixture
async def granules() -> AsyncIterator[Granules]:
    found = Granules()
    yield found
    await found.close()


async def all_made(maker: Maker, count: int) -> None:
    async with asyncio.timeout(5):
        while len(maker.made) < count:  # noqa: ASYNC110 - looks into another thread
            await asyncio.sleep(0.002)


async def test_the_most_urgent_is_made_next_and_each_once(granules: Granules) -> None:
    maker = Maker()
    granules.want(maker, ["first"], 5)
    await asyncio.sleep(0.01)
    granules.want(maker, ["late", "soon"], 9)
    granules.want(maker, ["soon", "first"], 1)
    maker.may.set()
    await all_made(maker, 3)
    await asyncio.sleep(0.02)
    assert maker.made == ["first", "soon", "late"]


async def test_who_waits_is_called_when_all_are_made(granules: Granules) -> None:
    maker, called = Maker(), asyncio.Event()
    granules.wait(maker, ["a", "b"], 1, called.set)
    granules.wait(maker, ["c"], 0, lambda: None)
    await asyncio.sleep(0.01)
    assert not called.is_set()
    maker.may.set()
    async with asyncio.timeout(5):
        await called.wait()
    assert {"a", "b"} <= set(maker.made)


async def test_one_that_fails_keeps_nobody_waiting(granules: Granules) -> None:
    maker, called = Maker(), asyncio.Event()
    maker.may.set()
    with capture_logs() as logged:
        granules.wait(maker, ["broken", "whole"], 1, called.set)
        async with asyncio.timeout(5):
            await called.wait()
    assert logged[0]["event"] == "granule_failed"
    granules.want(maker, ["broken"], 1)
    await all_made(maker, 3)


async def test_the_same_key_of_two_renderers_is_made_twice(granules: Granules) -> None:
    one, two = Maker(), Maker()
    for maker in (one, two):
        maker.may.set()
        granules.want(maker, ["a"], 1)
    await all_made(one, 1)
    await all_made(two, 1)
