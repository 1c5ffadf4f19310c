import numpy as np
import pytest

from dsp.listen.program import RECIPES
from tests.dsp.music.acceptance import TEXTURE_SOUND, spread_check, texture_checks
from tests.dsp.music.listening import play

TEXTURES = RECIPES["texture"]


def test_every_texture_has_its_ranges() -> None:
    assert set(TEXTURE_SOUND) == set(TEXTURES)


@pytest.mark.parametrize(("seed", "texture"), tuple(enumerate(TEXTURES)))
def test_a_texture_is_pleasant_by_every_figure(texture: str, seed: int) -> None:
    """A minute of one station; `scripts/bench accuracy` judges two minutes of three.

    Waves come every nine seconds: a minute is too short for a range.
    """
    needs_minutes = {"range_lu"} if texture == "ocean" else set()
    missed = [check for check in texture_checks(texture, seed % 4, seconds=60) if not check.is_met]
    assert {check.what for check in missed} <= needs_minutes, missed


@pytest.mark.parametrize("texture", TEXTURES)
def test_loudness_does_not_wander_off(texture: str) -> None:
    """Ten excerpts; `spread_check` takes two hundred."""
    assert spread_check(f"texture:{texture}", 2, excerpts=10).is_met


@pytest.mark.parametrize("texture", TEXTURES)
def test_two_stations_share_nothing(texture: str) -> None:
    left, right = (play(f"texture:{texture}", seed, 4).mean(axis=0) for seed in (0, 1))
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.3
