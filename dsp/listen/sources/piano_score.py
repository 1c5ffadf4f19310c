"""The score of the piano bed: 58 beats a minute, freely; sixteen bars, a chord for every two.

A left hand that opens the chord, the chord itself, a melody that moves by small steps and rests, and under it
all a pad too soft to be noticed, so that there is always something that carries.
"""

import math
from functools import lru_cache
from typing import Final

from dsp.base.grid import RATE_HZ
from dsp.base.keyed import hash64, hash_text, value_noise
from dsp.listen.sources.harmony import Chord, Harmony, reduced
from dsp.listen.sources.kit import VARIANTS, Shot
from dsp.listen.sources.notes import Note
from dsp.listen.sources.section import Draws, Section
from dsp.listen.sources.timbres import BRIGHTEST, felt_piano, pad
from dsp.listen.sources.voicing import Voicing, is_clear, lead, nearest, opening_voicing

RECIPE: Final = hash_text("piano")
BEAT: Final = 49_656
"""Frames: 58 beats a minute."""
CHORDS: Final = 8
BAR: Final = 4 * BEAT
SPAN: Final = 2 * BAR
"""Frames of a chord."""
SECTION: Final = CHORDS * SPAN
LEAD_IN: Final = 2 * RATE_HZ
RING: Final = 5 * RATE_HZ

_LOW, _HIGH, _CENTRE = 53, 75, 63.0
_PATTERNS: Final = ((0, 2, 4), (0, 3), (0, 2, 5), (0, 4), (0,))
_PATTERN_WEIGHTS: Final = (1.0, 1.5, 1.0, 2.0, 1.2)
_POOL: Final = range(67, 87)
_CHANCES: Final = (0.75, 0.2, 0.42, 0.2, 0.75, 0.2, 0.42, 0.2)
"""Of a melody note at each eighth of a bar, before its density."""
_LONGEST_PASSING_S: Final = 1.15
_HARMONY, _TIMBRE, _RUBATO, _TIME, _GAIN, _DENSITY, _BRIGHTNESS = range(7)
_LEFT, _FIFTH, _CHORD_TONE, _AGAIN, _STRUM, _REST, _STRIKE, _CHOICE, _VELOCITY, _THUMP = range(7, 17)


def harmony(seed: int) -> Harmony:
    """The endless progression of a station."""
    modes = ("major", "aeolian", "major", "dorian")
    return Harmony(hash64(RECIPE, seed, _HARMONY), modes, 3, 3, CHORDS)


@lru_cache(maxsize=32)
def compose(seed: int, section: int) -> Section:
    """The notes of a section, a pure function of station seed and section number."""
    draws = Draws(hash64(RECIPE, seed), section)
    scale = harmony(seed).place(section).scale
    chords = harmony(seed).progression(section)
    voicings = _voicings(seed, section, chords)
    struck: list[Note] = []
    melody = _Melody(draws, scale)
    for number, (chord, voicing) in enumerate(zip(chords, voicings, strict=True)):
        left = _left_hand(draws, number, chord, voicing)
        right = _right_hand(draws, number, chord, voicing)
        below = {note.midi for note in (*left, *right)} | set(voicing)
        struck += [*left, *right, *melody.over_chord(number, reduced(chord), below)]
    notes = [*struck, *_floor(draws, voicings)]
    notes.sort(key=lambda note: (note.onset, note.midi))
    starts = tuple(section * SECTION + chord * SPAN for chord in range(CHORDS + 1))
    thumps = tuple(_thump(draws, number, note) for number, note in enumerate(struck))
    return Section(scale, chords, voicings, starts, tuple(notes), thumps)


def _voicings(seed: int, section: int, chords: tuple[Chord, ...]) -> tuple[Voicing, ...]:
    def opening(number: int) -> Voicing:
        return opening_voicing(harmony(seed).opening(number), _LOW, _HIGH, _CENTRE)

    return lead(opening(section), chords[1:], opening(section + 1), _LOW, _HIGH, _CENTRE)


def _frame(draws: Draws, chord: int, eighth: float) -> int:
    """Frame of an eighth of a chord; the beat breathes."""
    beat = draws.section * (SECTION // BEAT) + chord * (SPAN // BEAT) + eighth / 2.0
    rubato = 0.05 * RATE_HZ * value_noise(hash64(draws.key, _RUBATO), beat / 5.3)
    return round(beat * BEAT + rubato)


def _struck(draws: Draws, midi: int, velocity: float, onset: int, end: int, longest_s: float = 30.0) -> Note:
    """A piano note that the pedal lets go at `end`, or sooner."""
    brightness = round(BRIGHTEST * (0.1 + 0.7 * velocity) + 1.5 * draws.drift(_BRIGHTNESS, 3.3))
    release = round(0.55 * RATE_HZ)
    length = min(end - onset + round(0.06 * RATE_HZ), round(longest_s * RATE_HZ)) + release
    return Note(
        onset=onset,
        length=length,
        timbre=felt_piano(hash64(draws.key, _TIMBRE), midi, max(0, min(BRIGHTEST, brightness))),
        midi=midi,
        gain=0.95 * velocity**1.3 * 2.0 ** (-(midi - 60) / 40.0),
        pan=(midi - 64) / 60.0,
        attack=round(0.007 * RATE_HZ),
        release=release,
        send=0.20,
        struck=True,
    )


def _left_hand(draws: Draws, number: int, chord: Chord, voicing: Voicing) -> list[Note]:
    """The root, its fifth or octave, and a tenth above, in a pattern of two bars."""
    tones, end = reduced(chord), _frame(draws, number + 1, 0)
    root = nearest(chord[0], 42)
    has_fifth = (chord[0] + 7) % 12 in tones and draws.happens(0.6, _FIFTH, number)
    middle = root + 7 if has_fifth else root + 12
    tenth = min(
        (note for note in range(root + 14, root + 20) if note % 12 in tones and is_clear(note, voicing)),
        key=lambda note: abs(note - root - 16),
        default=voicing[0],
    )
    notes = []
    for bar in range(2):
        pattern = draws.choose(_PATTERNS, _PATTERN_WEIGHTS, _LEFT, number, bar)
        line = (root, middle, tenth) if bar == 0 else (middle, tenth, voicing[0])
        for place, (eighth, midi) in enumerate(zip(pattern, line, strict=False)):
            velocity = (0.46 if bar == 0 else 0.43) if place == 0 else 0.40
            velocity *= draws.gain(-1.5, 0.5, _GAIN, number, bar, place)
            onset = _frame(draws, number, 8 * bar + eighth) + draws.timing(12.0, _TIME, number, bar, place)
            notes.append(_struck(draws, midi, velocity, onset, end))
    return notes


def _right_hand(draws: Draws, number: int, chord: Chord, voicing: Voicing) -> list[Note]:
    """The chord, thinned and slowly strummed, and at times again in the middle of a bar."""
    tones, end = reduced(chord), _frame(draws, number + 1, 0)
    notes = []
    for time, eighth in enumerate((0.0, 4.0)):
        if time and not draws.happens(0.4, _AGAIN, number):
            continue
        for voice, midi in enumerate(voicing):
            if midi % 12 in tones and draws.happens(0.7, _CHORD_TONE, number, time, voice):
                late = round(0.04 * RATE_HZ * voice * draws.between(0.5, 1.0, _STRUM, number, time))
                onset = (
                    _frame(draws, number, eighth) + late + draws.timing(8.0, _TIME, number, 2 + time, voice)
                )
                notes.append(_struck(draws, midi, 0.38, onset, end))
    return notes


class _Melody:
    """A line that remembers where it was."""

    def __init__(self, draws: Draws, scale: frozenset[int]) -> None:
        self._draws = draws
        self._scale = scale
        self._previous = 76
        self._density = 0.5 + 0.28 * draws.drift(_DENSITY, 2.3)

    def over_chord(self, number: int, tones: Chord, below: set[int]) -> list[Note]:
        """The melody of two bars over what sounds below; passing tones are off the beat and short."""
        draws, end = self._draws, _frame(self._draws, number + 1, 0)
        notes = []
        for eighth in range(16):
            bar = 2 * number + eighth // 8
            rests = bar % 4 == 3 and not draws.happens(0.25, _REST, bar)
            if rests or not draws.happens(self._density * _CHANCES[eighth % 8], _STRIKE, number, eighth):
                continue
            midi = self._next(number, eighth, tones, below)
            velocity = draws.between(0.45, 0.55, _VELOCITY, number, eighth)
            velocity *= draws.gain(-3.5, 1.0, _GAIN, number, 4, eighth)
            onset = _frame(draws, number, eighth) + draws.timing(12.0, _TIME, number, 5, eighth)
            longest_s = 30.0 if midi % 12 in tones else _LONGEST_PASSING_S - 0.6
            notes.append(_struck(draws, midi, velocity, onset, end, longest_s))
        return notes

    def _next(self, number: int, eighth: int, tones: Chord, below: set[int]) -> int:
        pool = [note for note in _POOL if is_clear(note, below) and note % 12 in tones]
        if eighth % 2:
            rough = {(tone + step) % 12 for tone in tones for step in (1, 11)}
            passing = self._scale - rough - set(tones)
            pool += [note for note in _POOL if note % 12 in passing and is_clear(note, below)]
        weights = [self._weight(note) for note in pool]
        self._previous = self._draws.choose(pool, weights, _CHOICE, number, eighth)
        return self._previous

    def _weight(self, note: int) -> float:
        """Small steps, near the middle, seldom the same again, hardly ever a semitone."""
        leap = abs(note - self._previous)
        penalty = 1.2 if leap == 0 else 2.0 if leap == 1 else 0.0
        return math.exp(-leap / 2.6 - ((note - 76) / 9.0) ** 2 - penalty)


def _floor(draws: Draws, voicings: tuple[Voicing, ...]) -> list[Note]:
    """The chord as a soft pad, from a little before it until well into the next."""
    notes: list[Note] = []
    for number, voicing in enumerate(voicings):
        onset = _frame(draws, number, 0) - round(0.6 * RATE_HZ)
        length = _frame(draws, number + 1, 0) + round(2.4 * RATE_HZ) - onset
        notes += [
            Note(
                onset=onset,
                length=length,
                timbre=pad(hash64(draws.key, _TIMBRE), midi, 1),
                midi=midi,
                gain=0.055,
                pan=0.0,
                attack=round(2.0 * RATE_HZ),
                release=round(3.0 * RATE_HZ),
                send=0.2,
                struck=False,
            )
            for midi in voicing
        ]
    return notes


def _thump(draws: Draws, number: int, note: Note) -> Shot:
    """The felt and the key under a note, 27 dB softer."""
    variant = int(draws.between(0, VARIANTS, _THUMP, number))
    return Shot(note.onset, "thump", variant, note.gain * 10.0 ** (-27.0 / 20.0), note.pan, 0.1)
