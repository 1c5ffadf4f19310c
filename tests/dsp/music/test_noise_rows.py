import pytest

from dsp.listen.sources import granule
from tests.dsp.music import noise_accuracy
from tests.dsp.music.noise_accuracy import SLOPES_DB, loop_correlation, slope_and_residual


@pytest.mark.parametrize("color", SLOPES_DB)
def test_slope_and_residual_of_a_minute(color: str) -> None:
    """A minute scatters a low third of an octave by .3 dB; ten minutes meet .05 dB per octave and .2 dB."""
    slope, residual_db = slope_and_residual(color, seconds=60)
    assert slope == pytest.approx(SLOPES_DB[color], abs=0.1)
    assert residual_db < 0.6


@pytest.mark.parametrize("color", ["brown", "grey"])
def test_noise_does_not_loop_within_minutes(color: str) -> None:
    assert loop_correlation(color, seconds=120) < 0.1


def test_a_loop_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        noise_accuracy, "granule", lambda recipe, seed, index: granule(recipe, seed, index % 30)
    )
    assert loop_correlation("pink", seconds=60) > 0.99
