"""Levels of what is sent, for whoever draws a meter: peak and RMS of each ear, on the clock of positions."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from server.realtime.stream import QUANTUM, RATE_HZ
from server.realtime.wire import MeterHeader, pack_meters

Levels = NDArray[np.float32]
MOST_HZ: Final = 20.0
LEAST_PACKET_S: Final = 0.25
FLOOR_DB: Final = -120.0
QUANTA_PER_S: Final = RATE_HZ // QUANTUM
METERED: Final = ("peak", "rms")

_TINY: Final = np.float32(10.0 ** (FLOOR_DB / 20.0))
_SCALE: Final = {"s16": np.float32(32_768.0), "f32": np.float32(1.0)}


def measure(payload: NDArray[np.uint8], codec: str, head: int, packets: int) -> Levels:
    """(quanta, 2, 2): peak and mean square of each ear, of rendered packets in whole quanta."""
    kind = np.int16 if codec == "s16" else np.float32
    frames = payload.reshape(packets, -1)[:, head:].view(kind).reshape(-1, QUANTUM, 2)
    ears = frames.astype(np.float32).swapaxes(1, 2)
    levels = np.empty((len(ears), 2, 2), dtype=np.float32)
    levels[:, 0] = _peaks(frames) / _SCALE[codec]
    levels[:, 1] = np.vecdot(ears, ears) / (np.float32(QUANTUM) * _SCALE[codec] ** 2)
    return levels


def _peaks(frames: NDArray[Any]) -> NDArray[Any]:
    """(quanta, 2) of (quanta, frames, 2): halves upon halves, which numpy does many at a time."""
    values = np.abs(frames.reshape(len(frames), -1))
    if values.dtype == np.int16:
        values = values.view(np.uint16)  # of the least number there is no absolute value in 16 bits
    while values.shape[1] % 4 == 0:
        half = values.shape[1] // 2
        values = np.maximum(values[:, :half], values[:, half:])
    folded: NDArray[Any] = values.reshape(len(values), -1, 2).max(axis=1)
    return folded


class Meter:
    """What is told of one stream: entries at the subscriber's rate, a quarter second or more at a time."""

    def __init__(self, sid: int, hz: float, what: Sequence[str]) -> None:
        self._sid = sid
        self._quanta = max(1, round(QUANTA_PER_S / hz))
        self._what = [METERED.index(one) for one in METERED if one in what]
        self._sequence = 0
        self._pos = 0
        self._epoch = 0
        self._waiting: list[Levels] = []

    def add(self, pos: int, epoch: int, levels: Levels) -> bytes | None:
        """Levels of the quanta from `pos` on; a packet when there is enough for one."""
        if pos != self._next_pos or epoch != self._epoch:
            self._waiting, self._pos, self._epoch = [], pos, epoch
        self._waiting.append(levels)
        whole = np.concatenate(self._waiting)
        count = len(whole) // self._quanta
        if count * self._quanta < LEAST_PACKET_S * QUANTA_PER_S:
            return None
        used = count * self._quanta
        packet = self._packed(whole[:used].reshape(count, self._quanta, 2, 2))
        self._waiting = [whole[used:]]
        self._pos += used * QUANTUM
        return packet

    @property
    def _next_pos(self) -> int:
        return self._pos + sum(map(len, self._waiting)) * QUANTUM

    def _packed(self, levels: Levels) -> bytes:
        """One packet of levels (entries, quanta, what, ears)."""
        peaks, powers = levels[:, :, 0].max(axis=1), levels[:, :, 1].mean(axis=1)
        db = 20.0 * np.log10(np.maximum(np.stack([peaks, np.sqrt(powers)], axis=1), _TINY))
        hundredths = np.rint(100.0 * db[:, self._what]).astype(np.int16).reshape(len(levels), -1)
        step_ms = self._quanta * 1000 // QUANTA_PER_S
        header = MeterHeader(
            self._sid, self._sequence, self._pos, len(levels) * self._quanta * QUANTUM, self._epoch
        )
        self._sequence += 1
        return pack_meters(header, [(i * step_ms, row.tolist()) for i, row in enumerate(hundredths)])
