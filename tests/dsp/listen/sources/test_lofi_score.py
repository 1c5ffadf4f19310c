from dsp.listen.sources.lofi import LOFI
from dsp.listen.sources.lofi_score import BAR, BEAT, progression, upper
from tests.dsp.listen.sources.scores import check_bounds, check_purity, sections


def test_sections_keep_their_bounds_and_are_pure() -> None:
    check_bounds(LOFI, 0, 12)
    check_purity(LOFI)


def test_the_form_is_a_a_b_a_and_stays_for_two_sections() -> None:
    for number in range(1000, 1020, 2):
        chords = progression(2, number)
        phrases = [chords[first : first + 4] for first in range(0, 16, 4)]
        assert phrases[0] == phrases[1] == phrases[3] != phrases[2]
        assert progression(2, number + 1) == chords


def test_the_bass_has_the_root_on_the_one_and_the_keys_the_rest() -> None:
    for number, section in sections(LOFI, 1, 4):
        for bar, chord in enumerate(section.chords):
            start = number * LOFI.section + bar * BAR
            first = [note for note in section.notes if abs(note.onset - start) < 1_000 and note.midi < 48]
            assert [note.midi % 12 for note in first] == [chord[0]]
            assert {note % 12 for note in section.voicings[bar]} == set(upper(chord))


def test_the_kick_is_on_the_grid_and_odd_sixteenths_swing() -> None:
    places = [
        (shot.onset - number * LOFI.section) % BEAT
        for number, section in sections(LOFI, 0, 6)
        for shot in section.shots
        if shot.drum == "kick"
    ]
    swung = {round(share * BEAT) for share in (0.0, 0.585 / 2, 0.5, (1.0 + 0.585) / 2)}
    assert set(places) <= swung
    assert len(set(places)) > 2


def test_now_and_then_the_drums_rest() -> None:
    resting = [{shot.drum for shot in section.shots} == {"shaker"} for _, section in sections(LOFI, 0, 12)]
    assert sum(resting) == 2
