"""Plays one stream from its ring: decides what sounds at each frame and says what it did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

import numpy as np

from clients.desktop.audio.curves import FOREVER, PAUSE_FRAMES, Envelope, Gain, Positions, Ramp
from clients.desktop.audio.ring import FADE_FRAMES, LOW_FRAMES, RING_FRAMES, Plane, Ring, Samples

START_FRAMES: Final = 7_200
"""150 ms must be there before it sounds."""


What = Literal["start", "stand", "plane", "learn", "pause", "rise", "envelope", "low", "refill"]


class Standing(Enum):
    """Why the position does not move."""

    NO = "moving"
    WAITING = "waiting"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that the deck did, and where."""

    what: What
    pos: int
    standing: Standing = Standing.NO
    """Of `stand`: why."""


class Deck:
    """One stream at the playhead. Everything is at 48 kHz and in stream positions."""

    def __init__(
        self,
        pos: int,
        epoch: int,
        envelope: Envelope,
        rev: int,
        end_pos: int | None,
        frames: int = RING_FRAMES,
    ) -> None:
        self.ring = Ring(pos, epoch, frames)
        self.ring.end_pos = self._sound_end = _end(end_pos)
        self.standing = Standing.WAITING
        self.underruns = 0
        self.late_frames = 0
        """How much too late a splice came since this was last read and cleared."""
        self.detours = 0
        """Times that older sound was heard, because the newest was not there yet."""
        self.played = 0
        self.happenings: list[Happening] = []
        self._gain = Gain(envelope, rev)
        self._pause = Ramp(PAUSE_FRAMES)
        self._gate = Ramp(FADE_FRAMES)
        self._is_held = False
        self._resumes_when_down = False

    @property
    def is_moving(self) -> bool:
        """Whether the position moves."""
        return self.standing is Standing.NO

    @property
    def is_pausing(self) -> bool:
        """Whether a pause is wanted, or there."""
        return self._is_held or (self._pause.is_falling and not self._resumes_when_down)

    # What the network brings

    def learn(self, epoch: int, start: int) -> None:
        """News of an epoch, perhaps before its packets."""
        was_new = self.ring.plane is Plane.NEW
        if self.ring.learn(epoch, start):
            self.detours += self.is_moving and was_new and self.ring.plane is Plane.OLD
            self._log("learn")

    def write(self, epoch: int, pos: int, block: Samples) -> None:
        """A packet; a splice tells of its epoch by itself."""
        ring = self.ring
        if epoch != ring.epoch:
            self.learn(epoch, pos)
        if epoch != ring.epoch:
            return
        if self.is_moving and ring.is_awaiting:
            self.late_frames = max(self.late_frames, ring.play + LOW_FRAMES - pos)
        ring.write(pos, block)

    def set_envelope(self, envelope: Envelope, rev: int, end_pos: int | None) -> None:
        """A newer envelope; older ones are not taken."""
        if rev > self._gain.rev:
            self._replace_envelope(envelope, rev, end_pos)

    def fade_alone(self, frames: int) -> None:
        """Fade and end without a word from the server; its next revision still wins."""
        play = self.ring.play
        points = ((play, self._gain.one(play)), (play + frames, 0.0))
        self._replace_envelope(Envelope(points), self._gain.rev, play + frames)

    # What the person wants

    def pause(self) -> None:
        """Ramp to silence and stand."""
        self._resumes_when_down = False
        if not self.is_moving:
            self._is_held = self.standing is Standing.WAITING
        elif not self._pause.is_falling:
            self._pause.fall(self.ring.play)
            self._log("pause")

    def resume(self) -> None:
        """Go on from where it stands, or will stand."""
        self._is_held = False
        if not self._pause.is_falling:
            return
        if self.is_moving or self.standing is Standing.WAITING:
            self._resumes_when_down = True
        else:
            self._rise()

    # What the clock takes

    def render(self, out: Samples) -> int:
        """Fill `out` with the next frames, or silence where there are none; returns how many sound."""
        done = 0
        while done < len(out):
            if not self.is_moving and not self._can_start():
                out[done:] = 0.0
                return done
            self._look()
            wanted = min(len(out) - done, self.ring.calm_frames, self._stop_pos - self.ring.play)
            step = max(0, wanted)
            out[done : done + step] = self._play(step)
            done += step
            if self.ring.play >= self._stop_pos:
                self._stand()
        return done

    def leave(self, most: int) -> Samples:
        """The last frames, falling to silence, rendered ahead: another stream takes the stage."""
        ring = self.ring
        frames = max(0, min(most, ring.left, self._stop_pos - ring.play)) if self.is_moving else 0
        fall = Ramp(max(frames, 1))
        fall.fall(ring.play)
        pos = np.arange(ring.play, ring.play + frames)
        return self._play(frames) * fall.at(pos).astype(np.float32)[:, None]

    @property
    def _stop_pos(self) -> int:
        """Where the position will stand, as far as is known."""
        return min(self._pause.stand_pos, self._gate.stand_pos, self.ring.end_pos)

    def _can_start(self) -> bool:
        """Start to move where enough is there."""
        ring = self.ring
        if self.standing is not Standing.WAITING or self.is_pausing:
            return False
        if ring.prefer_new():
            self._log("plane")
        if ring.new_left < START_FRAMES and ring.play + ring.new_left < ring.end_pos:
            return False
        if self._gate.is_falling:
            self._gate.rise()
            self._log("refill")
        self.standing = Standing.NO
        self._log("start")
        return True

    def _look(self) -> None:
        """Look ahead: another plane, or the way to silence while there is still sound for it."""
        ring = self.ring
        if ring.choose_plane():
            self.detours += ring.plane is Plane.OLD
            self._log("plane")
        if self._gate.is_falling or ring.left >= LOW_FRAMES or ring.is_complete:
            return
        if ring.play + ring.left >= self._pause.stand_pos:
            return
        self._gate.fall(ring.play)
        self.underruns += 1
        self._log("low")

    def _play(self, frames: int) -> Samples:
        pos: Positions = np.arange(self.ring.play, self.ring.play + frames)
        gains = self._gain.at(pos) * self._pause.at(pos) * self._gate.at(pos)
        self.played += frames
        return self.ring.read(frames) * gains.astype(np.float32)[:, None]

    def _stand(self) -> None:
        ring = self.ring
        if ring.play >= ring.end_pos:
            self.standing = Standing.ENDED
        elif ring.play >= self._pause.stand_pos:
            self.standing = Standing.PAUSED
        else:
            self.standing = Standing.WAITING
            ring.end_pos = self._sound_end
        self._log("stand", self.standing)
        if self.standing is Standing.PAUSED and self._resumes_when_down:
            self._rise()

    def _rise(self) -> None:
        self._resumes_when_down = False
        self._pause.rise()
        self.standing = Standing.WAITING
        self._log("rise")

    def _replace_envelope(self, envelope: Envelope, rev: int, end_pos: int | None) -> None:
        is_late = self._gain.replace(envelope, rev, self.ring.play)
        self._sound_end = _end(end_pos)
        # whoever stands has nothing to join, and would wait for sound beyond the end for ever
        is_joined = is_late and self.is_moving
        self.ring.end_pos = max(self._sound_end, self._gain.join_end) if is_joined else self._sound_end
        self._log("envelope")

    def _log(self, what: What, standing: Standing = Standing.NO) -> None:
        self.happenings.append(Happening(what, self.ring.play, standing))


def _end(end_pos: int | None) -> int:
    return FOREVER if end_pos is None else end_pos
