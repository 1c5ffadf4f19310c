"""Ocean: slow irregular waves that brighten as they break and drain away, over a rumble and a little hiss."""

from functools import cache
from typing import Final

import numpy as np

from dsp.base.keyed import hash64, hash_text, uniform_array, value_noise_array
from dsp.listen.sources.shaped_noise import (
    MOVING_BLOCK,
    Doubles,
    Stereo,
    bin_frequencies_hz,
    corner_powers,
    moving_noise,
    unit_rms_scale,
)

_RECIPE: Final = hash_text("ocean")
_BINS: Final = range(2, 1_334)  # 30 Hz to 20 kHz
_CORRELATION: Final = 0.3
_PERIOD_S: Final = 9.2
_WAVES_BEFORE, _WAVES_AFTER = 5, 2
"""Waves that still drain, and waves that already rise."""
_NOISE, _PLACE, _LEVEL, _SET, _RISE, _FALL, _PAN, _RUMBLE = range(8)


def ocean_granule(seed: int, index: int) -> Stereo:
    """Second `index` of the ocean (2, 48000) before its station gain."""
    key = hash64(_RECIPE, seed)
    return moving_noise(
        hash64(key, _NOISE), index, _BINS, _CORRELATION, lambda time_s: _magnitudes(key, time_s)
    )


def _magnitudes(key: int, time_s: Doubles) -> Doubles:
    """Magnitudes (blocks, 2, bins): waves, rumble and hiss as one noise, since their powers add."""
    waves, pans = _waves(key, time_s)
    largest = waves.max(axis=0)
    angles = (np.pi / 4.0) * (1.0 + pans)
    left, right = (np.sum((waves * ear(angles)) ** 2, axis=0) for ear in (np.cos, np.sin))
    spectrum = _wave_powers(480.0 * (1.0 + 7.5 * np.minimum(largest, 1.2) ** 1.3))
    rumble = 0.038 * (1.0 + 0.3 * value_noise_array(hash64(key, _RUMBLE), time_s / 13.0))
    hiss = 0.006 + 0.017 * np.maximum(largest - 0.35, 0.0)
    rumble_power, hiss_power = _steady_powers()
    still = (rumble**2)[:, None] * rumble_power + (hiss**2)[:, None] * hiss_power
    ears = 2.0 * 0.085**2 * np.stack([left, right], axis=1)
    magnitudes: Doubles = np.sqrt(ears[:, :, None] * spectrum[:, None, :] + still[:, None, :])
    return magnitudes


def _waves(key: int, time_s: Doubles) -> tuple[Doubles, Doubles]:
    """Height and place between the ears, (waves, blocks), of every wave that is heard in the second."""
    first = int(time_s[0] // _PERIOD_S) - _WAVES_BEFORE
    number = np.arange(first, first + _WAVES_BEFORE + _WAVES_AFTER + 2)[:, None]

    def keyed(field: int, low: float, high: float) -> Doubles:
        return low + (high - low) * uniform_array(hash64(key, field), number)

    since_s = time_s - number * _PERIOD_S - keyed(_PLACE, -2.4, 2.4)
    level_db = keyed(_LEVEL, -4.0, 0.5) + 1.5 * value_noise_array(hash64(key, _SET), number / 6.3)
    rise_s, fall_s = keyed(_RISE, 2.6, 4.2), 0.62 * keyed(_FALL, 3.4, 6.0)
    after = np.maximum(since_s, 0.0) / fall_s
    height = np.where(
        since_s < 0.0, np.exp(-((since_s / (0.55 * rise_s)) ** 2)), (1.0 + after / 2.0) * np.exp(-after)
    )
    pan = 0.7 * keyed(_PAN, -1.0, 1.0) * np.tanh(since_s / 3.0)
    return 10.0 ** (level_db / 20.0) * height, pan


def _wave_powers(corner_hz: Doubles) -> Doubles:
    """Powers (blocks, bins) of breaking water below a corner that opens with the wave."""
    slope, low_cut = _wave_slope()
    frequencies_hz = bin_frequencies_hz(MOVING_BLOCK)[_BINS.start : _BINS.stop]
    powers: Doubles = slope * low_cut / (1.0 + (frequencies_hz / corner_hz[:, None]) ** 4)
    powers *= unit_rms_scale(MOVING_BLOCK, 1.0) ** 2 / 2.0 / powers.sum(axis=1, keepdims=True)
    return powers


@cache
def _wave_slope() -> tuple[Doubles, Doubles]:
    frequencies_hz = bin_frequencies_hz(MOVING_BLOCK)[_BINS.start : _BINS.stop]
    return (frequencies_hz / 1000.0) ** (-3.9 / 3.0103), 1.0 / (1.0 + (60.0 / frequencies_hz) ** 4)


@cache
def _steady_powers() -> tuple[Doubles, Doubles]:
    return corner_powers(-6.0, 50.0, 900.0, _BINS), corner_powers(-2.5, 900.0, 7500.0, _BINS)
