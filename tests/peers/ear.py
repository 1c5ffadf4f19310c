"""What reaches a listener: a checksum of each tenth of a second, and every place where something happened."""

from __future__ import annotations

import base64
import time
import zlib
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from clients.desktop.audio.ring import FADE_FRAMES, Plane

if TYPE_CHECKING:
    from collections.abc import Callable

    from clients.desktop.audio.deck import Deck, Happening
    from clients.desktop.audio.ring import Samples

CHUNK_FRAMES: Final = 4_800


class Ear:
    """The last listener of an output. Positions stand still in silence, so what is heard has no holes."""

    def __init__(self, deck: Callable[[], Deck | None]) -> None:
        self.sums: list[int] = []
        """CRC-32 of the float32 frames of each chunk."""
        self.breaks: list[dict[str, Any]] = []
        """`low` where the sound began to fall to silence, `refill` where it rose again."""
        self.kept: dict[int, str] = {}
        """Frames of the chunks with such a place: float32, base64."""
        self.fallback: set[int] = set()
        """Chunks in which the sound from before was heard, as a change came late or never."""
        self.happened: list[tuple[str, int]] = []
        """Everything that the deck did, and where: to see what came before a wrong tenth."""
        self._deck = deck
        self._waiting: Samples = np.zeros((0, 2), np.float32)
        self._seen: list[Happening] = []
        self._seen_count = 0
        self._marked: set[int] = set()

    @property
    def frames(self) -> int:
        """What was heard so far."""
        return len(self.sums) * CHUNK_FRAMES + len(self._waiting)

    def add(self, block: Samples) -> None:
        """The next frames that sounded."""
        deck = self._deck()
        if deck is not None:
            self._look(deck, len(block))
        self._waiting = np.concatenate([self._waiting, block])
        while len(self._waiting) >= CHUNK_FRAMES:
            chunk, self._waiting = self._waiting[:CHUNK_FRAMES], self._waiting[CHUNK_FRAMES:]
            number = len(self.sums)
            self.sums.append(zlib.crc32(chunk.tobytes()))
            if number in self._marked:
                self.kept[number] = base64.b64encode(chunk.tobytes()).decode()

    def _look(self, deck: Deck, frames: int) -> None:
        """What the deck did in these frames; it hands out its list of happenings from time to time."""
        if deck.happenings is not self._seen:
            self._seen, self._seen_count = deck.happenings, 0
        news, self._seen_count = self._seen[self._seen_count :], len(self._seen)
        self.happened += [(one.what, one.pos) for one in news]
        for one in news:
            if one.what in {"low", "refill"}:
                self.breaks.append({"what": one.what, "pos": one.pos, "at": time.monotonic()})
                self._marked |= _chunks(one.pos, one.pos + FADE_FRAMES)
        moves = [one.pos for one in news if one.what == "plane"]
        if moves:  # the older sound may have been heard since the news of an epoch, and between two moves
            first = next(one.pos for one in news if one.what in {"learn", "plane"})
            self.fallback |= _chunks(first, moves[-1] + FADE_FRAMES)
        if deck.ring.plane is Plane.OLD or deck.ring.is_fading:
            self.fallback |= _chunks(self.frames, self.frames + frames)


def _chunks(begin: int, end: int) -> set[int]:
    return set(range(begin // CHUNK_FRAMES, end // CHUNK_FRAMES + 1))
