"""The minimal bed: mallets and a soft beat in a middling room, with a little air."""

from functools import cache
from typing import Final

import numpy as np

from dsp.base.keyed import hash64
from dsp.listen.sources.bed import Style
from dsp.listen.sources.minimal_score import LEAD_IN, RECIPE, RING, SECTION, compose
from dsp.listen.sources.reverb import Room
from dsp.listen.sources.shaped_noise import Doubles, Stereo, corner_powers, moving_noise

_BINS: Final = range(2, 600)  # 30 Hz to 9 kHz
_ROOM, _AIR = range(100, 102)


@cache
def _room(seed: int) -> Room:
    return Room(
        hash64(RECIPE, seed, _ROOM),
        length_s=1.9,
        rt60_s=1.6,
        pre_delay_s=0.02,
        low_cut_hz=220.0,
        high_cut_hz=4500.0,
    )


def _air(seed: int, index: int) -> Stereo:
    return moving_noise(hash64(RECIPE, seed, _AIR), index, _BINS, 0.3, _magnitudes)


def _magnitudes(time_s: Doubles) -> Doubles:
    magnitudes: Doubles = np.tile(
        0.010 * np.sqrt(corner_powers(-4.5, 120.0, 3500.0, _BINS)), (len(time_s), 1)
    )
    return magnitudes


MINIMAL: Final = Style(SECTION, LEAD_IN, RING, compose, _room, _air)
