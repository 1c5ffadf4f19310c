import numpy as np
import pytest

from dsp.listen.program import RECIPES
from dsp.listen.sources.drone_score import root
from tests.dsp.music import acceptance
from tests.dsp.music.acceptance import (
    BED_SOUND,
    am_check,
    bed_checks,
    score_checks,
    seam_checks,
    spread_check,
)
from tests.dsp.music.listening import Frames, play

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


def test_a_drone_out_of_tune_would_be_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acceptance, "root", lambda key, frame: root(key, frame) * 2.0 ** (0.3 / 12.0))
    monkeypatch.setattr(acceptance, "JUST_S", 20)
    assert acceptance._just_share(0, 7) < 0.2


def test_a_seam_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Granules that do not fit by a hundredth of what they swing."""

    def broken(recipe: str, seed: int, seconds: int, first: int = 0) -> Frames:
        steps = 0.01 * (-1.0) ** np.arange(seconds).repeat(48_000)
        return play(recipe, seed, seconds, first) + steps.astype(np.float32)

    assert all(check.is_met for check in seam_checks("bed:ambient", 0, minutes=1))
    monkeypatch.setattr(acceptance, "play", broken)
    assert not any(check.is_met for check in seam_checks("bed:ambient", 0, minutes=1))
