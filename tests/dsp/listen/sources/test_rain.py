import numpy as np
from scipy import signal, stats  # type: ignore[import-untyped]

from dsp.base.grid import RATE_HZ
from dsp.listen.sources import rain
from dsp.listen.sources.rain import rain_granule


def test_drops_stand_out_of_the_bed() -> None:
    """A bed of noise alone has Gaussian samples; drops give them heavier tails where they ring."""
    band = signal.butter(4, (1000.0, 2500.0), "bandpass", fs=RATE_HZ, output="sos")
    seconds = range(1_790_000_000, 1_790_000_012)
    with_drops = np.concatenate([rain_granule(0, second)[0] for second in seconds])
    bed = np.concatenate([rain._bed(0, second)[0] for second in seconds])
    assert stats.kurtosis(signal.sosfilt(band, with_drops)) > 0.1
    assert abs(stats.kurtosis(signal.sosfilt(band, bed))) < 0.06


def test_the_bed_swells_by_no_more_than_its_range() -> None:
    blocks = range(50_000_000, 50_009_000, 30)
    levels_db = 20.0 * np.log10(rain._magnitudes(0, blocks)[:, 40])
    assert 2.0 < np.ptp(levels_db) < 2.0 * (1.6 + 0.8) + 2.6  # and the tone between the two layers


def test_banks_are_kept() -> None:
    assert rain._drop_bank(0) is rain._drop_bank(0)
    assert len(rain._plip_bank(1)) == 12
