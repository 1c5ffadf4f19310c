"""Gains over stream positions: envelopes and ramps, raised cosines in float64.

The same arithmetic as the engine's `play`, so that a recording can be compared with a render, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

Positions = NDArray[np.int64]
Gains = NDArray[np.float64]
Points = tuple[tuple[int, float], ...]

PAUSE_FRAMES: Final = 14_400
"""Over which pause and play ramp."""
JOIN_FRAMES: Final = 48_000
"""Over which an envelope that came late is joined from the present gain."""
FOREVER: Final = 2**62
"""A position that is never reached."""
_SAME_GAIN: Final = 1e-9
"""Gains closer than this are the same: no step can be heard, nor found in float32."""


def raised_cosine(share: Gains) -> Gains:
    """From 0 at share ≤ 0 to 1 at share ≥ 1."""
    return 0.5 - 0.5 * np.cos(np.pi * np.clip(share, 0.0, 1.0))


def read_points(points: Sequence[Sequence[float]]) -> Points:
    """An envelope as the wire carries it."""
    return tuple((int(pos), float(gain)) for pos, gain in points)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Points (position, gain), raised cosines between them, constant outside; full gain without points."""

    points: Points = ()

    @property
    def start(self) -> int:
        """Position of the first point."""
        return self.points[0][0] if self.points else -FOREVER

    def at(self, pos: Positions) -> Gains:
        """Linear gain at each position."""
        gain = np.full(len(pos), self.points[0][1] if self.points else 1.0)
        for (begin, low), (end, high) in pairwise(self.points):
            inside = pos >= begin
            gain[inside] = low + (high - low) * raised_cosine((pos[inside] - begin) / (end - begin))
        return gain


class Gain:
    """The envelope in force: before the first point of a newer one the former holds."""

    def __init__(self, envelope: Envelope, rev: int) -> None:
        self.rev = rev
        self._envelope = self._former = envelope
        self._change_pos = -FOREVER
        self._join_pos = -FOREVER
        self._join_gain = 1.0

    @property
    def join_end(self) -> int:
        """Where the way over from the present gain ends."""
        return self._join_pos + JOIN_FRAMES

    def at(self, pos: Positions) -> Gains:
        """Linear gain at each position."""
        gain = self._envelope.at(pos)
        if len(pos) and pos[0] < self._change_pos:
            gain = np.where(pos < self._change_pos, self._former.at(pos), gain)
        if len(pos) and pos[0] < self.join_end:
            share = raised_cosine((pos - self._join_pos) / JOIN_FRAMES)
            joined = self._join_gain + (gain - self._join_gain) * share
            gain = np.where((pos >= self._join_pos) & (pos < self.join_end), joined, gain)
        return gain

    def one(self, pos: int) -> float:
        """Linear gain at one position."""
        return float(self.at(np.array([pos], np.int64))[0])

    def replace(self, envelope: Envelope, rev: int, pos: int) -> bool:
        """Take a newer envelope at `pos`; true where it came too late and is joined over a second."""
        present = self.one(pos)
        if pos >= self._change_pos:
            self._former = self._envelope
        self._envelope, self.rev, self._change_pos = envelope, rev, envelope.start
        wanted = float(envelope.at(np.array([pos], np.int64))[0])
        is_late = pos >= self._change_pos and abs(present - wanted) > _SAME_GAIN
        if is_late:
            self._join_pos, self._join_gain = pos, present
        return is_late


class Ramp:
    """Falls to silence and rises again, as a function of position: while it is down the position stands."""

    def __init__(self, frames: int) -> None:
        self.frames = frames
        self.fall_pos = FOREVER
        self._rise_pos = -FOREVER

    @property
    def is_falling(self) -> bool:
        """Whether it is on its way down, or down."""
        return self.fall_pos != FOREVER

    @property
    def stand_pos(self) -> int:
        """Where the fall ends and the position stands."""
        return self.fall_pos + self.frames

    def at(self, pos: Positions) -> Gains:
        """Linear gain at each position, none beyond `stand_pos`."""
        gain = np.ones(len(pos))
        if len(pos) and pos[0] < self._rise_pos + self.frames:
            gain *= raised_cosine((pos - self._rise_pos) / self.frames)
        if len(pos) and pos[-1] >= self.fall_pos:
            gain *= 1.0 - raised_cosine((pos - self.fall_pos) / self.frames)
        return gain

    def fall(self, pos: int) -> None:
        """Fall from `pos` on."""
        self.fall_pos = pos

    def rise(self) -> None:
        """Rise from where it stands."""
        self._rise_pos, self.fall_pos = self.stand_pos, FOREVER
