from itertools import pairwise

import numpy as np
import pytest

from dsp.listen.sources.harmony import STATES, Harmony, reduced, transition_weights

STATION = Harmony(7, ("major", "lydian", "major", "dorian"), 2, 1, 15)
SECTIONS = range(7_458_000, 7_458_120)


def test_modes_use_the_scale_of_their_signature() -> None:
    """The tones of a mode's chords all lie in the major scale that shares its signature."""
    for section in SECTIONS:
        place = STATION.place(section)
        tones = {(place.tonic + tone) % 12 for state in STATES[place.mode] for tone in state}
        assert tones <= place.scale
        assert len(place.scale) == 7


def test_neighbouring_sections_differ_by_one_accidental_at_most() -> None:
    changes = [len(STATION.place(section).scale - STATION.place(section + 1).scale) for section in SECTIONS]
    assert max(changes) == 1
    assert min(changes) == 0


def test_a_mode_lasts_two_sections() -> None:
    for section in SECTIONS[::2]:
        assert STATION.place(section).mode == STATION.place(section + 1).mode


def test_progressions_start_where_they_must_stay_in_scale_and_move() -> None:
    for section in SECTIONS:
        chords = STATION.progression(section)
        assert len(chords) == 15
        assert chords[0] == STATION.opening(section)
        assert all(STATION.place(section).scale.issuperset(chord) for chord in chords)
        assert all(before != after for before, after in pairwise(chords))


def test_the_last_chord_leads_into_the_next_section() -> None:
    common = []
    for section in SECTIONS:
        last, first = STATION.progression(section)[-1], STATION.opening(section + 1)
        assert STATION.place(section + 1).scale.issuperset(last)
        common.append(len(set(last).intersection(first)))
    assert np.mean(common) > 1.5


def test_progressions_do_not_repeat() -> None:
    assert len({STATION.progression(section) for section in SECTIONS}) == len(SECTIONS)


def test_cadences_are_rare() -> None:
    weights = transition_weights("major")
    tonic, sus, supertonic = (
        STATES["major"].index(chord) for chord in ((0, 4, 7, 2), (7, 0, 2, 5), (2, 5, 9, 0))
    )
    assert weights[sus, tonic] == pytest.approx(1.4 * 0.12)  # three common tones; a fifth onto the tonic
    assert weights[supertonic, sus] == pytest.approx(1.4 * 0.7)
    assert np.all(np.diag(weights) == 0.0)


def test_stations_have_their_own_tonic() -> None:
    tonics = {Harmony(key, ("major",), 2, 1, 15).place(0).tonic for key in range(40)}
    assert len(tonics) > 8


@pytest.mark.parametrize(
    ("chord", "kept"),
    [
        ((5, 9, 0, 4), (9, 0, 4)),  # the root is in the pair: the bass has it
        ((9, 0, 4, 11), (9, 0, 4)),  # the later of the pair goes
        ((0, 4, 7, 2), (0, 4, 7, 2)),
    ],
)
def test_reduced_chords_have_no_semitones(chord: tuple[int, ...], kept: tuple[int, ...]) -> None:
    assert reduced(chord) == kept
