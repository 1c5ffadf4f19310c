"""A bell: struck at programme times, and a pure function of the time since each strike.

Its partials die exponentially, so a quantum is one matrix product (see `sources.notes`).
"""

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import QUANTUM, RATE_HZ
from dsp.base.ramps import Doubles, Frames, raised_cosine
from dsp.base.units import db_to_gain
from dsp.listen.program import BellLayer

Phasors = NDArray[np.complex128]

BELL_GAIN: Final = db_to_gain(-9.0)
"""Sum of the amplitudes of a bell at level 100."""
ATTACK: Final = 240
"""Frames: 5 ms."""
_RINGS: Final = 7.0
"""Decays after which a bell is over, 61 dB down; in the last of them it fades."""
# ratio to the pitch, amplitude, decay against the slowest partial; split partials beat slowly
_PARTIALS: Final = np.array(
    [
        (1.0, 0.56, 1.09),
        (1.0015, 0.18, 1.0),
        (2.0, 0.14, 1.82),
        (2.003, 0.06, 1.71),
        (3.0, 0.03, 3.27),
        (4.01, 0.02, 5.27),
        (5.02, 0.01, 8.0),
    ]
)
_FINE: Final = 240
_COARSE: Final = QUANTUM // _FINE


def ring_frames(layer: BellLayer) -> int:
    """How long a strike sounds."""
    return round(_RINGS * layer.decay_s * RATE_HZ)


def strikes(layer: BellLayer, first: int, last: int) -> Iterator[int]:
    """Strikes, in programme frames, from `first` to before `last`, in order."""
    if layer.every_s is None:
        yield from (at for at in map(_frame, layer.at_s) if first <= at < last)
        return
    hop = _frame(layer.every_s)
    for number in range(max(-(-first // hop), 1), max(-(-last // hop), 1)):
        yield number * hop


def silent_until(layer: BellLayer, first: int, last: int) -> int | None:
    """First strike from programme frame `last` on, or `None` while the bell sounds between the two.

    A bell that is not struck again answers with the end of time.
    """
    if next(strikes(layer, first - ring_frames(layer) + 1, last), None) is not None:
        return None
    if layer.every_s is not None:
        hop = _frame(layer.every_s)
        return max(-(-last // hop), 1) * hop
    return next((at for at in map(_frame, layer.at_s) if at >= last), 2**53)


def bell_samples(layer: BellLayer, time: Frames) -> Doubles:
    """A bell at level 100 in one quantum (960,) of programme time."""
    out = np.zeros(QUANTUM)
    first = int(time[0])
    length = ring_frames(layer)
    for strike in strikes(layer, first - length + 1, first + QUANTUM):
        speeds, fine = _tables(layer.pitch_hz, layer.decay_s)
        begin = first - strike + _FINE * np.arange(_COARSE)
        weights = _PARTIALS[:, 1] * np.exp(speeds * begin[:, None])
        wave = (weights @ fine).imag.reshape(-1)
        fade = round(layer.decay_s * RATE_HZ)
        out += wave * raised_cosine(time, strike, ATTACK)
        out -= wave * raised_cosine(time, strike + length - fade, fade)
    return BELL_GAIN * out


@lru_cache(maxsize=64)
def _tables(pitch_hz: float, decay_s: float) -> tuple[Phasors, Phasors]:
    """Complex speeds per frame (partials,) and their exponentials over a sub-block (partials, 240)."""
    speeds = 2j * math.pi * _PARTIALS[:, 0] * (pitch_hz / RATE_HZ) - _PARTIALS[:, 2] / (decay_s * RATE_HZ)
    return speeds, np.exp(speeds[:, None] * np.arange(_FINE))


def _frame(time_s: float) -> int:
    return round(time_s * RATE_HZ)
