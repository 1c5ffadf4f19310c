import numpy as np
import pytest
from numpy.typing import NDArray

from dsp.base.grid import RATE_HZ
from dsp.listen.sources.noise import (
    BAND_CENTRES_HZ,
    BLOCK,
    COLORS,
    CORRELATION,
    a_weighting,
    band_masks,
    color_magnitudes,
    noise_granule,
    power_spectrum,
)
from dsp.listen.sources.shaped_noise import bin_frequencies_hz
from dsp.measure.spectrum import density_slope_db_per_octave
from dsp.measure.spectrum import power_spectrum as measured_spectrum

SLOPES_DB = {"white": 0.0, "pink": -3.0103, "brown": -6.0206, "blue": 3.0103, "violet": 6.0206}


def expected_after_window(color: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The density that blocks and window really give: the ideal spectrum smeared by the window's own."""
    size = 16 * BLOCK
    window = np.abs(np.fft.rfft(np.sin(np.pi * (np.arange(BLOCK) + 0.5) / BLOCK), size)) ** 2
    two_sided = np.concatenate([window, window[-2:0:-1]])
    frequencies_hz = np.linspace(0.0, RATE_HZ / 2, size // 2 + 1)
    lines = np.zeros(size)
    power = color_magnitudes(color) ** 2
    lines[: size // 2 : 16] = power[:-1]
    lines[-16 : -size // 2 : -16] = power[1:-1]
    smeared = np.fft.irfft(np.fft.rfft(lines) * np.fft.rfft(two_sided), size)[: size // 2 + 1]
    return frequencies_hz, np.maximum(smeared, 0.0)


@pytest.mark.parametrize("color", SLOPES_DB)
def test_slope_is_exact_by_construction(color: str) -> None:
    slope, residual_db = density_slope_db_per_octave(*expected_after_window(color), 40.0, 16_000.0)
    assert slope == pytest.approx(SLOPES_DB[color], abs=0.05)
    assert np.max(np.abs(residual_db)) <= 0.2


@pytest.mark.parametrize("color", SLOPES_DB)
def test_slope_as_measured(color: str) -> None:
    """Twenty seconds scatter a low third of an octave by half a dB; `tests/bench` measures ten minutes."""
    frames = np.concatenate(
        [noise_granule(color, None, 2, 1_790_000_000 + second) for second in range(20)], axis=1
    )
    left = measured_spectrum(frames[0])
    right = measured_spectrum(frames[1])
    slope, _ = density_slope_db_per_octave(left[0], left[1] + right[1], 40.0, 16_000.0)
    assert slope == pytest.approx(SLOPES_DB[color], abs=0.1)


def test_grey_is_the_inverse_of_the_a_curve() -> None:
    frequencies_hz = bin_frequencies_hz(BLOCK)
    magnitudes = color_magnitudes("grey")
    heard = (frequencies_hz >= 35.0) & (frequencies_hz <= 16_000.0)
    product = magnitudes[heard] * a_weighting(frequencies_hz[heard])
    assert np.allclose(product, product[0])
    below = magnitudes[(frequencies_hz >= 20.0) & (frequencies_hz <= 35.0)]
    assert np.all(below == below[0])


def test_a_curve_has_the_values_of_the_standard() -> None:
    """IEC 61672-1, table 3, rounded there to .1 dB."""
    levels_db = 20.0 * np.log10(a_weighting(10.0 ** np.array([1.5, 2.0, 3.0, 3.5, 4.0])))
    assert np.allclose(levels_db, [-39.4, -19.1, 0.0, 1.2, -2.5], atol=0.06)


@pytest.mark.parametrize("color", COLORS)
def test_level_and_width(color: str) -> None:
    frames = np.concatenate([noise_granule(color, None, 1, second) for second in range(30)], axis=1)
    assert np.allclose(frames.std(axis=1), 1.0, atol=0.05)
    assert np.corrcoef(frames)[0, 1] == pytest.approx(CORRELATION, abs=0.06)
    assert np.max(np.abs(frames.mean(axis=1, dtype=np.float64))) < 3e-3


@pytest.mark.parametrize("color", COLORS)
def test_ten_bands_sum_to_the_colour(color: str) -> None:
    whole = noise_granule(color, None, 3, 1_790_000_000)
    bands = [noise_granule(color, band, 3, 1_790_000_000).astype(np.float64) for band in range(10)]
    assert np.max(np.abs(np.sum(bands, axis=0) - whole)) < 4e-6


def test_masks_sum_to_one_and_peak_at_their_centres() -> None:
    masks = band_masks()
    assert np.all(masks.sum(axis=0) == 1.0)
    assert np.all(masks >= 0.0)
    centre_bins = [round(centre / (RATE_HZ / BLOCK)) for centre in BAND_CENTRES_HZ[3:]]
    assert np.allclose([masks[band, place] for band, place in enumerate(centre_bins, 3)], 1.0, atol=1e-3)


def test_nothing_sounds_below_twenty_hertz() -> None:
    frequencies_hz, power = power_spectrum("brown")
    assert power[frequencies_hz < 20.0].sum() == 0.0
    assert power.sum() == pytest.approx(1.0)


def test_colours_and_seeds_differ_and_granules_do_not_repeat() -> None:
    first = noise_granule("white", None, 0, 77)[0]
    for other in (noise_granule("white", None, 1, 77)[0], noise_granule("white", None, 0, 78)[0]):
        assert abs(np.corrcoef(first, other)[0, 1]) < 0.02


def test_seams_between_granules_are_no_place_of_their_own() -> None:
    frames = np.concatenate([noise_granule("brown", None, 0, second) for second in range(20)], axis=1)
    steps = np.abs(np.diff(frames[0]))
    seams = steps[47_999::48_000]
    assert seams.max() <= steps.max()
    assert seams.mean() < 2.0 * steps.mean()
