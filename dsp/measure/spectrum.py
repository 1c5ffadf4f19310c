"""Long-term spectra and what is read off them: levels in bands, the tilt of a mix, shares of the whole."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import RATE_HZ

Curve = NDArray[np.float64]

_THIRD_OCTAVE: Final = 10.0**0.1


def power_spectrum(signal: NDArray[np.floating], size: int = 1 << 15) -> tuple[Curve, Curve]:
    """Frequencies in Hz and mean power in each bin of a signal (count,): Welch 1967, Hann, half overlap.

    The powers sum to the mean square of the signal. It must be at least `size` long.
    """
    window = np.hanning(size + 1)[:-1]
    segments = np.lib.stride_tricks.sliding_window_view(signal, size)[:: size // 2]
    power = np.zeros(size // 2 + 1)
    for segment in segments:
        power += np.abs(np.fft.rfft(segment * window)) ** 2
    power /= len(segments) * size * np.sum(window**2)
    power[1:-1] *= 2.0
    return np.linspace(0.0, RATE_HZ / 2, size // 2 + 1, dtype=np.float64), power


def third_octave_centres_hz(low_hz: float, high_hz: float) -> Curve:
    """Exact base-ten centres (IEC 61260-1:2014, equation 2) from `low_hz` to `high_hz`."""
    first = math.ceil(10.0 * math.log10(low_hz / 1000.0) - 0.05)
    last = math.floor(10.0 * math.log10(high_hz / 1000.0) + 0.05)
    return np.array([1000.0 * _THIRD_OCTAVE**number for number in range(first, last + 1)])


def third_octave_levels_db(frequencies_hz: Curve, power: Curve, centres_hz: Curve) -> Curve:
    """Power in dB within the third of an octave around each centre."""
    half = math.sqrt(_THIRD_OCTAVE)
    return np.array([_level_db(frequencies_hz, power, centre / half, centre * half) for centre in centres_hz])


def tilt_db_per_octave(
    frequencies_hz: Curve, power: Curve, low_hz: float = 200.0, high_hz: float = 8000.0
) -> tuple[float, Curve, Curve]:
    """Slope of the least-squares line through the third octaves, their centres, their residuals in dB."""
    centres_hz = third_octave_centres_hz(low_hz, high_hz)
    levels_db = third_octave_levels_db(frequencies_hz, power, centres_hz)
    slope, offset = np.polyfit(np.log2(centres_hz), levels_db, 1)
    return float(slope), centres_hz, levels_db - (slope * np.log2(centres_hz) + offset)


def density_slope_db_per_octave(
    frequencies_hz: Curve, power: Curve, low_hz: float, high_hz: float
) -> tuple[float, Curve]:
    """Slope of the power density over log frequency, and the residual of each third of an octave in dB.

    A third of an octave of a flat density rises by 3.01 dB per octave, which is taken off.
    """
    slope, _, residual_db = tilt_db_per_octave(frequencies_hz, power, low_hz, high_hz)
    return slope - 10.0 * math.log10(2.0), residual_db


def band_shares_db(frequencies_hz: Curve, power: Curve, edges_hz: Sequence[float]) -> Curve:
    """Power between neighbouring edges as a share of the whole, in dB."""
    whole_db = _level_db(frequencies_hz, power, 0.0, RATE_HZ / 2 + 1.0)
    return np.array(
        [_level_db(frequencies_hz, power, low, high) - whole_db for low, high in pairwise(edges_hz)]
    )


def _level_db(frequencies_hz: Curve, power: Curve, low_hz: float, high_hz: float) -> float:
    """Power between two edges in dB; the bins at the edges count by the part of them that lies inside."""
    spacing = frequencies_hz[1] - frequencies_hz[0]
    inside = np.minimum(frequencies_hz + spacing / 2, high_hz) - np.maximum(
        frequencies_hz - spacing / 2, low_hz
    )
    return float(10.0 * np.log10(np.sum(power * np.clip(inside / spacing, 0.0, 1.0)) + 1e-30))
