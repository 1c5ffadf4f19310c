"""The piano bed: a felt piano in a room, with the room's own quiet."""

from functools import cache
from typing import Final

import numpy as np

from dsp.base.keyed import hash64
from dsp.listen.sources.bed import Style
from dsp.listen.sources.piano_score import LEAD_IN, RECIPE, RING, SECTION, compose
from dsp.listen.sources.reverb import Room
from dsp.listen.sources.shaped_noise import Doubles, Stereo, corner_powers, moving_noise

_BINS: Final = range(2, 800)  # 30 Hz to 12 kHz
_ROOM, _QUIET = range(100, 102)


@cache
def _room(seed: int) -> Room:
    return Room(
        hash64(RECIPE, seed, _ROOM),
        length_s=2.4,
        rt60_s=2.0,
        pre_delay_s=0.022,
        low_cut_hz=160.0,
        high_cut_hz=4800.0,
    )


def _quiet(seed: int, index: int) -> Stereo:
    """What a microphone hears in the room between the notes."""
    return moving_noise(hash64(RECIPE, seed, _QUIET), index, _BINS, 0.3, _magnitudes)


def _magnitudes(time_s: Doubles) -> Doubles:
    magnitudes: Doubles = np.tile(
        0.010 * np.sqrt(corner_powers(-4.5, 100.0, 6000.0, _BINS)), (len(time_s), 1)
    )
    return magnitudes


PIANO: Final = Style(SECTION, LEAD_IN, RING, compose, _room, _quiet)
