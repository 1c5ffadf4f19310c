from itertools import pairwise

import pytest

from dsp.base.grid import RATE_HZ
from dsp.listen.sources.ambient_score import CHORDS, LEAD_IN, RING, SECTION, compose, harmony

FIRST = 1_790_000_000 // 240
SECTIONS = range(FIRST, FIRST + 8)


@pytest.mark.parametrize("seed", range(4))
def test_sections_keep_their_bounds(seed: int) -> None:
    for number in SECTIONS:
        section = compose(seed, number)
        assert section.starts[0] == number * SECTION
        assert section.starts[-1] == (number + 1) * SECTION
        lengths = [after - before for before, after in pairwise(section.starts)]
        assert len(lengths) == CHORDS
        assert min(lengths) > 9 * RATE_HZ
        assert min(note.onset for note in section.notes) >= section.starts[0] - LEAD_IN
        assert max(note.end for note in section.notes) <= section.starts[-1] + RING


def test_every_note_can_rise_and_fall() -> None:
    for number in SECTIONS:
        for note in compose(2, number).notes:
            assert note.attack + note.release <= note.length
            assert note.length <= 64 * RATE_HZ


def test_every_chord_is_held_whole() -> None:
    """At the middle of each chord all four voices and the root sound."""
    for number in SECTIONS:
        section = compose(1, number)
        for chord, voicing in enumerate(section.voicings):
            middle = (section.starts[chord] + section.starts[chord + 1]) // 2
            sounding = [
                note.midi
                for note in section.notes
                if note.onset + note.attack <= middle <= note.end - note.release and not note.struck
            ]
            assert sorted(sounding)[1:] == list(voicing)
            assert min(sounding) % 12 == section.chords[chord][0]


def test_voices_lead_across_section_borders() -> None:
    for number in SECTIONS:
        last, first = compose(0, number).voicings[-1], compose(0, number + 1).voicings[0]
        assert sum(abs(new - old) for old, new in zip(last, first, strict=True)) <= 16


def test_composing_is_pure() -> None:
    before = [(note.onset, note.midi, note.gain) for note in compose(3, FIRST).notes]
    compose.cache_clear()
    assert [(note.onset, note.midi, note.gain) for note in compose(3, FIRST).notes] == before
    assert harmony(3) == harmony(3)


def test_stations_differ() -> None:
    assert compose(0, FIRST).voicings != compose(1, FIRST).voicings
