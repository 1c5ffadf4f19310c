import numpy as np

from dsp.base.grid import RATE_HZ
from dsp.listen.sources import lofi

FIRST = 1_790_000_000


def test_the_record_hisses_and_crackles_softly() -> None:
    frames = np.concatenate([lofi.LOFI.air(0, FIRST + second) for second in range(20)], axis=1)
    assert 0.003 < frames.std() < 0.008
    loud = np.abs(frames).max(axis=0).reshape(-1, RATE_HZ // 100).max(axis=1) > 6.0 * frames.std()
    assert 10 < np.count_nonzero(loud) < 200


def test_the_dust_is_kept() -> None:
    assert lofi._crackle_bank(0) is lofi._crackle_bank(0)
