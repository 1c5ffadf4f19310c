import numpy as np

from dsp.listen.sources import wind

KEY = 5
TIMES = 1_790_000_000.0 + np.arange(0.0, 300.0, 0.1)


def test_gusts_come_and_go_slowly() -> None:
    strength = wind.gust(KEY, TIMES)
    assert np.abs(strength).max() <= 0.55 + 0.3 + 0.12
    assert np.ptp(strength) > 1.0
    assert np.abs(np.diff(strength)).max() < 0.1


def test_a_gust_is_louder_and_lifts_the_bands() -> None:
    strength = wind.gust(KEY, TIMES)
    power = wind._magnitudes(KEY, TIMES) ** 2
    frequencies = np.arange(power.shape[1])
    centre = (power * frequencies).sum(axis=1) / power.sum(axis=1)
    assert np.corrcoef(strength, np.log(power.sum(axis=1)))[0, 1] > 0.95
    assert np.corrcoef(strength, np.log(centre))[0, 1] > 0.4
