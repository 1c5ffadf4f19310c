"""What the sound card asks: the deck on stage, the last frames of the one before it, recorder, meter, volume.

The card calls `pull` from a thread of its own; everything else holds `lock` while it touches the deck.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from clients.desktop.audio.curves import PAUSE_FRAMES

if TYPE_CHECKING:
    from collections.abc import Callable

    from clients.desktop.audio.deck import Deck
    from clients.desktop.audio.ring import Samples

_FIRST_TICK_FRAMES: Final = 1_200


class Listener(Protocol):
    """Gets what is played, before the volume; must not take long."""

    def add(self, block: Samples) -> None:
        """The next frames that sounded."""
        ...


class Output:
    """The end of the way: frames for the sound card, and ticks for those who feed it."""

    def __init__(self, tick: Callable[[], None], listeners: tuple[Listener, ...] = ()) -> None:
        self.lock = threading.Lock()
        self.volume = 70
        """Per cent; the client's own last gain, in no record and no comparison."""
        self.is_muted = False
        self.tick_frames = _FIRST_TICK_FRAMES
        self._tick = tick
        self._listeners = listeners
        self._deck: Deck | None = None
        self._tail: Samples = np.zeros((0, 2), np.float32)
        self._since_tick = 0
        self._gain = 0.0

    def take_stage(self, deck: Deck | None) -> None:
        """Another deck plays from now on; what sounded falls to silence beside it."""
        with self.lock:
            if self._deck is not None and self._deck is not deck:
                self._tail = self._deck.leave(PAUSE_FRAMES)
            self._deck = deck

    @property
    def is_silent(self) -> bool:
        """Whether nothing moves and nothing falls."""
        with self.lock:
            return not len(self._tail) and (self._deck is None or not self._deck.is_moving)

    def pull(self, frames: int) -> Samples:
        """The next frames for the sound card, (frames, 2)."""
        block = np.zeros((frames, 2), np.float32)
        with self.lock:
            sounding = 0 if self._deck is None else self._deck.render(block)
            sounding = max(sounding, self._add_tail(block))
            is_due = self._is_tick_due(frames)
        for listener in self._listeners:
            listener.add(block[:sounding])
        if is_due:
            self._tick()
        return self._loud(block)

    def _add_tail(self, block: Samples) -> int:
        count = min(len(block), len(self._tail))
        block[:count] += self._tail[:count]
        self._tail = self._tail[count:]
        return count

    def _is_tick_due(self, frames: int) -> bool:
        """When it is time, and at once when something happened."""
        self._since_tick += frames
        has_news = self._deck is not None and bool(self._deck.happenings)
        if self._since_tick < self.tick_frames and not has_news:
            return False
        self._since_tick = 0
        return True

    def _loud(self, block: Samples) -> Samples:
        """At the listener's volume, which glides over the block."""
        target = 0.0 if self.is_muted else self.volume / 100
        glide = np.linspace(self._gain, target, len(block), endpoint=False, dtype=np.float32)
        self._gain = target
        return block * glide[:, None]
