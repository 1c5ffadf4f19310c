"""The two planes of the client's ring, replayed from its log; they share no code.

*new* holds the newest epoch, *old* what would be played without it. *new* is what is rendered with all
changes; *old* is the same, covered by what was put over it, and rendered only where it is heard.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]
RenderOf = Callable[[int, int, int], Sound]
"""(epoch, start, end) → frames as they sound with the changes up to that epoch."""

FADE: Final = 480
LOW: Final = 608
EPOCHS: Final = 256


@dataclass(frozen=True, slots=True)
class Cover:
    """What lies over *old* from `start` to `end`: samples, or the epoch as which they are rendered."""

    start: int
    end: int
    sound: Sound | int


@dataclass(slots=True)
class Planes:
    """Both planes, and which one is heard."""

    render: RenderOf
    new: Sound
    heard: Sound
    covers: list[Cover] = field(default_factory=list)
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
        return cls(render, new, np.zeros_like(new))

    def replay(self, log: Sequence[dict[str, Any]]) -> Sound:
        """Everything that was heard, from the worklet's log."""
        self._hear_of_late_epochs(log)
        for entry in log:
            self._listen_to(int(entry["pos"]))
            if entry["what"] == "plane":
                self.is_old = bool(entry["a"])
                self.fade_pos = -FADE if entry["b"] else int(entry["pos"])
            elif entry["what"] == "learn":
                self._learn(_unwrapped(self.epoch, entry), int(entry["a"]), int(entry["b"]))
        self._listen_to(len(self.new))
        return self.heard

    def _hear_of_late_epochs(self, log: Sequence[dict[str, Any]]) -> None:
        """Frames that were played before the client heard of the epoch that changes them."""
        epoch, known = 0, 0
        for entry in (one for one in log if one["what"] == "learn"):
            start, play = max(int(entry["a"]), known), int(entry["pos"])
            if start < min(play, int(entry["b"])):
                self.new[start:play] = self.render(epoch, start, play)
            epoch, known = _unwrapped(epoch, entry), play

    def _listen_to(self, end: int) -> None:
        if end > self.play:
            self.heard[self.play : end] = self._mixed(self.play, end)
            self.play = end
            self.covers = [cover for cover in self.covers if cover.end > end]

    def _old(self, start: int, end: int) -> Sound:
        """The old plane: each cover over those before it."""
        sound = self.new[start:end].copy()
        for cover in self.covers:
            first, last = max(start, cover.start), min(end, cover.end)
            if first >= last:
                continue
            if isinstance(cover.sound, int):
                sound[first - start : last - start] = self.render(cover.sound, first, last)
            else:
                sound[first - start : last - start] = cover.sound[first - cover.start : last - cover.start]
        return sound

    def _mixed(self, start: int, end: int) -> Sound:
        """What the present choice of planes makes of start … end."""
        since = np.clip(np.arange(start, end) - self.fade_pos, 0, FADE)
        fading = int(np.count_nonzero(since < FADE))
        if self.is_old:
            sound = self._old(start, end)
            other = self.new[start : start + fading]
        else:
            sound = self.new[start:end].copy()
            other = self._old(start, start + fading)
        if fading:
            rise = _rise(since[:fading] / FADE)
            old, new = (sound[:fading], other) if self.is_old else (other, sound[:fading])
            sound[:fading] = _between(old, new, 1.0 - rise if self.is_old else rise)
        return sound

    def _learn(self, epoch: int, start: int, reach: int) -> None:
        """An epoch sounds from `start` on; the run of the one before reached to `reach`."""
        before, self.epoch = self.epoch, epoch
        if start >= reach:
            return
        is_late = start < self.play + LOW
        fade_end = self.fade_pos + FADE
        if self.play < fade_end and not self.is_old and not is_late:
            # the rest of a way back to *new* is written there first: *old* is about to change
            self.new[self.play : fade_end] = self._mixed(self.play, fade_end)
            self.fade_pos = -FADE
        if self.play < reach:
            self._keep(before, start, reach)
        else:
            self.moved_from = start
        self.old_end = max(self.old_end, reach)
        self.is_old = self.is_old or is_late
        self.fade_pos = -FADE

    def _keep(self, before: int, start: int, reach: int) -> None:
        """What is played without the new epoch; where that ends it goes over into what was before it."""
        begin = max(reach - FADE, self.play, self.moved_from)
        is_blended = self.old_end > reach and begin < reach
        former = self._old(begin, reach) if is_blended else None
        run = Cover(max(start, self.play), reach, before)
        if self.is_old or self.play < self.fade_pos + FADE:
            self.new, whole = self.new.copy(), self.new
            self.new[run.start : reach] = self.render(before, run.start, reach)
            kept = Cover(self.play, reach, self._until_old_ends(reach))
            self.new = whole
        else:
            # up to the splice the planes are equal again, whatever lay in the old one from epochs before
            self.covers.append(Cover(self.play, run.start, self.new[self.play : run.start].copy()))
            kept = run
        self.covers.append(kept)
        self.moved_from = start
        if former is not None:
            share = np.arange(reach - begin) / (reach - begin)
            zone = _between(self._old(begin, reach), former, _rise(share))
            self.covers.append(Cover(begin, reach, zone))
            self.moved_from = min(begin, start)

    def _until_old_ends(self, reach: int) -> Sound:
        """What is played up to `reach`; where *old* ends before, it goes over into the run."""
        sound = self._mixed(self.play, reach)
        end = max(self.play, min(reach, max(self.old_end, self.moved_from)))
        if end < reach:
            begin = max(self.play, end - FADE)
            zone = slice(begin - self.play, end - self.play)
            share = np.arange(end - begin) / max(1, end - begin)
            sound[zone] = _between(sound[zone], self.new[begin:end], _rise(share))
            sound[end - self.play :] = self.new[end:reach]
        return sound


def _unwrapped(epoch: int, entry: dict[str, Any]) -> int:
    return epoch + (int(entry["epoch"]) - epoch) % EPOCHS


def _rise(share: NDArray[np.float64]) -> NDArray[np.float64]:
    return 0.5 - 0.5 * np.cos(np.pi * share)


def _between(first: Sound, second: Sound, weight: NDArray[np.float64]) -> Sound:
    """first + weight · (second - first), rounded once."""
    one, other = first.astype(np.float64), second.astype(np.float64)
    return (one + weight[:, None] * (other - one)).astype(np.float32)
