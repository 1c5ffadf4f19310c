import numpy as np
from scipy import signal  # type: ignore[import-untyped]  # ships no types

from dsp.base.grid import RATE_HZ
from dsp.listen.sources.fire import fire_granule

FIRST = 1_790_000_000


def test_snaps_come_in_crowds_and_lulls() -> None:
    """Loud moments above 3 kHz: several a second on average, scattered more than by pure chance."""
    high = signal.butter(4, 3000.0, "highpass", fs=RATE_HZ, output="sos")
    counts = []
    for second in range(60):
        frames = signal.sosfilt(high, fire_granule(0, FIRST + second)[0])
        peaks = np.abs(frames).reshape(-1, 240).max(axis=1)  # 5 ms
        counts.append(np.count_nonzero(peaks > 0.04))
    assert 2.0 < np.mean(counts) < 20.0
    assert np.var(counts) > 1.3 * np.mean(counts)


def test_flames_are_low_and_never_silent() -> None:
    frames = np.concatenate([fire_granule(1, FIRST + second)[0] for second in range(10)])
    low = signal.sosfilt(signal.butter(4, 1000.0, fs=RATE_HZ, output="sos"), frames)
    levels_db = 10.0 * np.log10(np.mean(low.reshape(-1, RATE_HZ // 2) ** 2, axis=1))
    assert np.ptp(levels_db) < 6.0
