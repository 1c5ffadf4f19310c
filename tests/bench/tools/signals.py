"""Measuring rendered samples as a black box: frequency, phase, purity, clicks, slopes, peaks."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import soxr  # type: ignore[import-untyped]  # it has no types
from numpy.typing import NDArray
from scipy import signal as scipy_signal  # type: ignore[import-untyped]  # it has no types

Doubles = NDArray[np.float64]
RATE_HZ = 48_000


def demodulated(samples: NDArray[np.floating], cycles: Doubles, block: int) -> Doubles:
    """Phase of `samples` against sin 2π·cycles, in cycles, unwrapped, one value per block of frames."""
    usable = samples.size // block * block
    turned = samples[:usable] * np.exp(-2j * np.pi * cycles[:usable])
    window = np.kaiser(block, 24.0)
    means = (turned.reshape(-1, block) * window).sum(axis=1)
    # a sine is (e^{jx} - e^{-jx}) / 2j, so its positive half lies a quarter turn back
    phases: Doubles = np.unwrap(np.angle(means * 1j)) / (2.0 * np.pi)
    return phases


def frequency_error_hz(samples: NDArray[np.floating], freq_hz: float) -> float:
    """Least-squares slope of the phase against a sine of `freq_hz`."""
    cycles = freq_hz * np.arange(samples.size) / RATE_HZ
    phases = demodulated(samples, cycles, RATE_HZ)
    return float(np.polyfit(np.arange(phases.size), phases, 1)[0])


def exact_cycles(freq_hz: float, frames: int) -> float:
    """freq·frames/48000 mod 1 in rational arithmetic."""
    return float(Fraction(freq_hz) * frames / RATE_HZ % 1)


def purity_db(samples: NDArray[np.floating]) -> tuple[float, float]:
    """SFDR and SNR of one sine, by a Kaiser window of β 40 over 2^19 frames."""
    size = 1 << 19
    window = np.kaiser(size, 40.0)
    power = np.abs(np.fft.rfft(samples[:size].astype(np.float64) * window)) ** 2
    peak = int(power.argmax())
    lobe = slice(max(peak - 16, 0), peak + 17)
    tone = power[lobe].sum()
    rest = power.copy()
    rest[lobe] = 0.0
    rest[:17] = 0.0
    spur = max(rest[i : i + 33].sum() for i in _candidates(rest))
    return float(10.0 * np.log10(tone / spur)), float(10.0 * np.log10(tone / rest.sum()))


def _candidates(power: Doubles) -> list[int]:
    """Where the greatest spurs lie, each as the first bin of a main lobe."""
    return [max(int(i) - 16, 0) for i in np.argsort(power)[-8:]]


def click_dbfs(samples: NDArray[np.floating]) -> float:
    """Peak behind a sixth-order Butterworth high-pass of 3 kHz, of (frames, channels) the louder channel.

    The first 100 ms are left out: the filter's own start is nobody's click.
    """
    sections = scipy_signal.butter(6, 3000.0, "highpass", fs=RATE_HZ, output="sos")
    filtered = scipy_signal.sosfilt(sections, samples.astype(np.float64), axis=0)
    return peak_dbfs(filtered[4800:])


def peak_dbfs(samples: NDArray[np.floating]) -> float:
    """Greatest magnitude in dBFS."""
    return float(20.0 * np.log10(max(float(np.abs(samples).max()), 1e-12)))


def true_peak_dbtp(samples: NDArray[np.floating]) -> float:
    """Greatest magnitude of (frames, channels) at 8 times the rate, by soxr."""
    return peak_dbfs(soxr.resample(samples.astype(np.float64), RATE_HZ, 8 * RATE_HZ, quality="VHQ"))


def noise_slope(samples: NDArray[np.floating]) -> tuple[float, float]:
    """dB per octave from 40 Hz to 16 kHz, and the greatest residual of third-octave bands from that line."""
    freq_hz, density = scipy_signal.welch(samples.astype(np.float64), RATE_HZ, nperseg=1 << 15)
    centres = 1000.0 * 2.0 ** (np.arange(-14, 13) / 3.0)
    centres = centres[(centres >= 40.0) & (centres <= 16_000.0)]
    levels = []
    for centre in centres:
        inside = (freq_hz >= centre * 2 ** (-1 / 6)) & (freq_hz < centre * 2 ** (1 / 6))
        levels.append(10.0 * np.log10(density[inside].mean()))
    octaves = np.log2(centres / 1000.0)
    slope, offset = np.polyfit(octaves, levels, 1)
    residual = np.array(levels) - (slope * octaves + offset)
    return float(slope), float(np.abs(residual).max())


def most_alike(
    second: NDArray[np.floating], later: Callable[[int], NDArray[np.floating]], count: int
) -> float:
    """Greatest normalised correlation of one second with any second of the `count` blocks that follow."""
    size = 1 << 20
    template = np.fft.rfft(second[::-1].astype(np.float64), size)
    length = second.size
    energy = float((second.astype(np.float64) ** 2).sum())
    most = 0.0
    tail = np.zeros(0)
    for i in range(count):
        block = np.concatenate([tail, later(i).astype(np.float64)])
        products = np.fft.irfft(np.fft.rfft(block, size) * template, size)[length - 1 : block.size]
        sums = np.cumsum(np.concatenate([[0.0], block**2]))
        energies = sums[length:] - sums[:-length]
        most = max(most, float(np.abs(products / np.sqrt(energy * energies)).max()))
        tail = block[-(length - 1) :]
    return most
