"""The score of the ambient bed: sections of four minutes, fifteen chords each, no metre.

Four pad voices lead gently from chord to chord and keep the tones that two chords share, a sub holds the
root, and now and then there is a bell.
"""

import math
from functools import lru_cache
from typing import Final

from dsp.base.grid import RATE_HZ
from dsp.base.keyed import hash64, hash_text
from dsp.listen.sources.harmony import Chord, Harmony, reduced
from dsp.listen.sources.notes import Note
from dsp.listen.sources.section import Draws, Section
from dsp.listen.sources.timbres import BRIGHTEST, bell, pad, sub
from dsp.listen.sources.voicing import Voicing, is_clear, lead, opening_voicing

RECIPE: Final = hash_text("ambient")
SECTION: Final = 240 * RATE_HZ
CHORDS: Final = 15
LEAD_IN: Final = 8 * RATE_HZ
"""No note of a section starts earlier than this before it."""
RING: Final = 12 * RATE_HZ
"""No note of a section ends later than this after it."""

_LOW, _HIGH, _CENTRE = 48, 71, 58.0
_PAD_GAINS: Final = (0.30, 0.26, 0.24, 0.20)
_BREATH_DB: Final = 0.9
_LONGEST_TIE_S: Final = 55.0
_RESTRIKE: Final = 0.12
_BELL_RANGE: Final = range(69, 87)
_BELL_S: Final = 9.0
_HARMONY, _TIMBRE, _DURATION, _REGISTER, _BRIGHTNESS, _DENSITY = range(6)
_TIE, _PAD_GAIN, _PAD_LEAD, _PAD_ATTACK, _PAD_RELEASE, _PAD_PAN = range(6, 12)
_BELL_COUNT, _BELL_ONSET, _BELL_CHOICE, _BELL_GAIN, _BELL_PAN, _BELL_FIRST = range(12, 18)


def _brightness(draws: Draws, chord: int) -> int:
    return max(0, min(BRIGHTEST, round(3.0 + 1.5 * draws.drift(_BRIGHTNESS, 3.3, chord / CHORDS))))


def harmony(seed: int) -> Harmony:
    """The endless progression of a station."""
    modes = ("major", "lydian", "major", "dorian")
    return Harmony(hash64(RECIPE, seed, _HARMONY), modes, 2, 1, CHORDS)


@lru_cache(maxsize=32)
def compose(seed: int, section: int) -> Section:
    """The notes of a section, a pure function of station seed and section number."""
    draws = Draws(hash64(RECIPE, seed), section)
    chords = harmony(seed).progression(section)
    voicings = _voicings(seed, section, chords)
    starts = _starts(draws)
    notes = [*_pads(draws, voicings, starts), *_subs(draws, chords, starts)]
    notes += _bells(draws, chords, voicings, starts)
    notes.sort(key=lambda note: (note.onset, note.midi))
    return Section(harmony(seed).place(section).scale, chords, voicings, starts, tuple(notes))


def _voicings(seed: int, section: int, chords: tuple[Chord, ...]) -> tuple[Voicing, ...]:
    def opening(number: int) -> Voicing:
        centre = _centre(Draws(hash64(RECIPE, seed), number))
        return opening_voicing(harmony(seed).opening(number), _LOW, _HIGH, centre)

    centre = _centre(Draws(hash64(RECIPE, seed), section))
    return lead(opening(section), chords[1:], opening(section + 1), _LOW, _HIGH, centre)


def _centre(draws: Draws) -> float:
    return _CENTRE + 2.2 * draws.drift(_REGISTER, 2.7)


def _starts(draws: Draws) -> tuple[int, ...]:
    weights = [draws.between(0.75, 1.3, _DURATION, chord) for chord in range(CHORDS)]
    total = math.fsum(weights)
    sums = [math.fsum(weights[:chord]) for chord in range(CHORDS + 1)]
    return tuple(draws.section * SECTION + round(SECTION * part / total) for part in sums)


def _pads(draws: Draws, voicings: tuple[Voicing, ...], starts: tuple[int, ...]) -> list[Note]:
    """A note for each tone, tied through the chords that keep it."""
    notes: list[Note] = []
    begun: dict[int, int] = {}
    for chord, voicing in enumerate(voicings):
        following = voicings[chord + 1] if chord + 1 < CHORDS else ()
        for voice, midi in enumerate(voicing):
            first = begun.setdefault(midi, chord)
            length_s = (starts[min(chord + 2, CHORDS)] - starts[first]) / RATE_HZ
            restruck = draws.between(0.0, 1.0, _TIE, chord, voice) < _RESTRIKE
            if midi not in following or restruck or length_s > _LONGEST_TIE_S:
                notes.append(_pad(draws, midi, voice, (first, starts[first], starts[chord + 1])))
                del begun[midi]
    return notes


def _pad(draws: Draws, midi: int, voice: int, span: tuple[int, int, int]) -> Note:
    chord, start, end = span
    lead_s = draws.between(1.2, 3.2, _PAD_LEAD, chord, voice)
    release_s = draws.between(4.5, 6.5, _PAD_RELEASE, chord, voice)
    onset = start - round(lead_s * RATE_HZ)
    return Note(
        onset=onset,
        length=end + round((release_s - 1.5) * RATE_HZ) - onset,
        timbre=pad(hash64(draws.key, _TIMBRE), midi, _brightness(draws, chord)),
        midi=midi,
        gain=_pad_gains(draws, chord)[voice],
        pan=draws.between(-0.25, 0.25, _PAD_PAN, chord, voice),
        attack=round(draws.between(3.6, 5.5, _PAD_ATTACK, chord, voice) * RATE_HZ),
        release=round(release_s * RATE_HZ),
        send=0.22,
        struck=False,
    )


def _pad_gains(draws: Draws, chord: int) -> list[float]:
    """The voices' balance moves, the energy of the four only breathes: a fuller chord follows a softer one.

    So there is a range of loudness, and yet no half minute is soft by chance.
    """
    moved = [
        gain * 10.0 ** (draws.between(-2.5, 2.5, _PAD_GAIN, chord, voice) / 20.0)
        for voice, gain in enumerate(_PAD_GAINS)
    ]
    breath = 10.0 ** ((_BREATH_DB if chord % 2 else -_BREATH_DB) / 20.0)
    level = breath * math.hypot(*_PAD_GAINS) / math.hypot(*moved)
    return [level * gain for gain in moved]


def _subs(draws: Draws, chords: tuple[Chord, ...], starts: tuple[int, ...]) -> list[Note]:
    """The roots, alone below 48; each fades as the next rises, so that a root held twice does not move."""
    fade, early = round(3.6 * RATE_HZ), round(1.8 * RATE_HZ)
    notes = []
    for chord, tones in enumerate(chords):
        midi = 36 + (tones[0] - 36) % 12
        onset, end = starts[chord] - early, starts[chord + 1] - early + fade
        timbre = sub(hash64(draws.key, _TIMBRE), midi)
        notes.append(Note(onset, end - onset, timbre, midi, 0.22, 0.0, fade, fade, 0.03, struck=False))
    return notes


def _bells(
    draws: Draws, chords: tuple[Chord, ...], voicings: tuple[Voicing, ...], starts: tuple[int, ...]
) -> list[Note]:
    notes: list[Note] = []
    previous = _BELL_RANGE.start + int(draws.between(0.0, len(_BELL_RANGE), _BELL_FIRST))
    density = 0.7 * draws.drift(_DENSITY, 2.2)
    for chord, tones in enumerate(chords):
        pool = _bell_pool(tones, voicings[chord])
        count = max(0, math.floor(draws.between(0.0, 2.6, _BELL_COUNT, chord) + density))
        for number in range(count if pool else 0):
            previous = _next_bell(draws, pool, previous, (chord, number))
            notes.append(_bell(draws, previous, (chord, number), (starts[chord], starts[chord + 1])))
    return notes


def _bell_pool(chord: Chord, voicing: Voicing) -> list[int]:
    """Chord tones in the bells' range that make no minor second or ninth with the chord below."""
    tones = reduced(chord)
    return [note for note in _BELL_RANGE if note % 12 in tones and is_clear(note, voicing)]


def _next_bell(draws: Draws, pool: list[int], previous: int, place: tuple[int, int]) -> int:
    def cost(note: int) -> float:
        whim = draws.between(0.0, 4.0, _BELL_CHOICE, *place, note)
        return abs(note - previous) + (3.0 if note == previous else 0.0) + whim

    return min(pool, key=cost)


def _bell(draws: Draws, midi: int, place: tuple[int, int], chord: tuple[int, int]) -> Note:
    """Struck in the first two thirds of its chord and gone soon after it: re-pedalled at the change."""
    start, end = chord
    onset = start + round((end - start) * draws.between(0.06, 0.66, _BELL_ONSET, *place))
    length = min(round(_BELL_S * RATE_HZ), end + round(0.12 * RATE_HZ) + round(1.5 * RATE_HZ) - onset)
    return Note(
        onset=onset,
        length=length,
        timbre=bell(hash64(draws.key, _TIMBRE), midi, _brightness(draws, place[0])),
        midi=midi,
        gain=0.2 * 10.0 ** (draws.between(-6.0, 0.0, _BELL_GAIN, *place) / 20.0),
        pan=draws.between(-0.6, 0.6, _BELL_PAN, *place),
        attack=round(0.012 * RATE_HZ),
        release=round(1.5 * RATE_HZ),
        send=0.5,
        struck=True,
    )
