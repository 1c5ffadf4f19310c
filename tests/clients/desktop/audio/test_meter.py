from __future__ import annotations

import numpy as np
import pytest

from clients.desktop.audio.meter import SILENCE_DB, Meter
from dsp.measure.loudness import measure_loudness
from dsp.measure.true_peak import true_peak_dbtp

RATE_HZ = 48_000


def metered(sound: np.ndarray, block: int) -> Meter:
    meter = Meter()
    for start in range(0, len(sound), block):
        meter.add(sound[start : start + block])
        if start % (7 * block) == 0:
            meter.read()
    return meter


def noise(seconds: float) -> np.ndarray:
    chance = np.random.default_rng(1)
    rise = np.linspace(0.05, 0.2, int(seconds * RATE_HZ))[:, None]
    return (chance.standard_normal((len(rise), 2)) * rise).astype(np.float32)


@pytest.mark.parametrize("block", [480, 1013])
def test_it_reads_what_the_measurement_of_the_whole_says(block: int) -> None:
    sound = noise(5)
    reading = metered(sound, block).read()
    wanted = measure_loudness(sound.T.astype(np.float64))
    assert reading.momentary_lufs == pytest.approx(wanted.momentary_lufs[-1], abs=0.05)
    assert reading.short_term_lufs == pytest.approx(wanted.short_term_lufs[-1], abs=0.05)


def test_a_sine_of_minus_20_dbfs_reads_as_the_standard_says() -> None:
    sine = 0.1 * np.sin(2 * np.pi * 997 * np.arange(4 * RATE_HZ) / RATE_HZ)
    reading = metered(np.stack([sine, sine], axis=1).astype(np.float32), 960).read()
    assert reading.short_term_lufs == pytest.approx(-20.0, abs=0.1)
    assert reading.true_peak_dbtp == pytest.approx(-20.0, abs=0.05)


def test_a_peak_between_the_samples_is_found() -> None:
    time_s = np.arange(RATE_HZ) / RATE_HZ
    sine = np.sin(2 * np.pi * RATE_HZ / 4 * time_s + np.pi / 4) * np.hanning(RATE_HZ)
    sound = np.stack([sine, np.zeros(RATE_HZ)], axis=1).astype(np.float32)
    wanted = true_peak_dbtp(sound.T.astype(np.float64))
    assert wanted > -0.1
    assert 20 * np.log10(np.abs(sound).max()) < -2.9
    assert metered(sound, 960).read().true_peak_dbtp == pytest.approx(wanted, abs=0.1)


def test_silence_reads_as_nothing() -> None:
    assert Meter().read().momentary_lufs == SILENCE_DB
    reading = metered(np.zeros((RATE_HZ, 2), np.float32), 960).read()
    assert (reading.short_term_lufs, reading.true_peak_dbtp) == (SILENCE_DB, SILENCE_DB)


def test_the_spectrum_points_at_the_tone() -> None:
    time_s = np.arange(RATE_HZ) / RATE_HZ
    sine = 0.5 * np.sin(2 * np.pi * 1000 * time_s)
    meter = metered(np.stack([sine, sine], axis=1).astype(np.float32), 960)
    meter.read()
    bars = meter.spectrum_db(20)
    edges_hz = np.geomspace(40, 16_000, 21)
    at = int(np.argmax(bars))
    assert edges_hz[at] <= 1000 <= edges_hz[at + 1]
    assert sum(level > max(bars) - 40 for level in bars) <= 3
