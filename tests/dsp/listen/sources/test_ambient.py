import numpy as np

from dsp.base.grid import GRANULE
from dsp.listen.sources import ambient
from dsp.listen.sources.ambient import ambient_granule, notes_of_granule
from dsp.listen.sources.ambient_score import compose

SECTION_S = 240
BORDER = 7_458_334 * SECTION_S


def test_notes_of_a_granule_are_all_that_sound_in_it() -> None:
    for second in (BORDER - 3, BORDER, BORDER + 2, BORDER + 100):
        every = [note for number in range(7_458_331, 7_458_338) for note in compose(0, number).notes]
        start, end = second * GRANULE, (second + 1) * GRANULE
        sounding = {id(note) for note in every if note.onset < end and note.end > start}
        assert {id(note) for note in notes_of_granule(0, second)} == sounding


def test_a_cold_seek_equals_the_straight_render() -> None:
    straight = [ambient_granule(1, BORDER + second) for second in range(-2, 3)]
    ambient._played.cache_clear()
    compose.cache_clear()
    assert np.array_equal(ambient_granule(1, BORDER + 2), straight[-1])


def test_the_room_remembers_three_seconds_back() -> None:
    """Without its past a granule would begin dry."""
    whole = ambient_granule(0, BORDER + 50)
    dry, convolved = ambient._played(0, BORDER + 50)
    alone = dry + convolved[:, :GRANULE] + ambient._air(0, BORDER + 50)
    assert np.max(np.abs(whole - alone)[:, : GRANULE // 10]) > 1e-3
