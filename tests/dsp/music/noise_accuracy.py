"""The noise rows of the accuracy table, on as much sound as they need; the tests take short forms."""

import numpy as np

from dsp.base.grid import RATE_HZ
from dsp.listen.sources import granule
from dsp.listen.sources.noise import BLOCK, a_weighting, color_magnitudes
from dsp.listen.sources.shaped_noise import bin_frequencies_hz
from dsp.measure.spectrum import density_slope_db_per_octave, power_spectrum
from tests.dsp.music.listening import EPOCH_S

SLOPES_DB = {"white": 0.0, "pink": -3.0103, "brown": -6.0206, "blue": 3.0103, "violet": 6.0206, "grey": 0.0}


def slope_and_residual(color: str, seconds: int = 600, seed: int = 2) -> tuple[float, float]:
    """Slope in dB per octave from 40 Hz to 16 kHz and the largest residual in dB of a third of an octave.

    Grey is measured against the inverse of the A curve: its slope should be 0.
    """
    power = np.zeros((1 << 14) + 1)
    for first in range(0, seconds, 20):
        frames = np.concatenate(
            [granule(f"noise:{color}", seed, EPOCH_S + first + second) for second in range(20)], axis=1
        )
        for ear in frames:
            frequencies_hz, ear_power = power_spectrum(ear)
            power += ear_power
    if color == "grey":
        power = power * a_weighting(np.maximum(frequencies_hz, 1.0)) ** 2
    slope, residual_db = density_slope_db_per_octave(frequencies_hz, power, 40.0, 16_000.0)
    return slope, float(np.max(np.abs(residual_db)))


def loop_correlation(color: str, seconds: int = 3 * 3600, seed: int = 2) -> float:
    """Greatest correlation of one second (left ear) with any other second of the time that follows.

    Both are whitened: a second of brown noise has the freedom of thirty numbers, and over hours any thirty
    numbers come again by chance.
    """
    size = 1 << 18
    frequencies_hz = np.linspace(0.0, RATE_HZ / 2, size // 2 + 1)
    magnitudes = np.interp(frequencies_hz, bin_frequencies_hz(BLOCK), color_magnitudes(color))
    heard = (frequencies_hz > 40.0) & (frequencies_hz < 20_000.0)
    whitening = np.divide(1.0, magnitudes, out=np.zeros_like(magnitudes), where=heard)
    excerpt = np.fft.irfft(np.fft.rfft(granule(f"noise:{color}", seed, EPOCH_S)[0], size) * whitening, size)
    excerpt = excerpt[:RATE_HZ]
    pattern = np.conj(np.fft.rfft(excerpt, size))
    worst, tail = 0.0, np.zeros(0)
    for first in range(1, seconds, 4):
        pieces = [granule(f"noise:{color}", seed, EPOCH_S + first + second)[0] for second in range(4)]
        wave = np.concatenate([tail, *pieces])
        spectrum = np.fft.rfft(wave, size) * whitening
        products = np.fft.irfft(spectrum * pattern, size)[: len(wave) - RATE_HZ + 1]
        sums = np.concatenate([[0.0], np.cumsum(np.fft.irfft(spectrum, size)[: len(wave)] ** 2)])
        energy = sums[RATE_HZ:] - sums[:-RATE_HZ]
        worst = max(worst, float(np.max(np.abs(products) / np.sqrt(energy * np.sum(excerpt**2)))))
        tail = wave[-(RATE_HZ - 1) :]
    return worst
