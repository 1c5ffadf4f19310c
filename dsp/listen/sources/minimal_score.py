"""The score of the minimal bed: 104 beats a minute, four mallets on cycles that drift against each other.

Cycles of 8, 6, 5 and 7 eighths play the tones of a chord that lasts eight bars; tones appear and vanish one
at a time as the density moves, over a soft pad, a bass and, in most sections, a soft beat.
"""

import math
from functools import lru_cache
from typing import Final, NamedTuple

from dsp.base.grid import RATE_HZ
from dsp.base.keyed import hash64, hash_text, value_noise
from dsp.listen.sources.harmony import Chord, Harmony, reduced
from dsp.listen.sources.kit import VARIANTS, Shot
from dsp.listen.sources.notes import Note
from dsp.listen.sources.section import Draws, Section
from dsp.listen.sources.timbres import BRIGHTEST, bass, mallet, pad
from dsp.listen.sources.voicing import Voicing, is_clear, lead, nearest, opening_voicing

RECIPE: Final = hash_text("minimal")
EIGHTH: Final = 13_846
"""Frames: 104 beats a minute."""
CHORDS: Final = 8
BARS_PER_CHORD: Final = 8
BAR: Final = 8 * EIGHTH
SPAN: Final = BARS_PER_CHORD * BAR
"""Frames of a chord."""
SECTION: Final = CHORDS * SPAN
LEAD_IN: Final = 2 * RATE_HZ
RING: Final = 5 * RATE_HZ
STEPS: Final = SECTION // EIGHTH

_LOW, _HIGH, _CENTRE = 48, 71, 60.0
_RING_S: Final = 1.9
_HARMONY, _TIMBRE, _ORDER, _THRESHOLD, _DENSITY, _BRIGHTNESS, _GAIN, _TIME = range(8)
_BASS_LINE, _BEAT_ON, _VARIANT, _DRUM_GAIN, _DRUM_TIME = range(8, 13)


class _Voice(NamedTuple):
    """One mallet: the length of its cycle in eighths, where it plays, how loud and from which side."""

    length: int
    centre: int
    gain: float
    pan: float


_VOICES: Final = (
    _Voice(8, 60, 0.30, -0.35),
    _Voice(6, 67, 0.22, 0.30),
    _Voice(5, 72, 0.15, 0.55),
    _Voice(7, 55, 0.24, -0.55),
)


def harmony(seed: int) -> Harmony:
    """The endless progression of a station."""
    return Harmony(hash64(RECIPE, seed, _HARMONY), ("major", "lydian", "dorian"), 2, 2, CHORDS)


@lru_cache(maxsize=32)
def compose(seed: int, section: int) -> Section:
    """The notes of a section, a pure function of station seed and section number."""
    draws = Draws(hash64(RECIPE, seed), section)
    chords = harmony(seed).progression(section)
    voicings = _voicings(seed, section, chords)
    notes = [*_bass(draws, chords), *_floor(draws, voicings)]
    for number, voice in enumerate(_VOICES):
        notes += _mallet(draws, number, voice, chords, voicings)
    notes.sort(key=lambda note: (note.onset, note.midi))
    starts = tuple(section * SECTION + chord * SPAN for chord in range(CHORDS + 1))
    scale = harmony(seed).place(section).scale
    return Section(scale, chords, voicings, starts, tuple(notes), tuple(_beat(draws)))


def _voicings(seed: int, section: int, chords: tuple[Chord, ...]) -> tuple[Voicing, ...]:
    def opening(number: int) -> Voicing:
        return opening_voicing(harmony(seed).opening(number), _LOW, _HIGH, _CENTRE)

    return lead(opening(section), chords[1:], opening(section + 1), _LOW, _HIGH, _CENTRE)


def _mallet(
    draws: Draws, number: int, voice: _Voice, chords: tuple[Chord, ...], voicings: tuple[Voicing, ...]
) -> list[Note]:
    """One voice through the section; its cycle runs on over bars, chords and sections."""
    notes = []
    cycle = draws.over(2)
    for step in range(STEPS):
        absolute = draws.section * STEPS + step
        place = absolute % voice.length
        density = 0.62 + 0.33 * value_noise(hash64(draws.key, _DENSITY, number), absolute / 150.0)
        if cycle.between(0.0, 1.0, _THRESHOLD, number, place) >= density:
            continue
        chord = step * CHORDS // STEPS
        tones = reduced(chords[chord])
        order = sorted(range(len(tones)), key=lambda tone: cycle.between(0.0, 1.0, _ORDER, number, tone))
        midi = nearest(tones[order[place % len(tones)]], voice.centre)
        if is_clear(midi, voicings[chord]):
            notes.append(_hit(draws, number, voice, (step, absolute, chord), midi))
    return notes


def _hit(draws: Draws, number: int, voice: _Voice, place: tuple[int, int, int], midi: int) -> Note:
    step, absolute, chord = place
    accent = 0.72 + 0.18 * math.sin(2.0 * math.pi * absolute / (8 * (7 + 4 * number)))
    accent += 0.15 if step % 8 == 0 else 0.0
    onset = absolute * EIGHTH + draws.timing(4.0, _TIME, number, step)
    end = draws.section * SECTION + (chord + 1) * SPAN + round(0.12 * RATE_HZ)
    release = round(0.55 * RATE_HZ)
    brightness = 3.0 + 2.0 * draws.drift(_BRIGHTNESS, 3.3, step / STEPS) + (1.0 if accent > 0.9 else 0.0)
    return Note(
        onset=onset,
        length=min(end - onset, round(_RING_S * RATE_HZ) - release) + release,
        timbre=mallet(hash64(draws.key, _TIMBRE), midi, max(0, min(BRIGHTEST, round(brightness)))),
        midi=midi,
        gain=voice.gain * accent * draws.gain(-1.5, 1.5, _GAIN, number, step),
        pan=voice.pan,
        attack=round(0.004 * RATE_HZ),
        release=release,
        send=0.13,
        struck=True,
    )


def _floor(draws: Draws, voicings: tuple[Voicing, ...]) -> list[Note]:
    """The chord as a pad, a second early."""
    notes: list[Note] = []
    for number, voicing in enumerate(voicings):
        onset = draws.section * SECTION + number * SPAN - RATE_HZ
        notes += [
            Note(
                onset=onset,
                length=SPAN + 4 * RATE_HZ,
                timbre=pad(hash64(draws.key, _TIMBRE), midi, 2),
                midi=midi,
                gain=0.085,
                pan=0.0,
                attack=3 * RATE_HZ,
                release=4 * RATE_HZ,
                send=0.15,
                struck=False,
            )
            for midi in voicing
        ]
    return notes


def _bass(draws: Draws, chords: tuple[Chord, ...]) -> list[Note]:
    notes = []
    lines = (((0, 1.0), (3, 0.55), (6, 0.7)), ((0, 1.0), (4, 0.7)))
    for bar in range(CHORDS * BARS_PER_CHORD):
        midi = nearest(chords[bar // BARS_PER_CHORD][0], 40)
        line = draws.choose(lines, (1.0, 1.0), _BASS_LINE, bar // 4)
        ends = (*(eighth for eighth, _ in line[1:]), 8)
        for (eighth, velocity), following in zip(line, ends, strict=True):
            notes.append(
                Note(
                    onset=draws.section * SECTION + bar * BAR + eighth * EIGHTH,
                    length=(following - eighth) * EIGHTH,
                    timbre=bass(hash64(draws.key, _TIMBRE), midi, 2),
                    midi=midi,
                    gain=0.20 * velocity,
                    pan=0.0,
                    attack=round(0.018 * RATE_HZ),
                    release=round(0.12 * RATE_HZ),
                    send=0.02,
                    struck=False,
                )
            )
    return notes


def _beat(draws: Draws) -> list[Shot]:
    """A soft kick on every beat and a shaker between, in three of four sections."""
    if not draws.happens(0.75, _BEAT_ON):
        return []
    shots = []
    for step in range(STEPS):
        drum, gain, pan = ("shaker", 0.020, 0.3) if step % 2 else ("kick", 0.20, 0.0)
        late = draws.timing(3.0, _DRUM_TIME, step) if step % 2 else 0
        variant = int(draws.between(0, VARIANTS, _VARIANT, step))
        gain *= draws.gain(-1.5, 1.0, _DRUM_GAIN, step)
        shots.append(Shot((draws.section * STEPS + step) * EIGHTH + late, drum, variant, gain, pan))
    return shots
