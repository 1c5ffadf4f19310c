"""One stream's samples as Opus: fed ahead by the codec's delay, so that what is decoded lies in its place.

A new feed begins wherever the sound does not simply go on (start, splice, resume, return from PCM); its
first packets are there for the decoder to settle and are not played.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.kit.codecs import CHANNELS, DELAY_FRAMES, PACKET_FRAMES, OpusEncoder
from server.realtime.wire import FLAG_PRE_ROLL, FLAG_RESET

PRE_ROLL: Final = 4
"""Packets before the first that is played, as far as the stream has begun by then."""


class OpusFeed:
    """An encoder and the samples that wait for the rest of their packet; spans are given in order."""

    def __init__(self, start: int) -> None:
        self.next_pos = start
        """First frame, on the grid of packets, that has not been asked for."""
        self._pre_roll = min(PRE_ROLL, start // PACKET_FRAMES)
        self._is_new = True
        self._encoder = OpusEncoder()
        self._rest: NDArray[np.float32] | None = None

    def take(self, frames: int) -> tuple[int, int, list[int]]:
        """(first frame, frames) to render for the packets of the next `frames`, and flags of all packets.

        A packet needs samples up to 312 frames behind its end: one quantum more is rendered than is sent.
        """
        start, self.next_pos = self.next_pos, self.next_pos + frames
        flags = [0] * (frames // PACKET_FRAMES)
        if not self._is_new:
            return start + PACKET_FRAMES, frames, flags
        self._is_new = False
        flags = [FLAG_PRE_ROLL] * self._pre_roll + flags
        flags[0] |= FLAG_RESET
        return start - self._pre_roll * PACKET_FRAMES, len(flags) * PACKET_FRAMES + PACKET_FRAMES, flags

    def encode(self, payload: NDArray[np.uint8], head: int) -> NDArray[np.uint8]:
        """Packets (count, head + bytes) of what was rendered: float32 frames behind `head` free bytes."""
        frames = payload[head:].view(np.float32).reshape(-1, CHANNELS)
        signal = frames[DELAY_FRAMES:] if self._rest is None else np.concatenate([self._rest, frames])
        whole = len(signal) // PACKET_FRAMES * PACKET_FRAMES
        self._rest = signal[whole:].copy()
        return self._encoder.encode(signal[:whole], head)
