import numpy as np

from dsp.listen.sources.piano import PIANO


def test_the_room_is_never_quite_silent() -> None:
    quiet = PIANO.air(0, 1_790_000_000)
    assert 0.005 < quiet.std() < 0.009
    assert not np.array_equal(quiet, PIANO.air(1, 1_790_000_000))
