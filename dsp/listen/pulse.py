"""One cycle of a modulation: its window w(u) in [floor, 1], and the window's mean and mean square."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dsp.base.ramps import Doubles
from dsp.listen.program import Law, Pulse

Samples = NDArray[np.floating[Any]]
"""Of either precision."""
LEAST_EDGE_S: Final = 0.002
_DECAY: Final = 4.0
"""Time constants within an exponential edge."""
_SIGMAS: Final = 3.0
"""Standard deviations within a gaussian edge."""


def _exponential(x: Samples) -> Samples:
    rise: Samples = np.expm1(-_DECAY * x) / math.expm1(-_DECAY)
    return rise


def _gaussian(x: Samples) -> Samples:
    foot = math.exp(-0.5 * _SIGMAS**2)
    rise: Samples = (np.exp(-0.5 * (_SIGMAS * (1.0 - x)) ** 2) - foot) / (1.0 - foot)
    return rise


def _raised_cosine(x: Samples) -> Samples:
    rise: Samples = 0.5 - 0.5 * np.cos(np.pi * x)
    return rise


_RISES: Final[dict[Law, Callable[[Samples], Samples]]] = {
    "hard": _raised_cosine,
    "linear": lambda x: x,
    "raised_cosine": _raised_cosine,
    "smoothstep": lambda x: x * x * (3.0 - 2.0 * x),
    "smootherstep": lambda x: x * x * x * (x * (6.0 * x - 15.0) + 10.0),
    "exponential": _exponential,
    "gaussian": _gaussian,
}
"""Edge from 0 to 1 over x in [0, 1]; a hard edge is a raised cosine of the least length."""


def _fall(law: Law, x: Samples) -> Samples:
    """Edge from 1 to 0: discharge for the exponential law, the mirrored rise for the others."""
    return 1.0 - _exponential(x) if law == "exponential" else _RISES[law](1.0 - x)


def _means(edge: Samples) -> tuple[float, float]:
    """Mean and mean square of a finely sampled edge, by Simpson's rule."""
    weights = np.ones(edge.size)
    weights[1:-1:2], weights[2:-1:2] = 4.0, 2.0
    weights /= weights.sum()
    return float(weights @ edge), float(weights @ (edge * edge))


_FINE: Final = np.linspace(0.0, 1.0, 4097)
_EDGE_MEANS: Final = {law: (_means(rise(_FINE)), _means(_fall(law, _FINE))) for law, rise in _RISES.items()}


@dataclass(frozen=True, slots=True)
class Edges:
    """Shares of the cycle: on-window, attack and release; arrays while the rate glides."""

    on: Doubles
    attack: Doubles
    release: Doubles


def edges_at(pulse: Pulse, rate_hz: Doubles) -> Edges:
    """Edges at a rate: none shorter than 2 ms, the on-window never shorter than its edges."""
    least = LEAST_EDGE_S * rate_hz
    hard = pulse.law == "hard"
    attack = np.maximum(0.0 if hard else pulse.attack * pulse.duty, least)
    release = np.maximum(0.0 if hard else pulse.release * pulse.duty, least)
    return Edges(np.maximum(pulse.duty, attack + release), attack, release)


def window(
    pulse: Pulse, cycles: Doubles, rate_hz: Doubles, dtype: type[np.floating[Any]] = np.float64
) -> Samples:
    """Window at phases in cycles; a pulse begins at phase 0, a sine has its minimum there.

    Phases and edges are float64; the shape is as exact as `dtype`, float32 being seven times as quick.
    """
    u = cycles - np.floor(cycles)
    if pulse.law == "sine":
        shape = _raised_cosine((2.0 * u).astype(dtype))
    else:
        edges = edges_at(pulse, rate_hz)
        into_rise = np.minimum(u * (1.0 / edges.attack), 1.0).astype(dtype)
        into_fall = (u - (edges.on - edges.release)) * (1.0 / edges.release)
        fallen = np.clip(into_fall.astype(dtype), 0.0, 1.0)
        if pulse.law == "exponential":
            shape = np.minimum(_exponential(into_rise), 1.0 - _exponential(fallen))
        else:
            # the fall is the mirrored rise, and a rise of the lesser is the lesser rise
            shape = _RISES[pulse.law](np.minimum(into_rise, 1.0 - fallen))
    return pulse.floor + (1.0 - pulse.floor) * shape


def moments(pulse: Pulse, rate_hz: Doubles) -> tuple[Doubles, Doubles]:
    """Mean and mean square of w over a cycle at a rate."""
    if pulse.law == "sine":
        mean, square = np.full_like(rate_hz, 0.5), np.full_like(rate_hz, 0.375)
    else:
        edges = edges_at(pulse, rate_hz)
        (rise, rise2), (fall, fall2) = _EDGE_MEANS[pulse.law]
        flat = edges.on - edges.attack - edges.release
        mean = flat + edges.attack * rise + edges.release * fall
        square = flat + edges.attack * rise2 + edges.release * fall2
    floor, span = pulse.floor, 1.0 - pulse.floor
    return floor + span * mean, floor * floor + 2.0 * floor * span * mean + span * span * square
