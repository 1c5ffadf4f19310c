import numpy as np
from numpy.typing import NDArray

from dsp.listen.sources import ocean

KEY = 5
TIMES = 1_790_000_000.0 + np.arange(0.0, 600.0, 0.5)


def heights() -> NDArray[np.float64]:
    return np.array([ocean._waves(KEY, TIMES[i : i + 1])[0].max() for i in range(len(TIMES))])


def test_waves_come_about_every_nine_seconds() -> None:
    height = heights()
    crests = (height[1:-1] > height[:-2]) & (height[1:-1] >= height[2:]) & (height[1:-1] > 0.4)
    assert 45 <= np.count_nonzero(crests) <= 80
    assert height.min() < 0.4 * height.max()


def test_a_wave_brightens_as_it_breaks() -> None:
    def share_above_3_khz(corner_hz: float) -> float:
        powers = ocean._wave_powers(np.array([corner_hz]))[0]
        return float(powers[200:].sum() / powers.sum())

    assert share_above_3_khz(5000.0) > 20.0 * share_above_3_khz(600.0)


def test_waves_are_the_same_wherever_one_looks_from() -> None:
    """A wave that drains over several seconds is no other one in the next granule."""
    seconds = TIMES[:20] + 0.25
    whole = ocean._magnitudes(KEY, seconds)
    for i in range(0, 20, 3):
        assert np.allclose(ocean._magnitudes(KEY, seconds[i : i + 1])[0], whole[i], rtol=2e-3)


def test_waves_move_between_the_ears() -> None:
    magnitudes = ocean._magnitudes(KEY, TIMES[:200])
    balance_db = 20.0 * np.log10(magnitudes[:, 0, 100] / magnitudes[:, 1, 100])
    assert 2.0 < np.ptp(balance_db) < 24.0
