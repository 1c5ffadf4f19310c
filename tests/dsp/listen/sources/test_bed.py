import numpy as np
import pytest

from dsp.base.grid import GRANULE
from dsp.listen.sources import bed
from dsp.listen.sources.bed import Style, bed_granule, notes_of_granule, shots_of_granule
from tests.dsp.music.listening import STYLES

FAR = 1_790_000_000


def borders(style: Style) -> list[int]:
    """Seconds around a border of sections, and one amid a section."""
    border = (FAR * GRANULE // style.section + 1) * style.section // GRANULE
    return [border - 3, border, border + 2, border + 40]


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_what_sounds_in_a_granule_is_all_that_sounds_in_it(style: Style) -> None:
    for second in borders(style):
        number = second * GRANULE // style.section
        every = [style.compose(0, near) for near in range(number - 3, number + 4)]
        start, end = second * GRANULE, (second + 1) * GRANULE
        notes = {id(note) for each in every for note in each.notes if note.onset < end and note.end > start}
        shots = {id(shot) for each in every for shot in each.shots if shot.onset < end and shot.end > start}
        assert {id(note) for note in notes_of_granule(style, 0, second)} == notes
        assert {id(shot) for shot in shots_of_granule(style, 0, second)} == shots


def test_a_cold_seek_equals_the_straight_render() -> None:
    style = STYLES["lofi"]
    second = borders(style)[1]
    straight = [bed_granule(style, 1, second + offset) for offset in range(-2, 3)]
    bed._played.cache_clear()
    assert np.array_equal(bed_granule(style, 1, second + 2), straight[-1])


def test_the_room_remembers_three_seconds_back() -> None:
    """Without its past a granule would begin dry."""
    style, second = STYLES["ambient"], borders(STYLES["ambient"])[3]
    whole = bed_granule(style, 0, second)
    dry, convolved = bed._played(style, 0, second)
    alone = dry + convolved[:, :GRANULE] + style.air(0, second)
    assert np.max(np.abs(whole - alone)[:, : GRANULE // 10]) > 1e-3
