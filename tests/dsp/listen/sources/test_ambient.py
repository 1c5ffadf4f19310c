import numpy as np

from dsp.listen.sources.ambient import AMBIENT

FIRST = 1_790_000_000


def test_air_breathes_and_is_soft_and_wide() -> None:
    seconds = [AMBIENT.air(0, FIRST + second) for second in range(0, 60, 3)]
    levels = np.array([np.sqrt(np.mean(frames**2)) for frames in seconds])
    assert 0.01 < levels.min() < 0.9 * levels.max() < 0.07
    left, right = np.concatenate(seconds, axis=1)
    assert 0.2 < np.corrcoef(left, right)[0, 1] < 0.4


def test_the_room_is_the_station_s_own() -> None:
    assert AMBIENT.room(0) is AMBIENT.room(0)
    assert AMBIENT.room(0).key != AMBIENT.room(1).key
    assert AMBIENT.room(0).length_s == 2.7
