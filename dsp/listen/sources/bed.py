"""A bed: notes and hits of a score, played into a room, with a little air."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import GRANULE
from dsp.listen.sources.kit import Shot, add_shot
from dsp.listen.sources.notes import Note, add_note
from dsp.listen.sources.reverb import TAIL_GRANULES, Room, convolve, wet_frames
from dsp.listen.sources.section import Section
from dsp.listen.sources.shaped_noise import Stereo


@dataclass(frozen=True, slots=True, eq=False)
class Style:
    """What makes a bed: every part a pure function of the station's seed."""

    section: int
    """Frames of a section."""
    lead_in: int
    """No note of a section starts earlier than this before it."""
    ring: int
    """No note of a section ends later than this after it."""
    compose: Callable[[int, int], Section]
    """The notes of a section by seed and number."""
    room: Callable[[int], Room]
    air: Callable[[int, int], Stereo]
    """What sounds without a score, by seed and second, (2, 48000)."""


def bed_granule(style: Style, seed: int, index: int) -> Stereo:
    """Second `index` of a bed (2, 48000) before its station gain."""
    pieces = [_played(style, seed, index - age) for age in range(TAIL_GRANULES + 1)]
    frames = pieces[0][0] + wet_frames([convolved for _, convolved in pieces])
    frames += style.air(seed, index)
    return frames


def notes_of_granule(style: Style, seed: int, index: int) -> list[Note]:
    """The notes that sound in a second, in the order of the score."""
    start = index * GRANULE
    notes = [note for section in _sections(style, seed, start) for note in section.notes]
    return [note for note in notes if note.onset < start + GRANULE and note.end > start]


def shots_of_granule(style: Style, seed: int, index: int) -> list[Shot]:
    """The hits that sound in a second, in the order of the score."""
    start = index * GRANULE
    shots = [shot for section in _sections(style, seed, start) for shot in section.shots]
    return [shot for shot in shots if shot.onset < start + GRANULE and shot.end > start]


def _sections(style: Style, seed: int, start: int) -> list[Section]:
    """The sections whose notes may sound in the granule from frame `start`."""
    first = (start - style.ring) // style.section
    last = (start + GRANULE + style.lead_in) // style.section
    return [style.compose(seed, section) for section in range(first, last + 1)]


@lru_cache(maxsize=16)
def _played(style: Style, seed: int, index: int) -> tuple[Stereo, Stereo]:
    """The notes of a second, dry (2, 48000) and in the room (2, 180000); tails of four stations fit."""
    dry, send = np.zeros((2, GRANULE), np.float32), np.zeros(GRANULE, np.float32)
    _play(style, seed, index, dry, send)
    return dry, convolve(style.room(seed), send)


def _play(style: Style, seed: int, index: int, dry: Stereo, send: NDArray[np.float32]) -> None:
    for note in notes_of_granule(style, seed, index):
        add_note(note, index * GRANULE, dry, send)
    for shot in shots_of_granule(style, seed, index):
        add_shot(shot, index * GRANULE, dry, send)
