import numpy as np
import pytest

from dsp.listen.program import RECIPES
from tests.dsp.music.acceptance import BED_SOUND, am_check, bed_checks, score_checks, spread_check
from tests.dsp.music.listening import play

BEDS = RECIPES["bed"]


def test_every_bed_has_its_ranges() -> None:
    assert set(BED_SOUND) == set(BEDS)


@pytest.mark.parametrize(("seed", "bed"), tuple(enumerate(BEDS)))
def test_a_bed_is_pleasant_by_every_figure(bed: str, seed: int) -> None:
    """A minute and a half of one station; `scripts/bench accuracy` judges four minutes of three.

    Too short for a range of loudness, and for the loudness against which peaks are judged.
    """
    missed = [check for check in bed_checks(bed, seed % 4, seconds=90, hours=0.5) if not check.is_met]
    assert {check.what for check in missed} <= {"range_lu"}, missed


@pytest.mark.parametrize("bed", BEDS)
def test_another_station_is_composed_as_well(bed: str) -> None:
    assert [check for check in score_checks(bed, 3, hours=0.5) if not check.is_met] == []


@pytest.mark.parametrize("bed", BEDS)
def test_a_bed_never_falls_silent_under_the_modulation(bed: str) -> None:
    assert am_check(f"bed:{bed}", 0, seconds=20).is_met


@pytest.mark.parametrize("bed", ["ambient", "piano"])
def test_loudness_does_not_wander_off(bed: str) -> None:
    """Six excerpts; `spread_check` takes two hundred."""
    assert spread_check(f"bed:{bed}", 1, excerpts=6).is_met


@pytest.mark.parametrize("bed", BEDS)
def test_two_stations_share_nothing(bed: str) -> None:
    left, right = (play(f"bed:{bed}", seed, 4).mean(axis=0) for seed in (0, 1))
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.3
