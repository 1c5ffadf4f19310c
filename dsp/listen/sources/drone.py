"""The drone: just intervals in a large dark room, and a breath."""

from functools import cache
from typing import Final

import numpy as np

from dsp.base.keyed import hash64, value_noise_array
from dsp.listen.sources.bed import Style
from dsp.listen.sources.drone_score import LEAD_IN, RECIPE, RING, SECTION, compose
from dsp.listen.sources.reverb import Room
from dsp.listen.sources.shaped_noise import (
    MOVING_BLOCK,
    Doubles,
    Stereo,
    bin_frequencies_hz,
    corner_powers,
    moving_noise,
)

_BINS: Final = range(2, 600)  # 30 Hz to 9 kHz
_ROOM, _BREATH, _BREATH_LEVEL, _BREATH_COLOUR = range(100, 104)


@cache
def _room(seed: int) -> Room:
    return Room(
        hash64(RECIPE, seed, _ROOM),
        length_s=2.7,
        rt60_s=2.6,
        pre_delay_s=0.03,
        low_cut_hz=140.0,
        high_cut_hz=3200.0,
    )


def _breath(seed: int, index: int) -> Stereo:
    """Air whose colour moves slowly around 420 Hz."""
    key = hash64(RECIPE, seed)
    return moving_noise(hash64(key, _BREATH), index, _BINS, 0.3, lambda time_s: _magnitudes(key, time_s))


def _magnitudes(key: int, time_s: Doubles) -> Doubles:
    centre_hz = 420.0 * 2.0 ** (0.8 * value_noise_array(hash64(key, _BREATH_COLOUR), time_s / 23.0))
    level = 0.16 * (0.8 + 0.2 * value_noise_array(hash64(key, _BREATH_LEVEL), time_s / 13.0))
    octaves = np.log2(bin_frequencies_hz(MOVING_BLOCK)[_BINS.start : _BINS.stop] / centre_hz[:, None])
    colour = 0.35 + np.exp(-0.5 * (octaves / 0.7) ** 2)
    magnitudes: Doubles = level[:, None] * colour * np.sqrt(corner_powers(-3.0, 60.0, 3000.0, _BINS))
    return magnitudes


DRONE: Final = Style(SECTION, LEAD_IN, RING, compose, _room, _breath)
