"""The ambient bed."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.base.keyed import hash64, hash_text, value_noise_array
from dsp.listen.sources.shaped_noise import (
    Stereo,
    block_centres_s,
    blocks_of_granule,
    corner_magnitudes,
    overlap_add,
    stereo_spectra,
)

BLOCK: Final = 3_200
_RECIPE: Final = hash_text("ambient")
_BINS: Final = range(2, 1_000)


def ambient_granule(seed: int, index: int) -> Stereo:
    """Second `index` of the bed (2, 48000) before its station gain."""
    blocks = blocks_of_granule(index, BLOCK)
    power = corner_magnitudes(BLOCK, -4.5, 120.0, 3500.0) ** 2
    power += (0.45 * corner_magnitudes(BLOCK, -4.0, 1500.0, 9000.0)) ** 2
    time_s = block_centres_s(blocks, BLOCK)
    level: NDArray[np.float64] = 0.8 + 0.35 * value_noise_array(hash64(_RECIPE, seed, 0), time_s / 17.0)
    shape = (level[:, None] * np.sqrt(power)[None, _BINS.start : _BINS.stop]).astype(np.float32)
    spectra = stereo_spectra(hash64(_RECIPE, seed, 1), blocks, _BINS, 0.3)
    return overlap_add(spectra * shape[:, None, :], _BINS, BLOCK)
