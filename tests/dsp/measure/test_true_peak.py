"""The signals of EBU Tech 3341, cases 15 to 23: .2 dB above and .4 dB below are allowed."""

import numpy as np
import pytest
import soxr  # type: ignore[import-untyped]  # ships no types

from dsp.base.grid import RATE_HZ
from dsp.measure.true_peak import true_peak, true_peak_dbtp


@pytest.mark.parametrize(
    ("divisor", "phase_deg", "peak", "expected_dbtp"),
    [
        (4, 0.0, 0.5, -6.0),
        (4, 45.0, 0.5, -6.0),
        (6, 60.0, 0.5, -6.0),
        (8, 67.5, 0.5, -6.0),
        (4, 45.0, 1.41, 3.0),
    ],
)
def test_sines_between_the_samples(divisor: int, phase_deg: float, peak: float, expected_dbtp: float) -> None:
    wave = peak * np.sin(2.0 * np.pi * np.arange(RATE_HZ) / divisor + np.radians(phase_deg))
    wave *= np.minimum(1.0, np.minimum(np.arange(RATE_HZ), np.arange(RATE_HZ)[::-1]) / 1000.0)
    measured = true_peak_dbtp(np.tile(wave, (2, 1)))
    assert expected_dbtp - 0.4 <= measured <= expected_dbtp + 0.2


@pytest.mark.parametrize("offset", range(4))
def test_a_transient_decimated_anywhere(offset: int) -> None:
    count = 4 * 4000
    wave = 0.5 * np.sin(2.0 * np.pi * np.arange(count) / 24.0)
    middle = count // 2
    wave[middle : middle + 24] *= 2.0
    spectrum = np.fft.rfft(wave * np.hanning(count))
    spectrum[count // 8 :] = 0.0
    smooth = np.fft.irfft(spectrum)
    smooth /= np.max(np.abs(smooth))
    assert -0.4 <= true_peak_dbtp(smooth[None, offset::4]) <= 0.2


def test_a_foreign_resampler_agrees() -> None:
    frames = np.random.default_rng(5).standard_normal((2, RATE_HZ)).astype(np.float32) * 0.1
    spectrum = np.fft.rfft(frames)
    spectrum[:, 20_000:] = 0.0
    frames = np.fft.irfft(spectrum).astype(np.float32)
    foreign = np.max(np.abs(soxr.resample(frames.T, RATE_HZ, 8 * RATE_HZ, quality="VHQ")))
    assert true_peak(frames) == pytest.approx(float(foreign), rel=0.005)


def test_the_first_and_last_sample_count() -> None:
    frames = np.zeros((1, 70_000))
    frames[0, 0] = -0.5
    frames[0, -1] = 0.7
    assert true_peak(frames) == pytest.approx(0.7, abs=0.01)
    assert true_peak(frames[:, :-1]) == pytest.approx(0.5, abs=0.01)


def test_silence() -> None:
    assert true_peak_dbtp(np.zeros((2, 100))) == -np.inf
    assert true_peak(np.zeros((2, 0))) == 0.0
