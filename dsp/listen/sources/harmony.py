"""Harmony that wanders for ever: keys, modes and chord progressions as a function of the section's number."""

from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dsp.base.keyed import hash64, uniform

Chord: TypeAlias = tuple[int, ...]
"""Pitch classes 0…11, root first; where two of them clash, the later one gives way."""

# semitones above the tonic; no dominant with a leading tone: it would ask for an end that must not come
STATES: Final[dict[str, tuple[Chord, ...]]] = {
    "major": (
        (0, 4, 7, 2),
        (5, 9, 0, 4),
        (5, 9, 0, 7),
        (9, 0, 4, 7),
        (4, 7, 11, 2),
        (2, 5, 9, 0),
        (7, 0, 2, 5),
        (4, 7, 0, 2),
        (9, 2, 4, 7),
    ),
    "lydian": (
        (0, 4, 7, 2),
        (0, 4, 7, 11),
        (2, 6, 9, 0),
        (9, 0, 4, 11),
        (4, 7, 11, 2),
        (0, 2, 6, 7),
        (7, 11, 2, 4),
    ),
    "dorian": (
        (0, 3, 7, 2),
        (0, 3, 7, 10),
        (5, 9, 0, 3),
        (7, 10, 2, 5),
        (10, 2, 5, 0),
        (3, 7, 10, 2),
        (2, 5, 9, 0),
    ),
    "aeolian": (
        (0, 3, 7, 2),
        (0, 3, 7, 10),
        (8, 0, 3, 7),
        (3, 7, 10, 2),
        (10, 2, 5, 0),
        (5, 8, 0, 7),
        (7, 10, 2, 5),
    ),
}
# the tonic of each mode above the tonic of the major scale with the same signature
_MODE_TONICS: Final = {"major": 0, "lydian": 5, "dorian": 2, "aeolian": 9}
_MAJOR_SCALE: Final = (0, 2, 4, 5, 7, 9, 11)
_OPENING_WEIGHTS: Final = (1.0, 0.8, 1.0, 1.0)
_COMMON_TONE_WEIGHTS: Final = (0.05, 0.35, 1.0, 1.4, 0.5)
_CADENCE, _FIFTH, _HARD_STEP, _RETURN = 0.12, 0.7, 0.3, 0.3
_TONIC, _SIGNATURE, _MODE, _OPENING, _STEP = range(5)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a section stands: its mode, its tonic and the seven pitch classes of its scale."""

    mode: str
    tonic: int
    scale: frozenset[int]


@dataclass(frozen=True, slots=True)
class Harmony:
    """The endless progression of one station; every method is pure."""

    key: int
    modes: tuple[str, ...]
    """Drawn from, with repetition as weight, once in `sections_per_mode`."""
    sections_per_mode: int
    sections_per_signature: int
    chords_per_section: int

    def place(self, section: int) -> Place:
        """Modes are relatives of one signature: never two on one tonic, which would change three notes."""
        keyed = uniform(self.key, _MODE, section // self.sections_per_mode)
        mode = self.modes[int(keyed * len(self.modes))]
        major_tonic = hash64(self.key, _TONIC) % 12 + 7 * self._signature(
            section // self.sections_per_signature
        )
        scale = frozenset((major_tonic + step) % 12 for step in _MAJOR_SCALE)
        return Place(mode, (major_tonic + _MODE_TONICS[mode]) % 12, scale)

    def _signature(self, macro: int) -> int:
        """Place on the circle of fifths, −1…1; neighbours differ by one accidental at most."""
        if macro % 2 == 0:
            return int(3.0 * uniform(self.key, _SIGNATURE, macro)) - 1
        return round((self._signature(macro - 1) + self._signature(macro + 1)) / 2)

    def opening(self, section: int) -> Chord:
        """First chord of a section, known without its neighbours."""
        return self._chord(section, self._opening_state(section))

    def _opening_state(self, section: int) -> int:
        return _draw(np.array(_OPENING_WEIGHTS), uniform(self.key, _OPENING, section))

    def _chord(self, section: int, state: int) -> Chord:
        place = self.place(section)
        return tuple((place.tonic + tone) % 12 for tone in STATES[place.mode][state])

    def progression(self, section: int) -> tuple[Chord, ...]:
        """Chords of a section: a walk from its opening that is bound to arrive at the next one's."""
        place = self.place(section)
        moves = transition_weights(place.mode)
        tones = [self._chord(section, state) for state in range(len(moves))]
        reach = self._reach(section, moves, tones)
        states = [self._opening_state(section)]
        for step in range(1, self.chords_per_section):
            weights = moves[states[-1]] * reach[step]
            if step >= 2:
                weights[states[-2]] *= _RETURN
            states.append(_draw(weights, uniform(self.key, _STEP, section, step)))
        return tuple(tones[state] for state in states)

    def _reach(
        self, section: int, moves: NDArray[np.float64], tones: list[Chord]
    ) -> list[NDArray[np.float64]]:
        """For each step and state, how easily the walk can still arrive at the next section's opening."""
        target = set(self.opening(section + 1))
        scale = self.place(section + 1).scale
        common = [len(target.intersection(chord)) for chord in tones]
        arrival = np.zeros(len(tones))
        arrival[common.index(max(common))] = 1.0
        at_home = np.array([scale.issuperset(chord) for chord in tones], np.float64)
        reach = [(moves @ arrival) * at_home]
        for _ in range(self.chords_per_section - 1):
            reach.append(moves @ reach[-1])
        return reach[::-1]


@cache
def transition_weights(mode: str) -> NDArray[np.float64]:
    """Weights (from, to) of the chord changes of a mode."""
    states = STATES[mode]
    weights = np.zeros((len(states), len(states)))
    for source, before in enumerate(states):
        for target, after in enumerate(states):
            if source != target:
                weights[source, target] = _move_weight(before, after)
    return weights


def _move_weight(before: Chord, after: Chord) -> float:
    weight = _COMMON_TONE_WEIGHTS[len(set(before).intersection(after))]
    step = (after[0] - before[0]) % 12
    if step == 5:
        weight *= _CADENCE if after[0] == 0 else _FIFTH
    if step in {1, 6, 11}:
        weight *= _HARD_STEP
    return weight


def _draw(weights: NDArray[np.float64], chance: float) -> int:
    """Index drawn in proportion to its weight by a number in [0, 1)."""
    sums = np.cumsum(weights)
    return int(np.searchsorted(sums, chance * sums[-1], side="right"))


def reduced(chord: Chord) -> Chord:
    """A chord without semitone pairs, for layers whose notes ring into one another.

    Of each pair the root goes, which the bass has, or else the tone that is listed later.
    """
    tones = list(chord)
    for first in chord:
        for second in chord[chord.index(first) + 1 :]:
            if (first - second) % 12 in {1, 11} and first in tones and second in tones:
                tones.remove(first if first == chord[0] else second)
    return tuple(tones)
