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
    angle = np.float32(math.pi / 4.0) * (1.0 + np.float32(_swing(spatial.shade_db)) * side)
    shades = (np.float32(math.sqrt(2.0)) * np.cos(angle), np.float32(math.sqrt(2.0)) * np.sin(angle))
    now = np.arange(QUANTUM, QUANTUM + len(cycles))
    out = np.empty((2, len(cycles)), np.float32)
    for ear, (sign, shade) in enumerate(zip((1.0, -1.0), shades, strict=True)):
        delay = 1.0 + half * (1.0 + np.float32(sign) * side)
        whole = delay.astype(np.int64)
        share = delay - whole.astype(np.float32)
        place = now - whole
        out[ear] = _between(samples[ear], place, share)
        out[ear] += (shade - 1.0) * _between(samples[2 + ear], place, share)
    return out


def peak(station: float, high: float, spatial: Spatial) -> float:
    """A bound of what is heard of a station and a high band of these peaks."""
    shade = math.sqrt(2.0) * math.sin(math.pi / 4.0 * (1.0 + _swing(spatial.shade_db)))
    darkest = math.sqrt(2.0) * math.cos(math.pi / 4.0 * (1.0 + _swing(spatial.shade_db)))
    return PEAK * (station + max(shade - 1.0, 1.0 - darkest) * high)


def _swing(shade_db: float) -> float:
    """Share of a quarter turn by which the ears' gains √2·cos and √2·sin differ by `shade_db` at the side."""
    return 4.0 / math.pi * math.atan(10.0 ** (shade_db / 20.0)) - 1.0


def _between(samples: Floats, place: NDArray[np.int64], share: Floats) -> Floats:
    """Samples `share` of a frame before each place, by Lagrange's cubic through four neighbours."""
    up, down, far = share + 1.0, share - 1.0, share - 2.0
    near = up * share
    beyond = down * far
    total: Floats = samples.take(place) * (np.float32(0.5) * up * beyond)
    total -= samples.take(place + 1) * (np.float32(1.0 / 6.0) * share * beyond)
    total -= samples.take(place - 1) * (np.float32(0.5) * near * far)
    total += samples.take(place - 2) * (np.float32(1.0 / 6.0) * near * down)
    return total
