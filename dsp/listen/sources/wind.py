"""Wind: gusts that come and go, three bands that whistle up with them, and leaves."""

from functools import cache
from typing import Final

import numpy as np

from dsp.base.keyed import hash64, hash_text, value_noise_array
from dsp.listen.sources.shaped_noise import Doubles, Stereo, band_powers, corner_powers, moving_noise

_RECIPE: Final = hash_text("wind")
_BINS: Final = range(2, 1_000)  # 30 Hz to 15 kHz
_CORRELATION: Final = 0.22
# centre in Hz, width in octaves, level, power of the gust, seconds in which the centre wanders
_BANDS: Final = (
    (300.0, 0.8, 0.085, 1.0, 5.3),
    (620.0, 0.55, 0.05, 1.3, 3.9),
    (1150.0, 0.4, 0.022, 1.6, 2.9),
)
# swing of a gust and the seconds in which it comes and goes
_GUSTS: Final = ((0.55, 11.0), (0.3, 4.3), (0.12, 1.3))
_NOISE, _GUST, _WANDER = range(3)


def wind_granule(seed: int, index: int) -> Stereo:
    """Second `index` of wind (2, 48000) before its station gain."""
    key = hash64(_RECIPE, seed)
    return moving_noise(
        hash64(key, _NOISE), index, _BINS, _CORRELATION, lambda time_s: _magnitudes(key, time_s)
    )


def gust(key: int, time_s: Doubles) -> Doubles:
    """Strength of the wind, about −1 … 1."""
    strength = np.zeros_like(time_s)
    for number, (swing, period_s) in enumerate(_GUSTS):
        strength += swing * value_noise_array(hash64(key, _GUST, number), time_s / period_s)
    return strength


def _magnitudes(key: int, time_s: Doubles) -> Doubles:
    """Magnitudes (blocks, bins): all layers as one noise, since their powers add."""
    strength = gust(key, time_s)
    swell = 10.0 ** (4.6 * strength / 20.0)
    base, leaves = _steady_powers()
    power = ((0.05 * swell) ** 2)[:, None] * base + ((0.011 * swell**1.4) ** 2)[:, None] * leaves
    for number, (centre_hz, width, level, exponent, period_s) in enumerate(_BANDS):
        wander = 0.5 * value_noise_array(hash64(key, _WANDER, number), time_s / period_s)
        band = band_powers(centre_hz * 2.0 ** (0.55 * strength + wander), width, _BINS)
        power += ((level * swell**exponent) ** 2)[:, None] * band
    magnitudes: Doubles = np.sqrt(power)
    return magnitudes


@cache
def _steady_powers() -> tuple[Doubles, Doubles]:
    return corner_powers(-4.6, 70.0, 6000.0, _BINS), corner_powers(-3.0, 1800.0, 6500.0, _BINS)
