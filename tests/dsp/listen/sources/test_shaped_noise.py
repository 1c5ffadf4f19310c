import numpy as np
import pytest

from dsp.listen.sources.shaped_noise import (
    MOVING_BLOCK,
    Doubles,
    band_powers,
    block_centres_s,
    blocks_of_granule,
    corner_magnitudes,
    corner_powers,
    ear_mix,
    moving_noise,
    overlap_add,
    stereo_spectra,
)

BLOCK = 3_200
BINS = range(2, 1_000)


def test_blocks_of_neighbouring_granules_share_one() -> None:
    assert blocks_of_granule(0, BLOCK) == range(-1, 30)
    assert blocks_of_granule(1, BLOCK) == range(29, 60)
    assert block_centres_s(blocks_of_granule(1, BLOCK), BLOCK)[1] == pytest.approx(1.0 + 1 / 30)


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.99])
def test_ear_mix_gives_the_correlation(correlation: float) -> None:
    large, small = ear_mix(correlation)
    assert large**2 + small**2 == pytest.approx(1.0)
    assert 2.0 * large * small == pytest.approx(correlation)


def test_corner_magnitudes_have_the_slope_the_corners_and_the_level() -> None:
    magnitudes = corner_magnitudes(BLOCK, slope_db=-6.0206, low_hz=100.0, high_hz=9000.0)
    spacing_hz = 15.0
    octave_db = 20.0 * np.log10(magnitudes[round(2000 / spacing_hz)] / magnitudes[round(1000 / spacing_hz)])
    assert octave_db == pytest.approx(-6.0, abs=0.1)
    assert np.all(magnitudes[:2] == 0.0)
    low_db = 20.0 * np.log10(magnitudes[7] / magnitudes[14])  # 105 and 210 Hz
    assert low_db == pytest.approx(6.02 - 10.0 * np.log10(1.0 + (100 / 105) ** 4) + 0.22, abs=0.1)
    bins = range(2, 1_600)
    blocks = range(-1, 600)
    frames = overlap_add(stereo_spectra(5, blocks, bins, 0.3) * magnitudes[2:1_600], bins, BLOCK)
    assert np.allclose(frames.std(axis=1), np.sqrt(0.5), rtol=0.03)


def test_overlap_add_joins_without_a_seam_and_keeps_the_power_steady() -> None:
    blocks = range(-1, 1_200)
    frames = overlap_add(stereo_spectra(9, blocks, BINS, 0.0), BINS, BLOCK)
    assert frames.shape == (2, 1_200 * 1_600)
    power = np.mean(frames.astype(np.float64).reshape(2, 1_200, 1_600) ** 2, axis=(0, 1))
    assert power.std() / power.mean() < 0.04  # 2,400 draws for each place in the hop: 2.9 % expected


def test_any_run_of_blocks_equals_the_same_part_of_a_longer_one() -> None:
    long = overlap_add(stereo_spectra(4, range(10, 50), BINS, 0.2), BINS, BLOCK)
    short = overlap_add(stereo_spectra(4, range(20, 31), BINS, 0.2), BINS, BLOCK)
    assert np.array_equal(short, long[:, 10 * 1_600 : 20 * 1_600])


def test_band_powers_lie_at_their_centre_and_have_the_level() -> None:
    powers = band_powers(np.array([300.0, 1200.0]), 0.5, BINS)
    assert [15 * int(2 + powers[row].argmax()) for row in range(2)] == [300, 1200]
    still = moving_noise(3, 50, BINS, 0.0, lambda time_s: np.sqrt(np.tile(powers[1], (len(time_s), 1))))
    assert np.allclose(still.std(axis=1), np.sqrt(0.5), rtol=0.1)


def test_corner_powers_are_of_the_magnitudes() -> None:
    magnitudes = corner_magnitudes(MOVING_BLOCK, -4.0, 100.0, 5000.0)[2:1_000]
    assert np.array_equal(corner_powers(-4.0, 100.0, 5000.0, BINS), magnitudes**2)


def test_moving_noise_follows_each_ear() -> None:
    """From silence in the left ear to silence in the right within the second."""

    def magnitudes(time_s: Doubles) -> Doubles:
        share = np.clip(time_s - 50.0, 0.0, 1.0)
        return np.stack([share, 1.0 - share], axis=1)[:, :, None] * np.ones(len(BINS))

    frames = moving_noise(3, 50, BINS, 0.3, magnitudes)
    assert frames.shape == (2, 48_000)
    early, late = np.sqrt(np.mean(frames.reshape(2, 12, 4_000) ** 2, axis=2))[:, [0, -1]].T
    assert early[0] < 0.2 * early[1]
    assert late[1] < 0.2 * late[0]
