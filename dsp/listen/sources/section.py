"""Sections: the unit in which a bed is composed, and the keyed choices that compose one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from dsp.base.grid import RATE_HZ
from dsp.base.keyed import hash64, uniform, value_noise
from dsp.listen.sources.harmony import Chord
from dsp.listen.sources.kit import Shot
from dsp.listen.sources.notes import Note
from dsp.listen.sources.voicing import Voicing

_Option = TypeVar("_Option")
_TIMING_CLIP: Final = 2.0
"""Standard deviations beyond which no note is early or late."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section as played."""

    scale: frozenset[int]
    chords: tuple[Chord, ...]
    voicings: tuple[Voicing, ...]
    starts: tuple[int, ...]
    """First frame of each chord, and the first after the last."""
    notes: tuple[Note, ...]
    shots: tuple[Shot, ...] = ()


@dataclass(frozen=True, slots=True)
class Draws:
    """What every choice in one section of one station hangs on."""

    key: int
    section: int

    def between(self, low: float, high: float, *fields: int) -> float:
        """A number from `low` to `high`."""
        return low + (high - low) * uniform(self.key, self.section, *fields)

    def happens(self, chance: float, *fields: int) -> bool:
        """Whether something of this chance happens."""
        return uniform(self.key, self.section, *fields) < chance

    def choose(self, options: Sequence[_Option], weights: Sequence[float], *fields: int) -> _Option:
        """One of the options, in proportion to its weight."""
        left = uniform(self.key, self.section, *fields) * sum(weights)
        for option, weight in zip(options, weights, strict=True):
            left -= weight
            if left < 0.0:
                return option
        return options[-1]

    def drift(self, field: int, period: float, within: float = 0.0) -> float:
        """Slow evolution in −1 … 1 over `period` sections, `within` the section from 0 to 1."""
        return value_noise(hash64(self.key, field), (self.section + within) / period)

    def over(self, sections: int, *, phase: int = 0) -> "Draws":
        """Choices that stay the same for that many sections."""
        return Draws(hash64(self.key, sections, phase), self.section // sections)

    def timing(self, deviation_ms: float, *fields: int) -> int:
        """Frames by which a player is late or early; near a Gaussian, by the sum of three numbers."""
        total = sum(uniform(self.key, self.section, *fields, part) for part in range(3)) - 1.5
        deviations = max(-_TIMING_CLIP, min(_TIMING_CLIP, 2.0 * total))
        return round(deviations * deviation_ms * RATE_HZ / 1000.0)

    def gain(self, low_db: float, high_db: float, *fields: int) -> float:
        """A linear gain between two levels."""
        return float(10.0 ** (self.between(low_db, high_db, *fields) / 20.0))
