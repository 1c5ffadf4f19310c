from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np

from clients.desktop.audio.sinks import FrameClock, NullSink

if TYPE_CHECKING:
    from clients.desktop.audio.ring import Samples


def test_no_frame_is_lost_between_two_looks() -> None:
    clock = FrameClock(10.0)
    times = np.cumsum(np.random.default_rng(1).uniform(0.001, 0.02, 500)) + 10.0
    assert abs(sum(clock.due(float(now)) for now in times) - (times[-1] - 10.0) * 48_000) < 1


def test_a_machine_that_slept_does_not_make_up_for_it() -> None:
    clock = FrameClock(0.0)
    assert clock.due(3600.0) == 24_000
    assert clock.due(3600.01) == 480


async def test_the_null_sink_asks_for_frames_until_it_is_stopped() -> None:
    asked: list[int] = []

    def pull(frames: int) -> Samples:
        asked.append(frames)
        return np.zeros((frames, 2), np.float32)

    sink = NullSink()
    await sink.stop()  # nothing began
    sink.start(pull)
    async with asyncio.timeout(10):
        while sum(asked) < 2400:  # noqa: ASYNC110 - the sink tells nobody
            await asyncio.sleep(0.01)
    await sink.stop()
    count = len(asked)
    await asyncio.sleep(0.03)
    assert len(asked) == count
    assert sink.dropouts == 0
