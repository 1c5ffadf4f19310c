from collections import Counter

from dsp.base.grid import RATE_HZ
from dsp.listen.sources.harmony import reduced
from dsp.listen.sources.minimal import MINIMAL
from dsp.listen.sources.minimal_score import _VOICES, EIGHTH, SPAN
from tests.dsp.listen.sources.scores import check_bounds, check_purity, sections


def test_sections_keep_their_bounds_and_are_pure() -> None:
    check_bounds(MINIMAL, 0, 3)
    check_purity(MINIMAL)


def test_mallets_play_tones_of_the_reduced_chord_near_the_grid() -> None:
    for _, section in sections(MINIMAL, 1, 2):
        for note in section.notes:
            if note.struck:
                step = round((note.onset - section.starts[0]) / EIGHTH)
                assert abs(note.onset - section.starts[0] - step * EIGHTH) <= 0.0081 * RATE_HZ
                assert note.midi % 12 in reduced(section.chords[min(step * EIGHTH // SPAN, 7)])


def test_each_voice_repeats_after_its_own_cycle() -> None:
    """Where a voice strikes depends on its place in the cycle far more than chance would have it."""
    notes = [note for _, section in sections(MINIMAL, 0, 1) for note in section.notes if note.struck]
    for voice in _VOICES:
        own = [round(note.onset / EIGHTH) for note in notes if note.pan == voice.pan]
        places = Counter(step % voice.length for step in own)
        assert len(places) <= voice.length
        assert max(places.values()) > 1.06 * len(own) / voice.length


def test_the_beat_is_kick_and_shaker_in_turn_where_there_is_one() -> None:
    beats = [section.shots for _, section in sections(MINIMAL, 2, 16)]
    assert 0 < sum(not shots for shots in beats) < 9
    for shots in beats:
        for shot in shots:
            step = round(shot.onset / EIGHTH)
            assert shot.drum == ("shaker" if step % 2 else "kick")
