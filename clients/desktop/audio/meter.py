"""Loudness, true peak and spectrum of what is played, measured here: before the listener's volume.

Momentary and short-term loudness by ITU-R BS.1770-4 and EBU Tech 3341, true peak by annex 2 of the former.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from clients.desktop.audio.ring import Samples

_RATE_HZ: Final = 48_000
_STEP: Final = 480
"""Frames of a sub-block, 10 ms."""
_MOMENTARY, _SHORT_TERM = 40, 300
_OFFSET_DB: Final = -0.691
# BS.1770-4, tables 1 and 2: the shelf of a spherical head, then the low cut of the revised B curve
_STAGES: Final = (
    ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585)),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)
_PHASES: Final = 4
_TAPS: Final = 24
"""A side of the interpolator; twice as many as the standard's, which reads up to 0.6 dB low."""
_SPECTRUM: Final = 4_096
_SPECTRUM_HZ: Final = (40.0, 16_000.0)
SILENCE_DB: Final = -120.0

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a meter shows; `SILENCE_DB` where there is nothing."""

    momentary_lufs: float = SILENCE_DB
    short_term_lufs: float = SILENCE_DB
    true_peak_dbtp: float = SILENCE_DB
    """The highest since the beginning."""


class Meter:
    """Takes frames on the sound card's thread; computes where it is read."""

    def __init__(self) -> None:
        self._waiting: deque[Samples] = deque(maxlen=1024)
        self._rest: Samples = np.zeros((0, 2), np.float32)
        self._filter = _KFilter()
        self._powers: deque[float] = deque([0.0] * _SHORT_TERM, maxlen=_SHORT_TERM)
        self._peak = 0.0
        self._recent: Samples = np.zeros((_SPECTRUM, 2), np.float32)

    def add(self, block: Samples) -> None:
        """Keep frames; a reader that never comes loses the oldest."""
        if len(block):
            self._waiting.append(block.copy())

    def read(self) -> Reading:
        """Everything up to now."""
        waiting = [self._rest]
        while self._waiting:
            waiting.append(self._waiting.popleft())
        frames = np.concatenate(waiting)
        whole = len(frames) // _STEP * _STEP
        self._rest = frames[whole:]
        if whole:
            self._measure(frames[:whole])
        powers = list(self._powers)
        return Reading(
            _level_db(sum(powers[-_MOMENTARY:]) / _MOMENTARY, _OFFSET_DB),
            _level_db(sum(powers) / _SHORT_TERM, _OFFSET_DB),
            _level_db(self._peak**2, 0.0),
        )

    def spectrum_db(self, bars: int) -> tuple[float, ...]:
        """Level of each of `bars` bands of equal width on a logarithmic scale, over the last 85 ms."""
        window = np.hanning(_SPECTRUM)
        power = np.abs(np.fft.rfft(self._recent.mean(axis=1) * window)) ** 2 / window.sum() ** 2 * 4
        edges_hz = np.geomspace(*_SPECTRUM_HZ, bars + 1)
        edges = np.maximum.accumulate(np.round(edges_hz * _SPECTRUM / _RATE_HZ).astype(int))
        return tuple(
            _level_db(float(power[low : max(high, low + 1)].sum()), 0.0) for low, high in pairwise(edges)
        )

    def _measure(self, frames: Samples) -> None:
        weighted = self._filter.run(frames.astype(np.float64))
        squares = np.square(weighted).reshape(-1, _STEP, 2).mean(axis=1)
        self._powers.extend(squares.sum(axis=1).tolist())
        joined = np.concatenate([self._recent, frames])
        self._peak = max(self._peak, _true_peak(joined[-len(frames) - 2 * _TAPS :]))
        self._recent = joined[-_SPECTRUM:]


class _KFilter:
    """K-weighting as one system of four states; within a sub-block the output is a matrix product.

    `dsp.measure` weighs whole recordings, and is out of a client's reach: it knows the wire and nothing of
    the engine. This goes on from block to block; the tests hold the two against each other.
    """

    def __init__(self) -> None:
        self._state = np.zeros((4, 2))
        advance, inject, observe, direct = _state_space()
        powers = [np.eye(4)]
        for _ in range(_STEP):
            powers.append(advance @ powers[-1])
        response = np.array([direct, *(observe @ power @ inject for power in powers[: _STEP - 1])])
        lag = np.subtract.outer(np.arange(_STEP), np.arange(_STEP))
        self._from_input = np.where(lag >= 0, response[np.maximum(lag, 0)], 0.0)
        self._from_state = np.stack([observe @ power for power in powers[:_STEP]])
        self._to_state = np.stack([power @ inject for power in powers[_STEP - 1 :: -1]], axis=1)
        self._carry = powers[_STEP]

    def run(self, frames: Doubles) -> Doubles:
        """Frames (n · 480, 2) through the filter, going on from those before."""
        out = np.empty_like(frames)
        for start in range(0, len(frames), _STEP):
            block = frames[start : start + _STEP]
            out[start : start + _STEP] = self._from_input @ block + self._from_state @ self._state
            self._state = self._carry @ self._state + self._to_state @ block
        return out


def _state_space() -> tuple[Doubles, Doubles, Doubles, float]:
    """A, B, C, D of x' = A x + B u, y = C x + D u: both stages in a row, transposed direct form II."""
    advance, inject, observe, direct = np.zeros((4, 4)), np.zeros(4), np.zeros(4), 1.0
    for stage, (numerator, denominator) in enumerate(_STAGES):
        (b0, b1, b2), (_, a1, a2) = numerator, denominator
        own = slice(2 * stage, 2 * stage + 2)
        feed = np.array([b1 - a1 * b0, b2 - a2 * b0])
        advance[own] = np.outer(feed, observe)
        advance[own, own] = [[-a1, 1.0], [-a2, 0.0]]
        inject[own] = feed * direct
        observe *= b0
        observe[2 * stage] = 1.0
        direct *= b0
    return advance, inject, observe, direct


def _interpolator() -> Doubles:
    """Kaiser-windowed sinc, one row of 2 · 24 taps for each phase but the first, which is the samples."""
    at = np.arange(-_TAPS, _TAPS) + np.arange(1, _PHASES)[:, None] / _PHASES
    width = 2 * _TAPS
    window = np.i0(8.0 * np.sqrt(np.clip(1 - (2 * at / width) ** 2, 0.0, 1.0))) / np.i0(8.0)
    rows: Doubles = np.sinc(at) * window
    return rows


_ROWS: Final = _interpolator()


def _true_peak(frames: Samples) -> float:
    """Largest magnitude of frames and of three points between each two of them."""
    between = [np.abs(np.convolve(frames[:, ear], row, "valid")).max() for ear in (0, 1) for row in _ROWS]
    return float(max(np.abs(frames).max(), *between))


def _level_db(power: float, offset_db: float) -> float:
    return max(SILENCE_DB, offset_db + 10 * np.log10(power)) if power > 0.0 else SILENCE_DB
