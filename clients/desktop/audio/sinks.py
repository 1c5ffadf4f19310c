"""Where the frames go: what every sink is, and the one without a sound card."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from clients.desktop.audio.ring import Samples

RATE_HZ: Final = 48_000
_LOOK_S: Final = 0.01
_LONGEST_FRAMES: Final = RATE_HZ // 2
"""A machine that slept does not make up for it; no sound card would."""


class Sink(Protocol):
    """Takes frames at 48 kHz."""

    dropouts: int
    """Times that the card got nothing because the program was late."""

    def start(self, pull: Callable[[int], Samples]) -> None:
        """Begin to ask for frames; raises NoSoundCard."""
        ...

    async def stop(self) -> None:
        """Ask no more."""
        ...


class FrameClock:
    """Frames that are due by a clock in seconds."""

    def __init__(self, now: float) -> None:
        self._at = now

    def due(self, now: float) -> int:
        """Frames since the last call, whole ones; no more than half a second's."""
        frames = int((now - self._at) * RATE_HZ)
        if frames > _LONGEST_FRAMES:
            self._at, frames = now, _LONGEST_FRAMES
        else:
            self._at += frames / RATE_HZ
        return frames


class NullSink:
    """Counts frames in real time and lets them go: for machines without a sound card, and for tests."""

    def __init__(self) -> None:
        self.dropouts = 0
        self._task: asyncio.Task[None] | None = None

    def start(self, pull: Callable[[int], Samples]) -> None:
        """Begin to count."""
        self._task = asyncio.get_running_loop().create_task(self._run(pull))

    async def stop(self) -> None:
        """Count no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self, pull: Callable[[int], Samples]) -> None:
        loop = asyncio.get_running_loop()
        clock = FrameClock(loop.time())
        while True:
            await asyncio.sleep(_LOOK_S)
            if frames := clock.due(loop.time()):
                pull(frames)
