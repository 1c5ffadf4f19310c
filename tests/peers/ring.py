"""What an honest listener holds: samples by position, and the run that may be counted on."""

from __future__ import annotations

import numpy as np

from server.realtime import wire

STARTS_AT = 7_200
"""Frames (150 ms) that must be there before the sound begins."""
RATE_HZ = 48_000


class Ring:
    """The newest plane of a stream, its playhead on a clock that is passed in, and what was heard."""

    def __init__(self, start: int, seconds: float, now: float, codec: str = "s16") -> None:
        frames = round(seconds * RATE_HZ)
        self.start = start
        self.codec = codec
        self.samples = np.zeros((frames, 2), np.int16)
        self.epochs = np.full(frames, -1, np.int32)
        self.heard = np.zeros((frames, 2), np.int16)
        self.play = start
        self.have = start
        self.epoch = 0
        self.end_pos: int | None = None
        self.is_playing = False
        self.is_paused = False
        self.underruns = 0
        self.packets: list[wire.PacketHeader] = []
        self._at = now

    def write(self, header: wire.PacketHeader, payload: memoryview) -> None:
        """Take a packet unless a newer epoch is known."""
        self.packets.append(header)
        if wire.is_newer(self.epoch & 0xFF, header.epoch):
            return
        if wire.is_newer(header.epoch, self.epoch & 0xFF):
            self.epoch += (header.epoch - self.epoch) & 0xFF
            self.have = min(self.have, header.pos)
        kind = np.int16 if self.codec == "s16" else np.float32
        block = np.frombuffer(payload, kind).reshape(-1, 2).astype(np.int16)
        first = header.pos - self.start
        if first < 0:
            return
        self.samples[first : first + header.frames] = block
        self.epochs[first : first + header.frames] = self.epoch
        if header.pos <= self.have < header.pos + header.frames:
            self.have = header.pos + header.frames

    def hear_of(self, epoch: int, at: int, lookahead: int) -> None:
        """An acknowledgement: from at - lookahead on only the new epoch counts."""
        if epoch > self.epoch:
            self.epoch = epoch
            self.have = max(self.play, min(self.have, at - lookahead))

    def advance(self, now: float) -> None:
        """Play what the time says, as far as it is there."""
        passed = int((now - self._at) * RATE_HZ)
        if passed <= 0:
            return
        self._at += passed / RATE_HZ
        if self.is_paused or not self._has_begun():
            return
        reach = int(np.argmin(self.epochs[self.play - self.start :] >= 0)) + self.play
        end = min(self.play + passed, reach)
        if end < self.play + passed and end != self.end_pos:
            self.underruns += 1
            self.is_playing = False
        first, last = self.play - self.start, end - self.start
        self.heard[first:last] = self.samples[first:last]
        self.play = end
        self.have = max(self.have, self.play)

    def _has_begun(self) -> bool:
        enough = self.have - self.play >= STARTS_AT or self.have == self.end_pos
        self.is_playing = self.is_playing or enough
        return self.is_playing
