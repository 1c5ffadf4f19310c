import numpy as np

from dsp.listen.sources import drone

TIMES = 1_790_000_000.0 + np.arange(0.0, 300.0, 1.0)


def test_the_breath_wanders_around_its_colour() -> None:
    magnitudes = drone._magnitudes(5, TIMES)
    power = magnitudes**2
    centres_hz = 15.0 * (power * np.arange(2, 2 + power.shape[1])).sum(axis=1) / power.sum(axis=1)
    assert 150.0 < centres_hz.min() < 0.8 * centres_hz.max() < 900.0
    assert np.abs(np.diff(np.log(magnitudes[:, 30]))).max() < 0.3
