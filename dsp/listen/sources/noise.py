"""The six colours of noise, whole or cut into ten octave bands that sum to the whole."""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import RATE_HZ
from dsp.base.keyed import hash64, hash_text
from dsp.listen.sources.shaped_noise import (
    Stereo,
    bin_frequencies_hz,
    blocks_of_granule,
    overlap_add,
    stereo_spectra,
    unit_rms_scale,
)

BLOCK: Final = 9_600
CORRELATION: Final = 0.3
LOWEST_HZ: Final = 20.0
BAND_CENTRES_HZ: Final = tuple(1000.0 * 2.0**octave for octave in range(-5, 5))
# amplitude ∝ f^exponent: 6.02 dB per octave times the exponent
_EXPONENTS: Final = {"white": 0.0, "pink": -0.5, "brown": -1.0, "blue": 0.5, "violet": 1.0}
COLORS: Final = (*_EXPONENTS, "grey")
# grey stays level below: the inverse of the A curve would spend 14 dB more on what hardly sounds
_GREY_LEVEL_BELOW_HZ: Final = 35.0
_A_WEIGHTING_AT_1_KHZ: Final = 10.0 ** (2.0 / 20.0)


def noise_granule(color: str, band: int | None, seed: int, index: int) -> Stereo:
    """Second `index` of a colour, or of one of its octave bands: (2, 48000), RMS 1 per ear for the whole."""
    shape, bins = _shape(color, band)
    blocks = blocks_of_granule(index, BLOCK)
    key = hash64(seed, hash_text("noise"))
    return overlap_add(stereo_spectra(key, blocks, bins, CORRELATION) * shape, bins, BLOCK)


def power_spectrum(color: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bin frequencies in Hz and the mean power of one ear in each bin; the powers sum to 1."""
    power = color_magnitudes(color) ** 2
    return bin_frequencies_hz(BLOCK), power / power.sum()


def color_magnitudes(color: str) -> NDArray[np.float64]:
    """Magnitudes at the bins of a block, up to a factor; zero below 20 Hz and at half the rate."""
    frequencies_hz = bin_frequencies_hz(BLOCK)
    magnitudes = np.zeros_like(frequencies_hz)
    heard = (frequencies_hz >= LOWEST_HZ) & (frequencies_hz < RATE_HZ / 2)
    if color == "grey":
        magnitudes[heard] = 1.0 / a_weighting(np.maximum(frequencies_hz[heard], _GREY_LEVEL_BELOW_HZ))
    else:
        magnitudes[heard] = (frequencies_hz[heard] / 1000.0) ** _EXPONENTS[color]
    return magnitudes


def a_weighting(frequencies_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Magnitude of the A curve, 1 at 1 kHz (IEC 61672-1:2013, annex E, equation E.6)."""
    squared: NDArray[np.float64] = frequencies_hz**2
    response: NDArray[np.float64] = (12194.217**2 * squared**2) / (
        (squared + 20.598997**2)
        * np.sqrt((squared + 107.65265**2) * (squared + 737.86223**2))
        * (squared + 12194.217**2)
    )
    return response * _A_WEIGHTING_AT_1_KHZ


def band_masks() -> NDArray[np.float64]:
    """Masks (10, bins) that sum to 1 at every bin; each is 1 at its own centre and 0 at its neighbours'.

    Differences of steps that rise as a raised cosine of log frequency from one centre to the next.
    """
    octaves = np.log2(np.maximum(bin_frequencies_hz(BLOCK), 1.0) / BAND_CENTRES_HZ[0])
    steps = [0.5 - 0.5 * np.cos(np.pi * np.clip(octaves - band, 0.0, 1.0)) for band in range(9)]
    edges = np.stack([np.ones_like(octaves), *steps, np.zeros_like(octaves)])
    return -np.diff(edges, axis=0)


@cache
def _shape(color: str, band: int | None) -> tuple[NDArray[np.float32], range]:
    """Magnitudes of the draws that count and the range of their bins."""
    magnitudes = color_magnitudes(color)
    magnitudes *= unit_rms_scale(BLOCK, float(np.sum(magnitudes**2)))
    if band is not None:
        magnitudes *= band_masks()[band]
    audible = np.flatnonzero(magnitudes)
    bins = range(int(audible[0]) & ~1, int(audible[-1]) + 1)
    return magnitudes[bins.start : bins.stop].astype(np.float32), bins
