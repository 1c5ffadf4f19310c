"""Motion around the head: each ear hears a station sooner or later, the far one without its shine.

With azimuth θ = 2π∫rate the delay of an ear swings by ± half of the interaural width; above 1.5 kHz the head
throws a shadow of constant power. Both are functions of the present phase alone, on signals that do not
depend on it, so a knob acts at its own frame and not before.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import QUANTUM, RATE_HZ
from dsp.base.ramps import Doubles
from dsp.listen.program import Spatial

Floats = NDArray[np.float32]
PEAK: Final = 1.25
"""Greatest sum of the magnitudes of the four weights of the interpolation (halfway between two frames)."""


def spun(samples: Floats, cycles: Doubles, spatial: Spatial) -> Floats:
    """Both ears (2, n) of a station that stands at these phases of its turn (n,).

    `samples` (4, 960 + n): both ears of the station, then both of its high band, from a quantum before on.
    A positive sine of the phase is to the right.
    """
    side = np.sin(((cycles - np.rint(cycles)) * (2.0 * math.pi)).astype(np.float32))
    half = np.float32(0.5e-6 * spatial.width_us * RATE_HZ)
    swing, far = half * side, np.float32(1.0) + half
    angle = np.float32(math.pi / 4.0) * (1.0 + np.float32(_swing(spatial.shade_db)) * side)
    # what the shadow adds to the high band: √2·cos − 1 and √2·sin − 1
    shades = [np.float32(math.sqrt(2.0)) * wave(angle) - np.float32(1.0) for wave in (np.cos, np.sin)]
    now = np.arange(QUANTUM, QUANTUM + len(cycles))
    out = np.empty((2, len(cycles)), np.float32)
    for ear, (delay, shade) in enumerate(zip((swing + far, far - swing), shades, strict=True)):
        whole = delay.astype(np.intp)
        weights = _weights(delay - whole.astype(np.float32))
        place = now - whole
        out[ear] = _between(samples[ear], place, weights)
        out[ear] += shade * _between(samples[2 + ear], place, weights)
    return out


def peak(station: float, high: float, spatial: Spatial) -> float:
    """A bound of what is heard of a station and a high band of these peaks."""
    shade = math.sqrt(2.0) * math.sin(math.pi / 4.0 * (1.0 + _swing(spatial.shade_db)))
    darkest = math.sqrt(2.0) * math.cos(math.pi / 4.0 * (1.0 + _swing(spatial.shade_db)))
    return PEAK * (station + max(shade - 1.0, 1.0 - darkest) * high)


def _swing(shade_db: float) -> float:
    """Share of a quarter turn by which the ears' gains √2·cos and √2·sin differ by `shade_db` at the side."""
    return 4.0 / math.pi * math.atan(10.0 ** (shade_db / 20.0)) - 1.0


def _weights(share: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Lagrange's cubic `share` of a frame from the second to the third of four neighbours, newest first."""
    up, down, far = share + np.float32(1.0), share - np.float32(1.0), share - np.float32(2.0)
    near, beyond = up * share, down * far
    half, sixth = np.float32(0.5), np.float32(1.0 / 6.0)
    return -sixth * share * beyond, half * up * beyond, -half * near * far, sixth * near * down


def _between(samples: Floats, place: NDArray[np.intp], weights: tuple[Floats, ...]) -> Floats:
    """Samples just before each place, by the weights of the frame after it, its own and the two before."""
    total: Floats = samples.take(place, mode="clip")
    total *= weights[1]
    for step, weight in ((1, weights[0]), (-1, weights[2]), (-2, weights[3])):
        neighbour = samples[2 + step :].take(place - 2, mode="clip")
        neighbour *= weight
        total += neighbour
    return total
