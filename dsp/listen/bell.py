"""A bell: struck at programme times, and a pure function of the time since each strike.

Its partials die exponentially, so a quantum is one matrix product (see `sources.notes`).
"""

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
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
    if sounds_until(layer, first, last) is not None:
        return None
    if layer.every_s is not None:
        hop = _frame(layer.every_s)
        return max(-(-last // hop), 1) * hop
    return next((at for at in map(_frame, layer.at_s) if at >= last), 2**53)


def sounds_until(layer: BellLayer, first: int, last: int) -> int | None:
    """End of what sounds between two programme frames, or `None` where nothing does."""
    ring = ring_frames(layer)
    return max((strike + ring for strike in strikes(layer, first - ring + 1, last)), default=None)


def most_at_once(layer: BellLayer) -> int:
    """Strikes that may sound together."""
    return max(math.ceil(_RINGS * layer.decay_s / _least_gap_s(layer)), 1)


def peak(layer: BellLayer) -> float:
    """A bound of a bell at level 100: of strikes as close as they come, all in phase."""
    return BELL_GAIN / -math.expm1(-_least_gap_s(layer) / layer.decay_s)


def _least_gap_s(layer: BellLayer) -> float:
    gaps = (later - earlier for earlier, later in pairwise(layer.at_s))
    return layer.every_s if layer.every_s is not None else min(gaps, default=math.inf)


def bell_samples(layer: BellLayer, time: Frames) -> Doubles:
    """A bell at level 100 in whole quanta of programme time.

    What rings is summed before it is drawn; strikes that begin or fade in these quanta are drawn alone.
    """
    first, last = int(time[0]), int(time[-1]) + 1
    begin = first + _FINE * np.arange(time.size // _FINE).reshape(-1, _COARSE)
    length, fade = ring_frames(layer), round(layer.decay_s * RATE_HZ)
    speeds, fine = _tables(layer.pitch_hz, layer.decay_s)
    ringing = np.zeros((*begin.shape, speeds.size), dtype=np.complex128)
    out = np.zeros(time.size)
    for strike in strikes(layer, first - length + 1, last):
        swings = _PARTIALS[:, 1] * np.exp(speeds * (begin - strike)[..., None])
        for quantum in range(len(begin)):
            start = first + quantum * QUANTUM
            if strike + ATTACK <= start and start + QUANTUM <= strike + length - fade:
                ringing[quantum] += swings[quantum]
                continue
            here = slice(quantum * QUANTUM, (quantum + 1) * QUANTUM)
            wave = _drawn(swings[quantum : quantum + 1], fine)
            out[here] += wave * raised_cosine(time[here], strike, ATTACK)
            out[here] -= wave * raised_cosine(time[here], strike + length - fade, fade)
    return BELL_GAIN * (out + _drawn(ringing, fine))


def _drawn(swings: Phasors, fine: Doubles) -> Doubles:
    """Sum of partials that stand at `swings` (quanta, 4, partials), by one product a quantum."""
    coarse = np.concatenate([swings.real, swings.imag], axis=-1)
    drawn: Doubles = np.matmul(coarse, fine).reshape(-1)
    return drawn


@lru_cache(maxsize=64)
def _tables(pitch_hz: float, decay_s: float) -> tuple[Phasors, Doubles]:
    """Complex speeds per frame (partials,); what 1 and i become in a sub-block, (2·partials, 240)."""
    speeds = 2j * math.pi * _PARTIALS[:, 0] * (pitch_hz / RATE_HZ) - _PARTIALS[:, 2] / (decay_s * RATE_HZ)
    turned = np.exp(speeds[:, None] * np.arange(_FINE))
    return speeds, np.concatenate([turned.imag, turned.real])


def _frame(time_s: float) -> int:
    return round(time_s * RATE_HZ)
