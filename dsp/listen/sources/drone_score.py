"""The score of the drone: fourteen just intervals over 55 Hz, each in cells that swell into one another.

The cells of a slot have its own length, so the whole never comes back. Every eight minutes the root may move
by a just interval; a cell takes the root of its middle, so the change spreads over forty seconds.
"""

import math
from functools import lru_cache
from typing import Final

from dsp.base.grid import RATE_HZ
from dsp.base.keyed import hash64, hash_text, uniform, value_noise
from dsp.listen.sources.notes import Note
from dsp.listen.sources.section import Section
from dsp.listen.sources.timbres import BRIGHTEST, drone

RECIPE: Final = hash_text("drone")
SECTION: Final = 60 * RATE_HZ
LEAD_IN: Final = 0
RING: Final = 50 * RATE_HZ
ROOT_HZ: Final = 55.0
ROOT_SPAN: Final = 480 * RATE_HZ
ROOTS: Final = (1.0, 1.0, 4 / 3, 3 / 4, 1.0, 9 / 8, 1.0, 3 / 4)
# ratio to the root, weight, seconds of a cell
SLOTS: Final = (
    (1.0, 0.50, 41.0),
    (2.0, 0.72, 37.3),
    (3.0, 0.55, 33.1),
    (4.0, 0.42, 29.7),
    (6.0, 0.26, 26.3),
    (1.5, 0.35, 47.9),
    (2.0, 0.70, 44.7),
    (4.0, 0.38, 31.9),
    (10.0, 0.09, 28.1),
    (5.0, 0.20, 23.7),
    (8.0, 0.14, 21.1),
    (3.0, 0.50, 39.1),
    (6.0, 0.22, 24.9),
    (12.0, 0.07, 19.3),
)
_TIMBRE, _ROOT, _LEVEL, _CENTS, _PAN, _BRIGHTNESS = range(6)


@lru_cache(maxsize=32)
def compose(seed: int, section: int) -> Section:
    """The cells that begin in a minute, a pure function of station seed and the minute's number."""
    key = hash64(RECIPE, seed)
    notes = []
    for slot, (_, _, cell_s) in enumerate(SLOTS):
        hop = round(cell_s * RATE_HZ / 2)
        first, last = -(-section * SECTION // hop), -(-(section + 1) * SECTION // hop)
        notes += [_cell(key, slot, number, hop) for number in range(first, last)]
    notes.sort(key=lambda note: (note.onset, note.midi))
    starts = (section * SECTION, (section + 1) * SECTION)
    return Section(_scale(key, section), (), (), starts, tuple(notes))


def root(key: int, frame: int) -> float:
    """Ratio of the root in force at a frame to the lowest one: every second span is at home."""
    span = frame // ROOT_SPAN
    return ROOTS[int(uniform(key, _ROOT, span) * len(ROOTS))] if span % 2 else 1.0


def _cell(key: int, slot: int, number: int, hop: int) -> Note:
    """Rises as the cell before it falls and falls as the next rises: the two add up to a steady tone."""
    ratio, weight, _ = SLOTS[slot]
    onset, middle = number * hop, (number + 1) * hop
    ground = root(key, middle)
    cents = 2.8 * uniform(key, _CENTS, slot, middle // ROOT_SPAN) - 1.4
    base_hz = ROOT_HZ * ground * ratio * 2.0 ** (round(cents, 2) / 1200.0)
    level = min(1.2, max(0.12, 0.62 + 0.55 * value_noise(hash64(key, _LEVEL, slot), number / 1.9)))
    bright = 3.0 + 2.0 * value_noise(hash64(key, _BRIGHTNESS), middle / (210.0 * RATE_HZ))
    return Note(
        onset=onset,
        length=2 * hop,
        timbre=drone(hash64(key, _TIMBRE), slot, base_hz, max(0, min(BRIGHTEST, round(bright)))),
        midi=round(69.0 + 12.0 * math.log2(base_hz / 440.0)),
        gain=0.30 * weight * level,
        pan=0.6 * uniform(key, _PAN, slot) - 0.3,
        attack=hop,
        release=hop,
        send=0.15,
        struck=False,
    )


def _scale(key: int, section: int) -> frozenset[int]:
    """Pitch classes of the slots, and of the harmonics of the roots that sound in a minute."""
    grounds = {root(key, section * SECTION + offset) for offset in range(0, 2 * SECTION, RATE_HZ)}
    return frozenset(
        round(69.0 + 12.0 * math.log2(ROOT_HZ * ground * ratio / 440.0)) % 12
        for ground in grounds
        for ratio in (*(slot[0] for slot in SLOTS), 7.0, 9.0)
    )
