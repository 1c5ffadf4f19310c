"""The ambient bed: slow chords in a large room, with a little air."""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.base.keyed import hash64, value_noise_array
from dsp.listen.sources.ambient_score import LEAD_IN, RECIPE, RING, SECTION, compose
from dsp.listen.sources.bed import Style
from dsp.listen.sources.reverb import Room
from dsp.listen.sources.shaped_noise import (
    Stereo,
    block_centres_s,
    blocks_of_granule,
    corner_magnitudes,
    overlap_add,
    stereo_spectra,
)

BLOCK: Final = 3_200
_BINS: Final = range(2, 1_000)  # 30 Hz to 15 kHz
_ROOM, _AIR, _AIR_LEVEL = range(100, 103)


@cache
def _room(seed: int) -> Room:
    return Room(
        hash64(RECIPE, seed, _ROOM),
        length_s=2.7,
        rt60_s=2.6,
        pre_delay_s=0.03,
        low_cut_hz=170.0,
        high_cut_hz=4200.0,
    )


def _air(seed: int, index: int) -> Stereo:
    """Breath between the chords: two slopes of noise as one layer, since their powers add."""
    blocks = blocks_of_granule(index, BLOCK)
    drift = value_noise_array(hash64(RECIPE, seed, _AIR_LEVEL), block_centres_s(blocks, BLOCK) / 17.0)
    level: NDArray[np.float32] = (0.055 * (0.8 + 0.35 * drift)).astype(np.float32)
    spectra = stereo_spectra(hash64(RECIPE, seed, _AIR), blocks, _BINS, correlation=0.3)
    return overlap_add(spectra * (level[:, None, None] * _air_magnitudes()), _BINS, BLOCK)


@cache
def _air_magnitudes() -> NDArray[np.float32]:
    low = corner_magnitudes(BLOCK, slope_db=-4.5, low_hz=120.0, high_hz=3500.0)
    high = 0.45 * corner_magnitudes(BLOCK, slope_db=-4.0, low_hz=1500.0, high_hz=9000.0)
    magnitudes: NDArray[np.float64] = np.sqrt(low**2 + high**2)
    return magnitudes[_BINS.start : _BINS.stop].astype(np.float32)


AMBIENT: Final = Style(SECTION, LEAD_IN, RING, compose, _room, _air)
