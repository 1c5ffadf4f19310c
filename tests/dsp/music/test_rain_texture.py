import numpy as np
import pytest

from tests.dsp.music.acceptance import spread_check, texture_checks
from tests.dsp.music.listening import play


@pytest.mark.parametrize("seed", range(3))
def test_rain_is_pleasant_by_every_figure(seed: int) -> None:
    """One minute of each; `texture_checks(seed)` judges two."""
    missed = [check for check in texture_checks(seed, seconds=60) if not check.is_met]
    assert not missed


def test_loudness_does_not_wander_off() -> None:
    """Twenty excerpts; `spread_check` takes two hundred."""
    assert spread_check("texture:rain", 2, excerpts=20).is_met


def test_two_stations_share_nothing() -> None:
    left, right = (play("texture:rain", seed, 4).mean(axis=0) for seed in (0, 1))
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.05
