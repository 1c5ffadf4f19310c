"""The score of the lo-fi bed: 76 beats a minute, sixteen bars of one chord each, swung and a little late.

Electric piano without its roots, a bass that has them, a soft kit, and in most sections a small melody that
comes back.
"""

from functools import lru_cache
from typing import Final

from dsp.base.grid import RATE_HZ
from dsp.base.keyed import hash64, hash_text
from dsp.listen.sources.harmony import Chord, Harmony
from dsp.listen.sources.kit import VARIANTS, Shot
from dsp.listen.sources.notes import Note
from dsp.listen.sources.section import Draws, Section
from dsp.listen.sources.timbres import BRIGHTEST, bass, tine
from dsp.listen.sources.voicing import Voicing, is_clear, lead, nearest, opening_voicing

RECIPE: Final = hash_text("lofi")
BEAT: Final = 37_900
"""Frames: 76 beats a minute."""
BARS: Final = 16
BAR: Final = 4 * BEAT
SECTION: Final = BARS * BAR
LEAD_IN: Final = RATE_HZ
RING: Final = 4 * RATE_HZ

_I, _IV, _II, _III, _VI = (0, 4, 7, 11, 2), (5, 9, 0, 4, 7), (2, 5, 9, 0, 4), (4, 7, 11, 2), (9, 0, 4, 7, 11)
_V, _I69, _II11, _VI7 = (7, 0, 2, 5, 9), (0, 4, 7, 9, 2), (2, 5, 9, 0, 7), (9, 0, 4, 7)
_PHRASES: Final[tuple[tuple[Chord, ...], ...]] = (
    (_II, _V, _I, _VI),
    (_IV, _III, _VI, _I),
    (_I, _VI, _II, _V),
    (_VI, _IV, _I69, _III),
    (_IV, _III, _II, _I69),
    (_II11, _III, _IV, _VI7),
    (_IV, _VI, _II, _I),
)
_LOW, _HIGH, _CENTRE = 50, 74, 61.5
# steps of the bar and how hard, two bars at a time
_COMPING: Final[tuple[tuple[tuple[int, float], ...], ...]] = (
    ((0, 0.77), (6, 0.6), (11, 0.5)),
    ((0, 0.77), (7, 0.7)),
    ((0, 0.73), (3, 0.5), (10, 0.65)),
    ((2, 0.8), (10, 0.7)),
    ((0, 0.77),),
    ((0, 0.73), (6, 0.65), (14, 0.55)),
)
_COMPING_WEIGHTS: Final = (1.6, 2.2, 1.0, 1.2, 1.8, 1.0)
_KICKS: Final = ((0, 10), (0, 7, 10), (0, 3, 10), (0, 8, 11))
_MELODY: Final = range(67, 84)
_PENTATONIC: Final = (0, 2, 4, 7, 9)
_SWING: Final = 0.585
"""Where the odd sixteenth lies in its eighth."""
_HARMONY, _TIMBRE, _PHRASE_A, _PHRASE_B, _BRIGHTNESS = range(5)
_COMP, _STRUM, _KEY_TIME, _CENTS, _BASS_LINE, _BASS_TIME, _BASS_FIFTH = range(5, 12)
_KICK_LINE, _KICK_DROP, _SNARE_TIME, _HAT_DROP, _HAT_GHOST, _SNARE_GHOST, _DRUM_GAIN, _DRUM_VARIANT = range(
    12, 20
)
_MELODY_ON, _MOTIF_SLOT, _MOTIF_STEP, _MOTIF_COUNT, _MELODY_FIRST, _MELODY_TIME, _MELODY_GAIN = range(20, 27)


def harmony(seed: int) -> Harmony:
    """Where the station's keys wander; its progressions come in phrases instead of a walk."""
    return Harmony(hash64(RECIPE, seed, _HARMONY), ("major",), 8, 8, BARS)


@lru_cache(maxsize=32)
def compose(seed: int, section: int) -> Section:
    """The notes of a section, a pure function of station seed and section number."""
    draws = Draws(hash64(RECIPE, seed), section)
    chords = progression(seed, section)
    voicings = _voicings(seed, section, chords)
    notes = [*_keys(draws, voicings), *_bass(draws, chords), *_melody(seed, draws, chords, voicings)]
    notes.sort(key=lambda note: (note.onset, note.midi))
    starts = tuple(section * SECTION + bar * BAR for bar in range(BARS + 1))
    return Section(
        harmony(seed).place(section).scale, chords, voicings, starts, tuple(notes), tuple(_drums(draws))
    )


def progression(seed: int, section: int) -> tuple[Chord, ...]:
    """Two phrases of four bars in the form A A B A, kept for two sections."""
    pair = Draws(hash64(RECIPE, seed), section).over(2)
    first = int(pair.between(0, len(_PHRASES), _PHRASE_A))
    second = (first + 1 + int(pair.between(0, len(_PHRASES) - 1, _PHRASE_B))) % len(_PHRASES)
    tonic = harmony(seed).place(section).tonic
    form = (first, first, second, first)
    return tuple(
        tuple((tonic + tone) % 12 for tone in chord) for phrase in form for chord in _PHRASES[phrase]
    )


def upper(chord: Chord) -> Chord:
    """The four tones that the keys play: the bass has the root."""
    return chord[1:] if len(chord) > 4 else chord


def _voicings(seed: int, section: int, chords: tuple[Chord, ...]) -> tuple[Voicing, ...]:
    def opening(number: int) -> Voicing:
        return opening_voicing(upper(progression(seed, number)[0]), _LOW, _HIGH, _CENTRE)

    tones = tuple(upper(chord) for chord in chords[1:])
    return lead(opening(section), tones, opening(section + 1), _LOW, _HIGH, _CENTRE)


def _at(draws: Draws, bar: int, step: float) -> int:
    """Frame of a sixteenth of a bar; the odd ones swing."""
    eighth, odd = divmod(step, 2.0)
    return draws.section * SECTION + bar * BAR + round((eighth + odd * _SWING) * (BEAT / 2))


def _keys(draws: Draws, voicings: tuple[Voicing, ...]) -> list[Note]:
    """Chords, strummed, that are let go when the next is struck."""
    hits = []
    for bar in range(BARS):
        pattern = draws.choose(_COMPING, _COMPING_WEIGHTS, _COMP, bar // 2)
        hits += [(bar, step, velocity) for step, velocity in pattern]
    notes = []
    for number, (bar, step, velocity) in enumerate(hits):
        brightness = _brightness(draws, bar) + (1 if velocity > 0.7 else 0)
        late = round(0.012 * RATE_HZ) + draws.timing(6.0, _KEY_TIME, number)
        end = _at(draws, bar + 1, 0)
        if number + 1 < len(hits):
            end = min(end, _at(draws, *hits[number + 1][:2]))
        for voice, midi in enumerate(voicings[bar]):
            strum = draws.between(0.0, 0.014, _STRUM, number, voice)
            onset = _at(draws, bar, step) + late + round(strum * RATE_HZ)
            cents = round(draws.between(-2.0, 2.0, _CENTS, bar // 2))
            timbre = tine(hash64(draws.key, _TIMBRE), midi, min(BRIGHTEST, brightness), cents)
            notes.append(
                Note(
                    onset=onset,
                    length=end + round(0.67 * RATE_HZ) - onset,
                    timbre=timbre,
                    midi=midi,
                    gain=0.21 * velocity,
                    pan=(midi - 61) / 40.0,
                    attack=round(0.006 * RATE_HZ),
                    release=round(0.55 * RATE_HZ),
                    send=0.10,
                    struck=True,
                )
            )
    return notes


def _brightness(draws: Draws, bar: int) -> int:
    return max(0, min(BRIGHTEST, round(4.0 + 1.6 * draws.drift(_BRIGHTNESS, 3.3, bar / BARS))))


def _bass(draws: Draws, chords: tuple[Chord, ...]) -> list[Note]:
    """Roots on the one, and before the three or near the end; sometimes the fifth, if the chord has it."""
    notes = []
    for bar, chord in enumerate(chords):
        root = nearest(chord[0], 38)
        fifth = nearest(chord[0] + 7, root + 7)
        has_fifth = (chord[0] + 7) % 12 in chord and fifth <= 46
        line = ((0, 5.5, 1.0), (6, 3.5, 0.6), (10, 5.0, 0.75))
        if not draws.happens(0.75, _BASS_LINE, bar):
            line = ((0, 9.0, 1.0), (11, 4.5, 0.7), (11, 0.0, 0.0))
        for number, (step, steps, velocity) in enumerate(line):
            if velocity == 0.0:
                continue
            midi = fifth if number and has_fifth and draws.happens(0.35, _BASS_FIFTH, bar, number) else root
            onset = (
                _at(draws, bar, step) + round(0.004 * RATE_HZ) + draws.timing(6.0, _BASS_TIME, bar, number)
            )
            notes.append(
                Note(
                    onset=onset,
                    length=round(steps * BEAT / 4),
                    timbre=bass(hash64(draws.key, _TIMBRE), midi, 3),
                    midi=midi,
                    gain=0.175 * velocity,
                    pan=0.0,
                    attack=round(0.014 * RATE_HZ),
                    release=round(0.09 * RATE_HZ),
                    send=0.02,
                    struck=False,
                )
            )
    return notes


def _drums(draws: Draws) -> list[Shot]:
    """Kick, snare and hats; every sixth section only a shaker."""
    shots = []
    kicks = draws.over(2).choose(_KICKS, (1.0,) * len(_KICKS), _KICK_LINE)
    for bar in range(BARS):
        if draws.section % 6 == 5:
            shots += [_shot(draws, bar, step, "shaker", 0.05) for step in range(2, 16, 4)]
            continue
        heard = [step for step in kicks if step == 0 or not draws.happens(0.15, _KICK_DROP, bar, step)]
        shots += [_shot(draws, bar, step, "kick", 0.22) for step in heard]
        shots += [_shot(draws, bar, step, "snare", 0.16, late_ms=12.0) for step in (4, 12)]
        for step in range(0, 16, 2):
            if not draws.happens(0.10, _HAT_DROP, bar, step):
                shots.append(_shot(draws, bar, step, "hat", 0.075 if step % 4 else 0.055))
        for step in (7, 13, 15):
            if draws.happens(0.18, _HAT_GHOST, bar, step):
                shots.append(_shot(draws, bar, step, "hat", 0.045))
        if bar % 4 == 3 and draws.happens(0.5, _SNARE_GHOST, bar):
            shots.append(_shot(draws, bar, 15, "snare", 0.055, late_ms=12.0))
    return shots


def _shot(draws: Draws, bar: int, step: int, drum: str, gain: float, late_ms: float = 0.0) -> Shot:
    place = (hash_text(drum), bar, step)
    onset = _at(draws, bar, step) + round(late_ms * RATE_HZ / 1000.0)
    if drum != "kick":
        onset += draws.timing(6.0, _SNARE_TIME, *place)
    return Shot(
        onset=onset,
        drum=drum,
        variant=int(draws.between(0, VARIANTS, _DRUM_VARIANT, *place)),
        gain=gain * draws.gain(-1.5, 1.0, _DRUM_GAIN, *place),
        pan={"hat": 0.25, "shaker": -0.3}.get(drum, 0.0),
        send=0.06 if drum == "snare" else 0.0,
    )


def _melody(seed: int, draws: Draws, chords: tuple[Chord, ...], voicings: tuple[Voicing, ...]) -> list[Note]:
    """In most sections a motif over every second bar, the same one each time its phrase comes round."""
    if not draws.happens(0.62, _MELODY_ON):
        return []
    tonic = harmony(seed).place(draws.section).tonic
    pool = [note for note in _MELODY if (note - tonic) % 12 in _PENTATONIC]
    notes: list[Note] = []
    for phrase in range(BARS // 4):
        motif = _motif(draws.over(2), phrase % 2)
        place = len(pool) // 2 + int(draws.over(2).between(-2, 3, _MELODY_FIRST, phrase % 2))
        for number, (eighth, step) in enumerate(motif):
            bar = phrase * 4 + eighth // 8
            place = max(0, min(len(pool) - 1, place + step))
            is_last = number == len(motif) - 1
            midi = _fitting(pool, place, voicings[bar], chords[bar] if is_last else None)
            if midi is not None:
                notes.append(_sung(draws, bar, eighth % 8, midi, (phrase, number)))
    return notes


def _motif(pair: Draws, parity: int) -> list[tuple[int, int]]:
    """Eighths of two bars and steps of the pool, three to five of them."""
    count = 3 + int(pair.between(0, 3, _MOTIF_COUNT, parity))
    slots = sorted(range(14), key=lambda slot: pair.between(0.0, 1.0, _MOTIF_SLOT, parity, slot))
    return [
        (slot, int(pair.between(-2, 3, _MOTIF_STEP, parity, number)))
        for number, slot in enumerate(sorted(slots[:count]))
    ]


def _fitting(pool: list[int], place: int, voicing: Voicing, chord: Chord | None) -> int | None:
    """The tone nearest to a place in the pool that clashes with nothing and, at the end, is of the chord."""
    good = [note for note in pool if is_clear(note, voicing) and (chord is None or note % 12 in chord)]
    return min(good, key=lambda note: abs(note - pool[place])) if good else None


def _sung(draws: Draws, bar: int, eighth: int, midi: int, place: tuple[int, int]) -> Note:
    onset = _at(draws, bar, 2 * eighth) + draws.timing(6.0, _MELODY_TIME, *place)
    end = _at(draws, bar + 1, 0) + round(0.12 * RATE_HZ)
    length = min(end - onset, round(1.15 * RATE_HZ)) + round(0.4 * RATE_HZ)
    return Note(
        onset=onset,
        length=length,
        timbre=tine(hash64(draws.key, _TIMBRE), midi, _brightness(draws, bar), 0),
        midi=midi,
        gain=0.085 * draws.gain(-2.0, 0.5, _MELODY_GAIN, *place),
        pan=0.15,
        attack=round(0.008 * RATE_HZ),
        release=round(0.4 * RATE_HZ),
        send=0.18,
        struck=True,
    )
