"""How far ahead of the playhead the server may send: small under a hand, deep when all is quiet."""

from __future__ import annotations

from typing import Final

RATE_HZ: Final = 48_000
OPEN_FRAMES: Final = 9_600
_COLLAPSED_FRAMES: Final = 12_000
_QUIET_FRAMES: Final = RATE_HZ
"""Without a change, after which it grows again."""
_REGROWTH: Final = 2
"""At most this much of real time after a change; three times with the playhead's own way."""
_MIN_TICK_FRAMES: Final = 1_200


class Horizon:
    """Credit in frames, grown by what was played."""

    def __init__(self, deepest_frames: int) -> None:
        self.frames: float = OPEN_FRAMES
        self.way_frames = 0
        """A round trip's: what is credited now comes so much later."""
        self._deepest = max(deepest_frames, OPEN_FRAMES)
        self._has_collapsed = False
        self._quiet_frames = 0
        self._advanced_to = 0

    def open(self, pos: int) -> None:
        """Begin anew at the first frame of a stream."""
        self.frames, self._has_collapsed, self._advanced_to = OPEN_FRAMES, False, pos

    def limit(self, play: int) -> int:
        """The first position that the server must not reach."""
        return play + round(self.frames) + self.way_frames

    def collapse(self) -> None:
        """A change comes: what is sent now would be overwritten."""
        self.frames = min(self.frames, _COLLAPSED_FRAMES)
        self._has_collapsed, self._quiet_frames = True, 0

    def advance(self, play: int) -> None:
        """Grow with what was played."""
        played = max(0, play - self._advanced_to)
        self._advanced_to = play
        self._quiet_frames += played
        if self._has_collapsed and self._quiet_frames < _QUIET_FRAMES:
            return
        grown = self.frames * 2.0 ** (played / RATE_HZ)
        if self._has_collapsed:
            grown = min(grown, self.frames + _REGROWTH * played)
        self.frames = min(max(grown, OPEN_FRAMES), self._deepest)

    @property
    def tick_frames(self) -> int:
        """Frames between two reports."""
        return min(max(round(self.frames / 8), _MIN_TICK_FRAMES), RATE_HZ)
