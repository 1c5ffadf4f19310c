"""Two planes of the same positions: *new* is the newest epoch known, *old* what would be played without it.

A splice that is late or cut short is heard as the sound from before, crossfaded, never as a click. The old
plane is kept by copy on write: positions of *new* that the newest epoch has not reached yet still hold the
sound from before, and only what it overwrites moves over. So learning of an epoch costs nothing.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clients.desktop.audio.curves import FOREVER, raised_cosine
from server.realtime import wire

Samples = NDArray[np.float32]
"""(frames, 2)"""

RING_FRAMES: Final = 2**20
"""The deepest horizon (20 s) and what is in flight, as a power of two."""
FADE_FRAMES: Final = 480
LOW_FRAMES: Final = FADE_FRAMES + 128
"""Fewer frames of *new* than this start the way over to *old*: one fade and one look."""
_BACK_FRAMES: Final = LOW_FRAMES + FADE_FRAMES
"""Of *new*, for the way back: the fade, and enough not to turn round at its end."""
_WEIGHTS: Final = raised_cosine(np.arange(FADE_FRAMES) / FADE_FRAMES)


class Plane(IntEnum):
    """Which of the two is heard."""

    NEW = 0
    OLD = 1


class Ring:
    """Samples by position, and the choice of plane."""

    def __init__(self, pos: int, epoch: int, frames: int = RING_FRAMES) -> None:
        self.frames = frames
        self.play = pos
        """The next frame that sounds."""
        self.epoch = epoch
        self.plane = Plane.NEW
        self.end_pos = FOREVER
        self.new_from = self.new_end = pos
        """The run of the newest epoch."""
        self.is_awaiting = False
        """From the news of an epoch to its first frames."""
        self._fade_pos = -FOREVER
        """Where the running crossfade began; it leads to `plane`."""
        self._moved_from = self._stale_end = pos
        """The sound from before: in the old plane up to `new_end`, in the new one up to `stale_end`."""
        self._newer = np.zeros((frames, 2), np.float32)
        self._older = np.zeros((frames, 2), np.float32)

    @property
    def is_fading(self) -> bool:
        """Whether the way from one plane to the other is under way."""
        return self.play < self._fade_pos + FADE_FRAMES

    @property
    def new_left(self) -> int:
        """Frames of the newest epoch from the playhead on."""
        return 0 if self.play < self.new_from else max(0, self.new_end - self.play)

    @property
    def left(self) -> int:
        """Frames that can be played, whatever happens."""
        return max(self.new_left, self._old_left)

    @property
    def is_complete(self) -> bool:
        """Whether everything up to the end of the stream is there."""
        return self.play + self.left >= self.end_pos

    @property
    def calm_frames(self) -> int:
        """Frames for which nothing needs to be decided, with the packets that are here."""
        is_calm = self.plane is Plane.NEW and not self.is_fading
        return max(128, self.new_left - LOW_FRAMES) if is_calm else 128

    @property
    def _old_left(self) -> int:
        return max(0, max(self._stale_end, self._moved_from) - self.play)

    def learn(self, epoch: int, start: int) -> bool:
        """Hear of an epoch that sounds from `start` on (the splice's first frame); true if it was news."""
        if not wire.is_newer(epoch, self.epoch):
            return False
        self.epoch = epoch
        if start >= self.new_end:
            return True
        if self.plane is Plane.NEW and start >= self.play + LOW_FRAMES:
            self._bake(min(self.new_end, self._fade_pos + FADE_FRAMES))
            self._cut_at(start)
        else:
            # what was to be heard lies in the new plane, as the sound from before: no crossfade
            if self.plane is Plane.OLD or self.is_fading:
                self._bake(self.new_end)
            self._cut_at(start)
            self.new_from = start
            self.plane = Plane.OLD
        self._fade_pos = -FOREVER
        return True

    def write(self, pos: int, block: Samples) -> bool:
        """Take samples of the newest epoch; what is there is skipped, after a gap nothing is taken."""
        end = pos + len(block)
        if end > self.play + self.frames or pos > self.new_end:
            return False
        self.is_awaiting = False
        start = max(pos, self.new_end)
        if start >= end:
            return True
        stale = self._places(start, max(start, min(end, self._stale_end)))
        self._older[stale] = self._newer[stale]
        self._newer[self._places(start, end)] = block[start - pos :]
        self.new_end = end
        return True

    def choose_plane(self) -> bool:
        """Choose the plane for the next frames; true where it changed."""
        if self.is_fading:
            return False
        left = self.new_left
        if self.plane is Plane.NEW:
            if left >= LOW_FRAMES or self.play + left >= self.end_pos or self._old_left <= left:
                return False
            self.plane = Plane.OLD
        else:
            if left == 0 or left < min(_BACK_FRAMES, self.end_pos - self.play):
                return False
            self.plane = Plane.NEW
        self._fade_pos = self.play
        return True

    def prefer_new(self) -> bool:
        """In silence the planes change at once; true where that put the newest epoch on."""
        if self.play < self.new_from <= self.play + self._old_left:
            self.new_from = self.play
        if self.plane is Plane.NEW or self.new_left == 0:
            return False
        self.plane = Plane.NEW
        self._fade_pos = -FOREVER
        return True

    def read(self, frames: int) -> Samples:
        """Play the next frames, no more than `left` says."""
        block = self._heard(self.play, self.play + frames)
        self.play += frames
        return block

    def _places(self, start: int, end: int) -> NDArray[np.int64]:
        return np.arange(start, end) & (self.frames - 1)

    def _cut_at(self, start: int) -> None:
        """The run of the newest epoch begins again at `start`."""
        seam = self._blend(start)
        self._stale_end = max(self._stale_end, self.new_end)
        self.new_end = start
        self._moved_from = min(seam, start)
        self.is_awaiting = True

    def _blend(self, start: int) -> int:
        """The run that ends here goes over into the sound from before it; returns where that begins.

        Together they can be what is played without the epoch that comes. Where the coming run shares the new
        plane with it (before `start`), that lies in the old one.
        """
        end = self.new_end
        begin = max(end - FADE_FRAMES, self.play, self._moved_from)
        if self._stale_end <= end or begin >= end:
            return start
        places = self._places(begin, end)
        newer, older = self._newer[places], self._older[places]
        share = raised_cosine(np.arange(end - begin) / (end - begin))
        mixed = _between(newer, older, share)
        in_old = max(0, min(end, start) - begin)
        self._older[places[:in_old]] = mixed[:in_old]
        self._newer[places[in_old:]] = mixed[in_old:]
        return begin

    def _bake(self, end: int) -> None:
        """Write what the two planes give into the new one, so that a third sound can become the newest."""
        if end > self.play:
            self._newer[self._places(self.play, end)] = self._heard(self.play, end)

    def _before(self, start: int, end: int) -> Samples:
        """The sound from before."""
        pos = np.arange(start, end)
        places = pos & (self.frames - 1)
        is_moved = (pos >= self._moved_from) & (pos < self.new_end)
        before: Samples = np.where(is_moved[:, None], self._older[places], self._newer[places])
        return before

    def _heard(self, start: int, end: int) -> Samples:
        """Samples as they are heard: a plane, or the way from one to the other."""
        is_old = self.plane is Plane.OLD
        block = self._before(start, end) if is_old else self._newer[self._places(start, end)]
        fading = min(end, self._fade_pos + FADE_FRAMES) - start
        if fading > 0:
            old = self._before(start, start + fading)
            new = self._newer[self._places(start, start + fading)]
            weight = _WEIGHTS[start - self._fade_pos :][:fading]
            block[:fading] = _between(old, new, 1.0 - weight if is_old else weight)
        return block


def _between(old: Samples, new: Samples, weight: NDArray[np.float64]) -> Samples:
    """`old + weight·(new - old)`, rounded once: equal samples stay equal, bit for bit."""
    before = old.astype(np.float64)
    return (before + weight[:, None] * (new - before)).astype(np.float32)
