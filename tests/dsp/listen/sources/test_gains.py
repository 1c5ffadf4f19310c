import numpy as np
import pytest

from dsp.listen.sources import granule
from dsp.listen.sources.gains import MEASURED, POOL_SIZE, station_gain
from dsp.listen.sources.noise import COLORS
from dsp.measure.loudness import integrated_lufs


@pytest.mark.parametrize("color", COLORS)
def test_noise_gains_follow_from_the_spectrum(color: str) -> None:
    recipe = f"noise:{color}"
    frames = np.concatenate([granule(recipe, 1, second) for second in range(20)], axis=1)
    assert integrated_lufs(frames * station_gain(recipe, 1)) == pytest.approx(-23.0, abs=0.25)


def test_bands_have_the_gain_of_their_colour() -> None:
    assert station_gain("noise:pink:4", 0) == station_gain("noise:pink", 0)


def test_every_pool_seed_has_its_gain() -> None:
    for gains in MEASURED.values():
        assert len(gains) == POOL_SIZE
