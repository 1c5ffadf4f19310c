"""The two planes of `wire.md` §6, replayed from the client's log: whole, in numpy, for all positions at once.

*new* holds the newest epoch, *old* what would be played without it. The client moves only what it must; here both planes are
kept as the rules say, so the two have no more in common than the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]
RenderOf = Callable[[int, int, int], Sound]
"""(epoch, start, end) → frames as they sound with the changes up to that epoch."""

FADE: Final = 480
LOW: Final = 608
EPOCHS: Final = 256


@dataclass(slots=True)
class Planes:
    """Both planes, and which one is heard."""

    render: RenderOf
    new: Sound
    """As rendered with all changes: what an epoch changes later is never heard on this plane."""
    old: Sound
    heard: Sound
    play: int = 0
    epoch: int = 0
    is_old: bool = False
    fade_pos: int = -FADE
    moved_from: int = 0
    """From here on the planes differ."""
    old_end: int = 0

    @classmethod
    def over(cls, render: RenderOf, frames: int, newest: int) -> Planes:
        """Planes for positions 0 … frames."""
        new = render(newest, 0, frames)
        return cls(render, new, new.copy(), np.zeros_like(new))

    def replay(self, log: Sequence[dict[str, Any]]) -> Sound:
        """Everything that was heard, from the worklet's log."""
        self._hear_of_late_epochs(log)
        for entry in log:
            self._listen_to(int(entry["pos"]))
            if entry["what"] == "plane":
                self.is_old = bool(entry["a"])
                self.fade_pos = -FADE if entry["b"] else int(entry["pos"])
            elif entry["what"] == "learn":
                self._learn(self._unwrapped(self.epoch, entry), int(entry["a"]), int(entry["b"]))
        self._listen_to(len(self.new))
        return self.heard

    def _hear_of_late_epochs(self, log: Sequence[dict[str, Any]]) -> None:
        """Frames that were played before the client heard of the epoch that changes them."""
        epoch, known = 0, 0
        for entry in (one for one in log if one["what"] == "learn"):
            start, play = max(int(entry["a"]), known), int(entry["pos"])
            if start < min(play, int(entry["b"])):
                self.new[start:play] = self.render(epoch, start, play)
            epoch, known = self._unwrapped(epoch, entry), play

    @staticmethod
    def _unwrapped(epoch: int, entry: dict[str, Any]) -> int:
        return epoch + (int(entry["epoch"]) - epoch) % EPOCHS

    def _listen_to(self, end: int) -> None:
        if end > self.play:
            self.heard[self.play : end] = self._mixed(self.new, self.play, end)
            self.play = end

    def _mixed(self, new: Sound, start: int, end: int) -> Sound:
        """What the present choice of planes makes of start … end."""
        old, new = self.old[start:end], new[start:end]
        since = np.clip(np.arange(start, end) - self.fade_pos, 0, FADE)
        if since[0] == FADE:
            return old if self.is_old else new
        rise = _rise(since / FADE)
        mixed = _between(old, new, 1.0 - rise if self.is_old else rise)
        return np.where((since < FADE)[:, None], mixed, old if self.is_old else new)

    def _learn(self, epoch: int, start: int, reach: int) -> None:
        """An epoch sounds from `start` on; the run of the one before reached to `reach`."""
        before, self.epoch = self.epoch, epoch
        if start >= reach:
            return
        run = self.new.copy() if self.play < reach else self.new
        first = max(start, self.play)
        if first < reach:
            run[first:reach] = self.render(before, first, reach)
        is_late = start < self.play + LOW
        if self.play < reach:
            self._keep(self._mixed(run, self.play, reach), start, reach)
        else:
            self.moved_from = start
        self.old_end = max(self.old_end, reach)
        if self.is_old or is_late or self.play < self.fade_pos + FADE > start:
            self.is_old = True
            self.fade_pos = -FADE
        elif self.play < self.fade_pos + FADE:
            end = self.fade_pos + FADE
            self.new[self.play : end] = self._mixed(self.new, self.play, end)
            self.fade_pos = -FADE

    def _keep(self, sound: Sound, start: int, reach: int) -> None:
        """`sound` is what is played without the new epoch; where it ends it goes over into what was before it."""
        begin = max(reach - FADE, self.play, self.moved_from)
        self.moved_from = start
        if self.old_end > reach and begin < reach:
            share = np.arange(reach - begin) / (reach - begin)
            zone = slice(begin - self.play, reach - self.play)
            sound = sound.copy()
            sound[zone] = _between(sound[zone], self.old[begin:reach], _rise(share))
            self.moved_from = min(begin, start)
        self.old[self.play : reach] = sound


def _rise(share: NDArray[np.float64]) -> NDArray[np.float64]:
    return 0.5 - 0.5 * np.cos(np.pi * share)


def _between(first: Sound, second: Sound, weight: NDArray[np.float64]) -> Sound:
    """first + weight · (second − first), rounded once."""
    one, other = first.astype(np.float64), second.astype(np.float64)
    return (one + weight[:, None] * (other - one)).astype(np.float32)
