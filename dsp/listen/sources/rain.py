"""Steady rain: a bed of shaped noise that swells a little, drops on leaves, and the plip of bubbles."""

from functools import cache, lru_cache
from typing import Final

import numpy as np

from dsp.base.keyed import hash64, hash_text, uniform, value_noise_array
from dsp.listen.sources.one_shots import Mono, Scatter, add_events, bubble, burst
from dsp.listen.sources.shaped_noise import Doubles, Stereo, corner_powers, moving_noise

_RECIPE: Final = hash_text("rain")
_BINS: Final = range(2, 1_334)  # 30 Hz to 20 kHz
_CORRELATION: Final = 0.15
_SWELL, _BREATH, _TONE, _NOISE, _DROPS, _PLIPS, _DROP_BANK, _PLIP_BANK = range(8)


def rain_granule(seed: int, index: int) -> Stereo:
    """Second `index` of rain (2, 48000) before its station gain."""
    frames = _bed(seed, index)
    drops = Scatter(hash64(_RECIPE, seed, _DROPS), per_second=420.0, gain=0.09, spread=0.75, loudest=2.5)
    plips = Scatter(hash64(_RECIPE, seed, _PLIPS), per_second=14.0, gain=0.38, spread=0.7, loudest=3.0)
    add_events(frames, index, drops, _drop_bank(seed))
    add_events(frames, index, plips, _plip_bank(seed))
    return frames


def _bed(seed: int, index: int) -> Stereo:
    key = hash64(_RECIPE, seed, _NOISE)
    return moving_noise(key, index, _BINS, _CORRELATION, lambda time_s: _magnitudes(seed, time_s))


def _magnitudes(seed: int, time_s: Doubles) -> Doubles:
    """Magnitudes (blocks, bins): two independent layers of noise as one, since their powers add."""
    level_db = 1.6 * value_noise_array(hash64(_RECIPE, seed, _SWELL), time_s / 19.0)
    level_db += 0.8 * value_noise_array(hash64(_RECIPE, seed, _BREATH), time_s / 6.0)
    tone = 0.5 + 0.5 * value_noise_array(hash64(_RECIPE, seed, _TONE), time_s / 31.0)
    low_power, high_power = _layer_powers()
    low_share, high_share = (1.0 - 0.25 * tone) ** 2, (0.16 + 0.16 * tone) ** 2
    power = low_share[:, None] * low_power + high_share[:, None] * high_power
    magnitudes: Doubles = 0.085 * 10.0 ** (level_db / 20.0)[:, None] * np.sqrt(power)
    return magnitudes


@cache
def _layer_powers() -> tuple[Doubles, Doubles]:
    return corner_powers(-4.6, 110.0, 9000.0, _BINS), corner_powers(-2.5, 600.0, 5500.0, _BINS)


@lru_cache(maxsize=8)
def _drop_bank(seed: int) -> tuple[Mono, ...]:
    """Twenty-four drops between 1.1 and 5.2 kHz."""
    keys = [hash64(_RECIPE, seed, _DROP_BANK, variant) for variant in range(24)]
    return tuple(
        burst(
            key,
            frequency_hz=1100.0 * (5200.0 / 1100.0) ** uniform(key, 1),
            decay_s=0.0008 + 0.002 * uniform(key, 2),
            noise_share=0.6,
            smoothing=6,
        )
        for key in keys
    )


@lru_cache(maxsize=8)
def _plip_bank(seed: int) -> tuple[Mono, ...]:
    """Twelve bubbles between 0.9 and 2.6 kHz."""
    keys = [hash64(_RECIPE, seed, _PLIP_BANK, variant) for variant in range(12)]
    return tuple(
        bubble(key, frequency_hz=900.0 * (2600.0 / 900.0) ** uniform(key, 1), rise=0.1 * uniform(key, 2))
        for key in keys
    )
