"""The lo-fi bed: a slow swung groove in a small room, with the hiss and crackle of an old record."""

from functools import cache, lru_cache
from typing import Final

import numpy as np

from dsp.base.keyed import hash64, uniform
from dsp.listen.sources.bed import Style
from dsp.listen.sources.lofi_score import LEAD_IN, RECIPE, RING, SECTION, compose
from dsp.listen.sources.one_shots import Mono, Scatter, add_events, snap
from dsp.listen.sources.reverb import Room
from dsp.listen.sources.shaped_noise import Doubles, Stereo, corner_powers, moving_noise

_BINS: Final = range(2, 1_000)  # 30 Hz to 15 kHz
_ROOM, _HISS, _CRACKLE, _CRACKLE_BANK = range(100, 104)


@cache
def _room(seed: int) -> Room:
    return Room(
        hash64(RECIPE, seed, _ROOM),
        length_s=1.5,
        rt60_s=1.2,
        pre_delay_s=0.018,
        low_cut_hz=220.0,
        high_cut_hz=4200.0,
    )


def _record(seed: int, index: int) -> Stereo:
    """Hiss and crackle."""
    frames = moving_noise(hash64(RECIPE, seed, _HISS), index, _BINS, 0.3, _hiss)
    crackle = Scatter(hash64(RECIPE, seed, _CRACKLE), per_second=7.0, gain=0.06, spread=0.7, loudest=2.5)
    add_events(frames, index, crackle, _crackle_bank(seed))
    return frames


def _hiss(time_s: Doubles) -> Doubles:
    magnitudes: Doubles = np.tile(
        0.006 * np.sqrt(corner_powers(-4.0, 150.0, 4500.0, _BINS)), (len(time_s), 1)
    )
    return magnitudes


@lru_cache(maxsize=8)
def _crackle_bank(seed: int) -> tuple[Mono, ...]:
    """Twenty-four specks of dust."""
    keys = [hash64(RECIPE, seed, _CRACKLE_BANK, variant) for variant in range(24)]
    return tuple(snap(key, 0.0004 + 0.0011 * uniform(key, 1), smoothing=6) for key in keys)


LOFI: Final = Style(SECTION, LEAD_IN, RING, compose, _room, _record)
