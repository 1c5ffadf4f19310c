"""Where the tones of a chord lie, and how its voices move to the next: as little as they can."""

from collections.abc import Collection
from functools import lru_cache
from itertools import pairwise, product
from typing import Final, TypeAlias

from dsp.listen.sources.harmony import Chord

Voicing: TypeAlias = tuple[int, ...]
"""MIDI numbers, rising."""

_TOP_LEAP_COST, _STILL_COST, _CENTRE_COST = 0.8, 2.0, 1.1
_WIDEST: Final = 19


@lru_cache(maxsize=512)
def candidates(chord: Chord, low: int, high: int) -> tuple[Voicing, ...]:
    """Voicings with every tone once that are open enough below and closed enough to be one sound."""
    places = [[note for note in range(low, high + 1) if note % 12 == tone] for tone in chord]
    voicings = sorted(tuple(sorted(notes)) for notes in product(*places))
    return tuple(voicing for voicing in voicings if _is_good(voicing))


def _is_good(voicing: Voicing) -> bool:
    gaps = [above - below for below, above in pairwise(voicing)]
    ninths = any(upper - lower == 13 for lower in voicing for upper in voicing)
    return (
        all(2 <= gap <= 9 for gap in gaps)
        and gaps[0] >= 3
        and gaps.count(2) <= 1
        and voicing[-1] - voicing[0] <= _WIDEST
        and not ninths
    )


def opening_voicing(chord: Chord, low: int, high: int, centre: float) -> Voicing:
    """The voicing nearest the centre: what a section starts with, known without its neighbours."""
    return min(candidates(chord, low, high), key=lambda voicing: abs(_mean(voicing) - centre))


def lead(
    start: Voicing, chords: tuple[Chord, ...], end: Voicing, low: int, high: int, centre: float
) -> tuple[Voicing, ...]:
    """Voicings from `start` through `chords` to just before `end`, at least cost in all (Viterbi)."""
    paths: dict[Voicing, tuple[float, tuple[Voicing, ...]]] = {start: (0.0, (start,))}
    for chord in chords:
        paths = {
            voicing: min(
                (
                    cost + _move_cost(before, voicing) + _CENTRE_COST * abs(_mean(voicing) - centre),
                    (*path, voicing),
                )
                for before, (cost, path) in paths.items()
            )
            for voicing in candidates(chord, low, high)
        }
    return min((cost + _move_cost(last, end), path) for last, (cost, path) in paths.items())[1]


def _move_cost(before: Voicing, after: Voicing) -> float:
    moved = sum(abs(new - old) for old, new in zip(before, after, strict=True))
    leap = abs(after[-1] - before[-1])
    return moved + _TOP_LEAP_COST * max(0, leap - 2) + (0.0 if moved else _STILL_COST)


def _mean(voicing: Voicing) -> float:
    return sum(voicing) / len(voicing)


def is_clear(note: int, others: Collection[int]) -> bool:
    """Whether a note makes no minor second or ninth with any other."""
    return all(abs(note - other) not in {1, 13} for other in others)


def nearest(tone: int, place: float) -> int:
    """The note of a pitch class that lies nearest to a place, the lower of two."""
    low = int(place) - 6
    return min((low + (tone - low) % 12 + octave for octave in (0, 12)), key=lambda note: abs(note - place))
