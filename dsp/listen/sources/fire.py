"""A fire: a low flutter of flames, twigs that snap and, now and then, a pop."""

import math
from functools import cache, lru_cache
from typing import Final

import numpy as np

from dsp.base.keyed import hash64, hash_text, uniform, value_noise_array
from dsp.listen.sources.one_shots import Mono, Scatter, add_events, pop, snap
from dsp.listen.sources.shaped_noise import Doubles, Stereo, corner_powers, moving_noise

_RECIPE: Final = hash_text("fire")
_BINS: Final = range(2, 1_000)  # 30 Hz to 15 kHz
_CORRELATION: Final = 0.4
_NOISE, _FLUTTER, _FLARE, _SNAPS, _POPS, _SNAP_BANK, _POP_BANK = range(7)


def fire_granule(seed: int, index: int) -> Stereo:
    """Second `index` of the fire (2, 48000) before its station gain."""
    key = hash64(_RECIPE, seed)
    frames = moving_noise(
        hash64(key, _NOISE), index, _BINS, _CORRELATION, lambda time_s: _magnitudes(key, time_s)
    )
    snaps, pops = _events(key)
    add_events(frames, index, snaps, _snap_bank(key))
    add_events(frames, index, pops, _pop_bank(key))
    return frames


@lru_cache(maxsize=8)
def _events(key: int) -> tuple[Scatter, Scatter]:
    """Nine snaps and a pop a second in the middle, in crowds and lulls."""
    swings = ((0.9, 1.7), (0.4, 7.0))
    snaps = Scatter(hash64(key, _SNAPS), 9.0 * math.exp(1.3), 0.42, spread=0.85, loudest=1.75, swings=swings)
    pops = Scatter(
        hash64(key, _POPS), 0.9 * math.exp(0.8), 0.62, spread=0.5, loudest=1.8, swings=((0.8, 2.3),)
    )
    return snaps, pops


def _magnitudes(key: int, time_s: Doubles) -> Doubles:
    """Magnitudes (blocks, bins) of the flames, which flutter."""
    level_db = 1.1 * value_noise_array(hash64(key, _FLUTTER), time_s * 2.7)
    level_db += 1.1 * value_noise_array(hash64(key, _FLARE), time_s * 0.5)
    return 10.0 ** (level_db / 20.0)[:, None] * _flames()


@cache
def _flames() -> Doubles:
    low, high = corner_powers(-4.8, 75.0, 1800.0, _BINS), corner_powers(-3.0, 600.0, 5000.0, _BINS)
    magnitudes: Doubles = np.sqrt(0.058**2 * low + 0.016**2 * high)
    return magnitudes


@lru_cache(maxsize=8)
def _snap_bank(key: int) -> tuple[Mono, ...]:
    """Twenty-four snaps of one to three milliseconds."""
    keys = [hash64(key, _SNAP_BANK, variant) for variant in range(24)]
    return tuple(snap(shot, 0.0008 * 4.0 ** uniform(shot, 1), smoothing=8) for shot in keys)


@lru_cache(maxsize=8)
def _pop_bank(key: int) -> tuple[Mono, ...]:
    """Twelve pops between 220 and 700 Hz."""
    keys = [hash64(key, _POP_BANK, variant) for variant in range(12)]
    return tuple(
        pop(shot, 220.0 * (700.0 / 220.0) ** uniform(shot, 1), 0.004 + 0.010 * uniform(shot, 2))
        for shot in keys
    )
