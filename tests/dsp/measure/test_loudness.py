"""The signals of EBU Tech 3341 and 3342: 1 kHz sines in phase, levels in dBFS of the peak."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from dsp.base.grid import RATE_HZ
from dsp.measure.loudness import integrated_lufs, measure_loudness, spectrum_lufs
from tests.bench.tools import meters

Part = tuple[float, float]
"""Level in dBFS and seconds."""


def sine(parts: Sequence[Part], channels: int = 2) -> NDArray[np.float64]:
    levels = np.concatenate([np.full(round(seconds * RATE_HZ), 10.0 ** (db / 20.0)) for db, seconds in parts])
    wave = levels * np.sin(2.0 * np.pi * 1000.0 / RATE_HZ * np.arange(len(levels)))
    return np.tile(wave, (channels, 1))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([(-23.0, 20.0)], -23.0),
        ([(-33.0, 20.0)], -33.0),
        ([(-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)], -23.0),
        ([(-72.0, 10.0), (-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0), (-72.0, 10.0)], -23.0),
        ([(-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)], -23.0),
    ],
)
def test_integrated_loudness_of_ebu_3341_cases_1_to_5(parts: list[Part], expected: float) -> None:
    assert integrated_lufs(sine(parts)) == pytest.approx(expected, abs=0.1)


def test_surround_weights_of_ebu_3341_case_6() -> None:
    gains = 10.0 ** (np.array([-28.0, -28.0, -24.0, -30.0, -30.0]) / 20.0)
    frames = sine([(0.0, 20.0)], channels=5) * gains[:, None]
    assert integrated_lufs(frames) == pytest.approx(-23.0, abs=0.1)


def test_short_term_of_ebu_3341_case_9() -> None:
    loudness = measure_loudness(sine([(-20.0, 1.34), (-30.0, 1.66)] * 5))
    assert loudness.short_term_lufs == pytest.approx(np.full_like(loudness.short_term_lufs, -23.0), abs=0.1)


@pytest.mark.parametrize("offset_s", [0.0, 0.15, 1.05, 2.85])
def test_short_term_maximum_of_ebu_3341_case_10(offset_s: float) -> None:
    frames = sine([(-300.0, offset_s), (-23.0, 3.0), (-300.0, 1.0)])
    assert measure_loudness(frames).short_term_lufs.max() == pytest.approx(-23.0, abs=0.1)


def test_momentary_of_ebu_3341_case_12() -> None:
    momentary = measure_loudness(sine([(-20.0, 0.18), (-30.0, 0.22)] * 25)).momentary_lufs[100:]
    assert momentary == pytest.approx(np.full_like(momentary, -23.0), abs=0.1)


@pytest.mark.parametrize("step", range(0, 20, 3))
def test_momentary_maximum_of_ebu_3341_case_13(step: int) -> None:
    frames = sine([(-300.0, 0.02 * step), (-23.0, 0.4), (-300.0, 1.0)])
    assert measure_loudness(frames).momentary_lufs.max() == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize(
    ("levels_db", "expected_lu"),
    [
        ((-20.0, -30.0), 10.0),
        ((-20.0, -15.0), 5.0),
        ((-40.0, -20.0), 20.0),
        ((-50.0, -35.0, -20.0, -35.0, -50.0), 15.0),
    ],
)
def test_range_of_ebu_3342(levels_db: tuple[float, ...], expected_lu: float) -> None:
    frames = sine([(level, 20.0) for level in levels_db])
    assert measure_loudness(frames).range_lu == pytest.approx(expected_lu, abs=1.0)


def test_silence_has_no_loudness() -> None:
    loudness = measure_loudness(np.zeros((2, 5 * RATE_HZ), np.float32))
    assert loudness.integrated_lufs == -np.inf
    assert loudness.range_lu == 0.0
    assert measure_loudness(np.zeros((2, 100))).short_term_lufs.size == 0


def test_long_recordings_go_in_pieces_without_a_trace() -> None:
    frames = np.random.default_rng(2).standard_normal((2, 21 * RATE_HZ)) * 0.1
    whole = measure_loudness(frames).momentary_lufs
    later = measure_loudness(frames[:, 3 * RATE_HZ :]).momentary_lufs
    assert np.max(np.abs(whole[400:] - later[100:])) < 1e-9


def test_a_spectrum_predicts_the_loudness_of_its_noise() -> None:
    frames = np.random.default_rng(3).standard_normal((2, 20 * RATE_HZ)) * 0.1
    frequencies_hz = np.linspace(0.0, RATE_HZ / 2, 1001)
    predicted = spectrum_lufs(frequencies_hz, np.full(1001, 0.01 / 1001), channels=2)
    assert integrated_lufs(frames) == pytest.approx(predicted, abs=0.05)


def recording() -> NDArray[np.float32]:
    """Noise of a musical spectrum whose level wanders, 30 s."""
    generator = np.random.default_rng(4)
    steps = generator.uniform(-30.0, -12.0, 31)
    level_db = np.interp(np.arange(30 * RATE_HZ) / RATE_HZ, np.arange(31), steps)
    spectrum = np.fft.rfft(generator.standard_normal((2, 30 * RATE_HZ)))
    spectrum /= np.sqrt(np.arange(1, spectrum.shape[1] + 1) / 1000.0)
    wave = np.fft.irfft(spectrum)
    wave *= 10.0 ** (level_db / 20.0) / wave.std()
    return wave.astype(np.float32)


def test_pyloudnorm_agrees() -> None:
    frames = recording()
    assert integrated_lufs(frames) == pytest.approx(meters.pyloudnorm_lufs(frames.T), abs=0.1)


def test_ffmpeg_agrees() -> None:
    frames = recording()
    readings = meters.ffmpeg_ebur128(frames.T)
    loudness = measure_loudness(frames)
    assert loudness.integrated_lufs == pytest.approx(readings["I"], abs=0.1)
    assert loudness.range_lu == pytest.approx(readings["LRA"], abs=0.3)
