"""The guard: a limiter with finite memory, so that any frame can be had from 40 ms before it to 10 ms after.

Peaks are taken per hop of 1 ms over both channels. The gain that a hop needs is spread over its
neighbours (hold 10 ms, release 22 ms), averaged over nine hops, and drawn as straight lines between
hops: never above what any hop needs, exactly 1 where nothing within reach exceeds the ceiling.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import QUANTUM
from dsp.base.ramps import Doubles
from dsp.base.units import db_to_gain

Floats = NDArray[np.float32]

CEILING: Final = db_to_gain(-2.0)
LOOKAHEAD: Final = 480
"""A frame depends on no input later than this many frames after it."""
HOP: Final = 48
HOPS: Final = QUANTUM // HOP
QUANTA_BEFORE: Final = 2
QUANTA_AFTER: Final = 1

_SMOOTH: Final = 9
"""Hops averaged into a node: 8 before it and its own."""
_HOLD: Final = 10
_RELEASE: Final = 32
"""A hop's need is held for 10 hops and let go by a raised cosine until 32."""


def _spread() -> Doubles:
    """Share of its need that a hop asks of the hop d later, d = −8 … 32."""
    distance = np.arange(-(_SMOOTH - 1), _RELEASE + 1)
    done = np.clip((distance - _HOLD) / (_RELEASE - _HOLD), 0.0, 1.0)
    return 0.5 + 0.5 * np.cos(np.pi * done)


def _weights() -> Doubles:
    """Hann weights of the nine averaged hops, newest last; they sum to 1."""
    hann = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(1, _SMOOTH + 1) / (_SMOOTH + 1))
    weights: Doubles = hann / hann.sum()
    return weights


_SPREAD: Final = _spread()
_WEIGHTS: Final = _weights()
_LINE: Final = (np.arange(HOP) + 0.5) / HOP


def guard(signal: Floats, quanta: int) -> Floats:
    """Limited signal (2, quanta·960) from `signal` (2, (2 + quanta + 1)·960)."""
    middle = signal[:, QUANTA_BEFORE * QUANTUM : (QUANTA_BEFORE + quanta) * QUANTUM]
    needs = _needs(signal)
    if not needs.any():
        return middle
    gains = _gains(_nodes(needs, quanta * HOPS + 1))
    limited: Floats = (middle * gains).astype(np.float32)
    return limited


def _needs(signal: Floats) -> Doubles:
    """Gain reduction, 1 − gain, that each hop's peak needs."""
    peaks = np.abs(signal).reshape(2, -1, HOP).max(axis=(0, 2)).astype(np.float64)
    needs: Doubles = 1.0 - CEILING / np.maximum(peaks, CEILING)
    return needs


def _nodes(needs: Doubles, count: int) -> Doubles:
    """Gain reduction at the `count` edges of the hops in the middle, in a fixed order of operations."""
    first = QUANTA_BEFORE * HOPS - (_SMOOTH - 1)
    held = np.zeros(count + _SMOOTH - 1)
    for i, share in enumerate(_SPREAD):
        # distance d = i − 8: hop j asks `share` of hop j + d, so hop h hears hop h − d
        start = first + (_SMOOTH - 1) - i
        np.maximum(held, share * needs[start : start + held.size], out=held)
    nodes = np.zeros(count)
    for i, weight in enumerate(_WEIGHTS):
        nodes += weight * held[i : i + count]
    return nodes


def _gains(nodes: Doubles) -> Doubles:
    """Gain at each frame: straight lines between the nodes."""
    here, there = nodes[:-1, None], nodes[1:, None]
    return (1.0 - (here + (there - here) * _LINE)).reshape(-1)
