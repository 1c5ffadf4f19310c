import numpy as np
from scipy import signal  # type: ignore[import-untyped]  # ships no types

from dsp.base.grid import RATE_HZ
from dsp.listen.sources import rain
from dsp.listen.sources.rain import rain_granule


def test_drops_stand_out_of_the_bed_without_covering_it() -> None:
    band = signal.butter(4, (1000.0, 2500.0), "bandpass", fs=RATE_HZ, output="sos")
    seconds = range(1_790_000_000, 1_790_000_012)
    bed = np.concatenate([rain._bed(0, second)[0] for second in seconds])
    drops = np.concatenate([rain_granule(0, second)[0] for second in seconds]) - bed
    bed, drops = signal.sosfilt(band, bed), signal.sosfilt(band, drops)
    assert np.max(np.abs(drops)) > 2.5 * bed.std()
    assert 0.2 * bed.std() < drops.std() < 0.7 * bed.std()


def test_the_bed_swells_by_no_more_than_its_range() -> None:
    times_s = np.arange(1_790_000_000.0, 1_790_000_300.0)
    levels_db = 20.0 * np.log10(rain._magnitudes(0, times_s)[:, 40])
    assert 2.0 < np.ptp(levels_db) < 2.0 * (1.6 + 0.8) + 2.6  # and the tone between the two layers


def test_banks_are_kept() -> None:
    assert rain._drop_bank(0) is rain._drop_bank(0)
    assert len(rain._plip_bank(1)) == 12
