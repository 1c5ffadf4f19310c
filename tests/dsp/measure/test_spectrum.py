import numpy as np
import pytest

from dsp.base.grid import RATE_HZ
from dsp.measure.spectrum import (
    band_shares_db,
    density_slope_db_per_octave,
    power_spectrum,
    third_octave_centres_hz,
    third_octave_levels_db,
    tilt_db_per_octave,
)

FREQUENCIES_HZ = np.linspace(0.0, RATE_HZ / 2, 16_385)


def test_powers_sum_to_the_mean_square() -> None:
    signal = np.random.default_rng(1).standard_normal(400_000) * 0.2
    _, power = power_spectrum(signal, 4096)
    assert power.sum() == pytest.approx(np.mean(signal**2), rel=0.02)


def test_a_sine_is_found_where_it_is() -> None:
    signal = 0.5 * np.sin(2.0 * np.pi * 1500.0 / RATE_HZ * np.arange(100_000))
    frequencies_hz, power = power_spectrum(signal, 4096)
    assert frequencies_hz[power.argmax()] == 1500.0
    assert power.sum() == pytest.approx(0.125, rel=1e-3)


def test_third_octaves_are_those_of_the_standard() -> None:
    centres_hz = third_octave_centres_hz(200.0, 8000.0)
    assert len(centres_hz) == 17
    assert centres_hz[0] == pytest.approx(199.5, abs=0.1)
    assert centres_hz[-1] == pytest.approx(7943.3, abs=0.1)
    levels_db = third_octave_levels_db(FREQUENCIES_HZ, np.ones_like(FREQUENCIES_HZ), centres_hz)
    assert np.diff(levels_db) == pytest.approx(np.full(16, 1.0), abs=1e-6)


@pytest.mark.parametrize("slope_db", [-6.0, 0.0, 3.0])
def test_slopes_of_density_and_of_third_octaves(slope_db: float) -> None:
    power = np.maximum(FREQUENCIES_HZ, 1.0) ** (slope_db / (10.0 * np.log10(2.0)))
    density, residual_db = density_slope_db_per_octave(FREQUENCIES_HZ, power, 40.0, 16_000.0)
    assert density == pytest.approx(slope_db, abs=0.01)
    assert np.max(np.abs(residual_db)) < 0.05
    assert tilt_db_per_octave(FREQUENCIES_HZ, power)[0] == pytest.approx(slope_db + 3.01, abs=0.01)


def test_shares_add_up() -> None:
    power = np.ones_like(FREQUENCIES_HZ)
    shares = 10.0 ** (band_shares_db(FREQUENCIES_HZ, power, (0.0, 120.0, 6000.0, 24_001.0)) / 10.0)
    assert shares.sum() == pytest.approx(1.0)
    assert shares[1] == pytest.approx(5880 / 24_000, rel=1e-3)
