import numpy as np
import pytest
from numpy.typing import NDArray

from dsp.base.grid import GRANULE, RATE_HZ
from dsp.listen.sources import night
from dsp.listen.sources.night import night_granule

FIRST = 1_790_000_000
SINGER = night._CRICKETS[0]


def chirps(seconds: int, singer: int = 78) -> NDArray[np.float32]:
    """The first cricket alone."""
    pieces = []
    for second in range(seconds):
        frames = np.zeros((2, GRANULE), np.float32)
        night._add_chirps(frames, FIRST + second, SINGER, singer)
        pieces.append(frames)
    return np.concatenate(pieces, axis=1)


def test_a_cricket_keeps_its_time_and_falls_silent_at_times() -> None:
    loud = np.abs(chirps(300)[0]).reshape(-1, 480).max(axis=1) > 1e-4
    starts = np.flatnonzero(loud[1:] & ~loud[:-1])
    gaps_s = np.diff(starts) * 0.01
    chirp_gaps = gaps_s[(gaps_s > 0.3) & (gaps_s < 1.0)]
    # within a chirp the gaps are of one pulse; between chirps they lack the chirp's own length
    assert np.median(chirp_gaps) == pytest.approx(SINGER.period_s - 2 * 1.7 * SINGER.pulse_s, abs=0.05)
    assert gaps_s.max() > 2.0
    assert 0.3 < loud.mean() / (3 * SINGER.pulse_s / SINGER.period_s) < 1.3


def test_chirps_cross_the_seam_whole() -> None:
    """A pulse has no step: not in itself and not where a second ends."""
    steps = np.abs(np.diff(chirps(30), axis=1))
    at_seams = steps[:, GRANULE - 1 :: GRANULE]
    assert at_seams.max() <= steps.max()
    assert steps.max() < 0.045 * 0.8 * 1.5 * 2.0 * np.pi * 4210.0 / RATE_HZ


def test_it_sits_to_its_side() -> None:
    left, right = np.sqrt(np.mean(chirps(20) ** 2, axis=1))
    assert left > 1.5 * right


def test_air_goes_on_under_the_crickets() -> None:
    frames = night_granule(2, FIRST)[0].reshape(-1, 2400)
    assert frames.std(axis=1).min() > 0.4 * frames.std()
