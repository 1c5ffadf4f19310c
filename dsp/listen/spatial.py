"""Motion around the head: each ear hears a station sooner or later, the far one without its shine.

With azimuth θ = 2π∫rate the delay of an ear swings by ± half of the interaural width; above 1.5 kHz the head
throws a shadow of constant power, drawn where the sound sets out, before the delay. Both are straight lines
between points 1.25 ms apart, and functions of the phases at these points on signals that do not depend on
them, so a knob acts at its own frame and not before.
"""

import math
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import RATE_HZ
from dsp.base.ramps import Doubles, Frames
from dsp.listen.program import Spatial

Floats = NDArray[np.float32]
PEAK: Final = 1.25
"""Greatest sum of the magnitudes of the four weights of the interpolation (halfway between two frames)."""
HOP: Final = 60
"""Frames from point to point; a quantum has 16. No delay is longer."""
_LINE: Final = (np.arange(HOP) / HOP).astype(np.float32)


def points(start: int, frames: int) -> Frames:
    """Positions of the points that `frames` frames (whole hops) from `start` on are drawn by."""
    return np.arange(start - HOP, start + frames + 1, HOP, dtype=np.int64)


def spun(samples: Floats, cycles: Doubles, spatial: Spatial) -> Floats:
    """Both ears (2, n) of a station that turns: `cycles` are its phases at the `points` of the n frames.

    `samples` (4, 60 + n): both ears of the station, then both of its high band, from a hop before on.
    A positive sine of the phase is to the right.
    """
    side = np.sin((2.0 * math.pi) * (cycles - np.rint(cycles)))
    half = 0.5e-6 * spatial.width_us * RATE_HZ
    angle = (math.pi / 4.0) * (1.0 + _swing(spatial.shade_db) * side)
    # what the shadow adds to the high band of each ear
    shades = math.sqrt(2.0) * np.stack([np.cos(angle), np.sin(angle)]) - 1.0
    heard = _lines(shades)
    heard *= samples[2:]
    heard += samples[:2]
    return _delayed(heard, _lines(np.stack([side[1:], -side[1:]]) * half + (1.0 + half)))


def peak(station: float, high: float, spatial: Spatial) -> float:
    """A bound of what is heard of a station and a high band of these peaks."""
    shade = math.sqrt(2.0) * math.sin(math.pi / 4.0 * (1.0 + _swing(spatial.shade_db)))
    darkest = math.sqrt(2.0) * math.cos(math.pi / 4.0 * (1.0 + _swing(spatial.shade_db)))
    return PEAK * (station + max(shade - 1.0, 1.0 - darkest) * high)


def _swing(shade_db: float) -> float:
    """Share of a quarter turn by which the ears' gains √2·cos and √2·sin differ by `shade_db` at the side."""
    return 4.0 / math.pi * math.atan(10.0 ** (shade_db / 20.0)) - 1.0


def _lines(values: Doubles) -> Floats:
    """Straight from each value of (2, k) to the next, (2, 60·(k − 1))."""
    lines = np.diff(values).astype(np.float32)[:, :, None] * _LINE
    lines += values[:, :-1, None].astype(np.float32)
    return lines.reshape(2, -1)


def _delayed(heard: Floats, delay: Floats) -> Floats:
    """What `heard` (2, 60 + n) was `delay` (2, n) frames before, at least 1, by Lagrange's cubic.

    Its coefficients as a polynomial of the share of a frame are fixed filters (Farrow 1988), and the whole
    frames of the delay stand still for long, so that all is arithmetic on slices.
    """
    half, sixth = np.float32(0.5), np.float32(1.0 / 6.0)
    newer, here, older, oldest = heard[:, 3:], heard[:, 2:-1], heard[:, 1:-2], heard[:, :-3]
    rise = older - here
    square = half * (newer + older) - here
    cube = sixth * (oldest - newer) - half * rise
    line = rise - square - cube
    whole = delay.astype(np.int32)
    share = delay - whole.astype(np.float32)
    out = np.empty_like(delay)
    for ear, frames in enumerate(whole):
        turns = np.flatnonzero(frames[1:] != frames[:-1]) + 1
        for begin, end in pairwise((0, *turns.tolist(), frames.size)):
            place = slice(HOP + begin - frames[begin] - 2, HOP + end - frames[begin] - 2)
            now, into = share[ear, begin:end], out[ear, begin:end]
            np.multiply(cube[ear, place], now, out=into)
            into += square[ear, place]
            into *= now
            into += line[ear, place]
            into *= now
            into += here[ear, place]
    return out
