from itertools import pairwise

import numpy as np
import pytest

from dsp.base.grid import RATE_HZ
from dsp.listen.sources.drone import DRONE
from dsp.listen.sources.drone_score import ROOT_HZ, ROOT_SPAN, ROOTS, SLOTS, root
from dsp.listen.sources.notes import raised_cosine
from tests.dsp.listen.sources.scores import check_bounds, check_purity, sections


def test_sections_keep_their_bounds_and_are_pure() -> None:
    check_bounds(DRONE, 0, 6)
    check_purity(DRONE)


def test_the_windows_of_a_slot_add_up_to_one() -> None:
    notes = [note for _, section in sections(DRONE, 1, 5) for note in section.notes]
    slot = sorted(
        (note for note in notes if note.attack == round(41.0 * RATE_HZ / 2)), key=lambda note: note.onset
    )
    assert all(after.onset == before.onset + before.attack for before, after in pairwise(slot))
    rise = raised_cosine(slot[0].attack, 0, 48_000)
    fall = raised_cosine(slot[0].release, slot[0].release, 48_000, step=-1)
    assert np.allclose(rise + fall, 1.0, atol=1e-6)


def test_frequencies_are_just_intervals_over_a_root() -> None:
    for _, section in sections(DRONE, 2, 3):
        for note in section.notes:
            hz = float(note.timbre.turns[0]) / 2.0**64 * RATE_HZ
            cents = [
                abs(1200.0 * np.log2(hz / (ROOT_HZ * ratio * ground)))
                for ratio, *_ in SLOTS
                for ground in set(ROOTS)
            ]
            assert min(cents) < 2.5


def test_the_root_comes_home_in_every_second_span() -> None:
    home = [root(5, span * ROOT_SPAN) for span in range(0, 40, 2)]
    away = [root(5, span * ROOT_SPAN) for span in range(1, 41, 2)]
    assert set(home) == {1.0}
    assert set(away) <= set(ROOTS)
    assert len(set(away)) > 2


@pytest.mark.parametrize("seed", range(2))
def test_something_low_always_sounds(seed: int) -> None:
    found = sections(DRONE, seed, 4)
    notes = [note for _, section in found for note in section.notes]
    for moment in np.linspace(found[1][0] * DRONE.section, found[3][0] * DRONE.section, 40):
        assert sum(note.onset <= moment < note.end for note in notes) == 2 * len(SLOTS)
