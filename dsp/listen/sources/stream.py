"""A stream: water over stones, and the bubbles that it carries under."""

import math
from functools import cache, lru_cache
from typing import Final

import numpy as np

from dsp.base.keyed import hash64, hash_text, uniform, value_noise_array
from dsp.listen.sources.one_shots import Mono, Scatter, add_events, bubble
from dsp.listen.sources.shaped_noise import Doubles, Stereo, corner_powers, moving_noise

_RECIPE: Final = hash_text("stream")
_BINS: Final = range(2, 1_334)  # 30 Hz to 20 kHz
_CORRELATION: Final = 0.2
_LOWEST_HZ, _MODE_HZ, _HIGHEST_HZ = 350.0, 850.0, 2400.0
_NOISE, _LEVEL, _BUBBLES, _BANK = range(4)


def stream_granule(seed: int, index: int) -> Stereo:
    """Second `index` of the stream (2, 48000) before its station gain."""
    key = hash64(_RECIPE, seed)
    frames = moving_noise(
        hash64(key, _NOISE), index, _BINS, _CORRELATION, lambda time_s: _magnitudes(key, time_s)
    )
    # 130 a second on average, that gather and thin out over seconds
    bubbles = Scatter(hash64(key, _BUBBLES), 200.0, gain=0.34, spread=0.7, loudest=3.0, swings=((0.45, 3.7),))
    add_events(frames, index, bubbles, _bank(key))
    return frames


def _magnitudes(key: int, time_s: Doubles) -> Doubles:
    """Magnitudes (blocks, bins) of the bed, which swells by a decibel."""
    level_db = value_noise_array(hash64(key, _LEVEL), time_s / 9.0)
    return 10.0 ** (level_db / 20.0)[:, None] * _bed()


@cache
def _bed() -> Doubles:
    low, high = corner_powers(-4.4, 180.0, 5500.0, _BINS), corner_powers(-2.0, 1200.0, 7000.0, _BINS)
    magnitudes: Doubles = np.sqrt(0.062**2 * low + 0.010**2 * high)
    return magnitudes


@lru_cache(maxsize=8)
def _bank(key: int) -> tuple[Mono, ...]:
    """Twenty-four bubbles."""
    keys = [hash64(key, _BANK, variant) for variant in range(24)]
    return tuple(bubble(shot, _frequency_hz(uniform(shot, 1)), 0.1 * uniform(shot, 2)) for shot in keys)


def _frequency_hz(chance: float) -> float:
    """Triangular over octaves, most bubbles near the mode: the inverse of its distribution function."""
    whole, below = math.log(_HIGHEST_HZ / _LOWEST_HZ), math.log(_MODE_HZ / _LOWEST_HZ)
    if chance < below / whole:
        return _LOWEST_HZ * math.exp(math.sqrt(chance * whole * below))
    return _HIGHEST_HZ * math.exp(-math.sqrt((1.0 - chance) * whole * (whole - below)))
