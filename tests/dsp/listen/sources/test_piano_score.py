import numpy as np

from dsp.base.grid import RATE_HZ
from dsp.listen.sources.harmony import reduced
from dsp.listen.sources.piano import PIANO
from dsp.listen.sources.piano_score import SPAN
from tests.dsp.listen.sources.scores import check_bounds, check_purity, sections


def test_sections_keep_their_bounds_and_are_pure() -> None:
    check_bounds(PIANO, 0, 6)
    check_purity(PIANO)


def test_every_chord_begins_with_its_root() -> None:
    for _, section in sections(PIANO, 1, 4):
        for chord, start in zip(section.chords, section.starts, strict=False):
            low = [
                note.midi
                for note in section.notes
                if abs(note.onset - start) < RATE_HZ // 8 and note.struck and note.midi < 49
            ]
            assert chord[0] in {midi % 12 for midi in low}


def test_the_pedal_lifts_at_the_chord_change() -> None:
    for _, section in sections(PIANO, 2, 3):
        for note in section.notes:
            if note.struck:
                chord = sum(note.onset > start - RATE_HZ // 8 for start in section.starts[1:])
                assert note.end < section.starts[min(chord + 1, 8)] + 0.9 * RATE_HZ


def test_melody_tones_foreign_to_the_chord_are_off_the_beat_and_short() -> None:
    foreign = 0
    for _, section in sections(PIANO, 0, 6):
        for note in section.notes:
            if not note.struck or note.midi < 67:
                continue
            late = note.onset - section.starts[0] + RATE_HZ // 8
            chord = section.chords[min(late // SPAN, 7)]
            if note.midi % 12 not in reduced(chord) and note.midi not in section.voicings[0]:
                foreign += 1
                assert note.length < 1.2 * RATE_HZ
    assert foreign > 3


def test_a_pad_carries_through_every_silence() -> None:
    for _, section in sections(PIANO, 3, 2):
        floor = [note for note in section.notes if not note.struck]
        for moment in np.linspace(section.starts[0], section.starts[-1] - 1, 50):
            assert sum(note.onset < moment < note.end for note in floor) >= 4


def test_every_strike_has_its_felt() -> None:
    for _, section in sections(PIANO, 3, 2):
        assert len(section.shots) == sum(note.struck for note in section.notes)
        assert {shot.drum for shot in section.shots} == {"thump"}
