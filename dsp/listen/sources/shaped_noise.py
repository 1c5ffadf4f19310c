"""Noise of any spectrum: blocks of keyed Gaussian spectra, shaped, windowed with √Hann, overlapped by half.

Block b of length N covers frames b·N/2 … b·N/2 + N of the endless absolute grid, whatever is asked for first.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import GRANULE, RATE_HZ
from dsp.base.keyed import complex_gaussians

Spectra: TypeAlias = NDArray[np.complex64]
Stereo: TypeAlias = NDArray[np.float32]
Doubles: TypeAlias = NDArray[np.float64]

MOVING_BLOCK: Final = 3_200
"""Frames of a block of noise whose spectrum moves: it follows within 33 ms."""


def moving_noise(
    key: int, index: int, bins: range, correlation: float, magnitudes: Callable[[Doubles], Doubles]
) -> Stereo:
    """Second `index` of noise whose spectrum moves, (2, 48000).

    `magnitudes` gives (blocks, bins), or (blocks, 2 ears, bins), at the times (blocks,) of the blocks in s.
    """
    blocks = blocks_of_granule(index, MOVING_BLOCK)
    shape = magnitudes(block_centres_s(blocks, MOVING_BLOCK)).astype(np.float32)
    spectra = stereo_spectra(key, blocks, bins, correlation)
    spectra *= shape if shape.ndim == 3 else shape[:, None, :]
    return overlap_add(spectra, bins, MOVING_BLOCK)


def blocks_of_granule(index: int, block: int) -> range:
    """Numbers of the blocks of `block` frames that reach into a granule."""
    hops = GRANULE // (block // 2)
    return range(index * hops - 1, index * hops + hops)


def bin_frequencies_hz(block: int) -> NDArray[np.float64]:
    """Frequencies of the bins 0 … N/2 of a block."""
    return np.linspace(0.0, RATE_HZ / 2, block // 2 + 1, dtype=np.float64)


def corner_magnitudes(block: int, slope_db: float, low_hz: float, high_hz: float) -> NDArray[np.float64]:
    """A slope in dB per octave between two second-order corners, zero below 20 Hz, as magnitudes at the bins.

    Scaled so that the noise has RMS 1/√2 per ear.
    """
    frequencies_hz = np.maximum(bin_frequencies_hz(block), 1.0)
    magnitudes: NDArray[np.float64] = (frequencies_hz / 1000.0) ** (slope_db / (20.0 * math.log10(2.0)))
    magnitudes /= np.sqrt((1.0 + (low_hz / frequencies_hz) ** 4) * (1.0 + (frequencies_hz / high_hz) ** 4))
    magnitudes[frequencies_hz < 20.0] = 0.0
    magnitudes *= unit_rms_scale(block, float(np.sum(magnitudes**2))) / math.sqrt(2.0)
    return magnitudes


def corner_powers(slope_db: float, low_hz: float, high_hz: float, bins: range) -> Doubles:
    """Squared `corner_magnitudes` (bins,) of a moving block; powers of independent layers add."""
    magnitudes = corner_magnitudes(MOVING_BLOCK, slope_db, low_hz, high_hz)
    return magnitudes[bins.start : bins.stop] ** 2


def band_powers(centre_hz: Doubles, width_octaves: float, bins: range) -> Doubles:
    """Powers (blocks, bins) of bands that are Gaussian over octaves, RMS 1/√2 per ear, at moving centres."""
    frequencies_hz = bin_frequencies_hz(MOVING_BLOCK)[bins.start : bins.stop]
    octaves = np.log2(frequencies_hz / centre_hz[:, None])
    powers: Doubles = np.exp(-((octaves / width_octaves) ** 2))
    powers *= unit_rms_scale(MOVING_BLOCK, 1.0) ** 2 / 2.0 / powers.sum(axis=1, keepdims=True)
    return powers


def unit_rms_scale(block: int, power: float) -> float:
    """Factor on a spectrum of summed squared magnitudes `power` that makes the noise's RMS 1.

    The draws have mean square 2 and each bin stands for two of the transform: E x² = 4·Σ|H|²/N².
    """
    return block / (2.0 * math.sqrt(power))


def ear_mix(correlation: float) -> tuple[float, float]:
    """Weights a, b with which ears a·N1 + b·N2 and b·N1 + a·N2 of independent noises correlate by exactly ρ.

    a, b = √((1 ± √(1−ρ²))/2), hence a² + b² = 1 and 2ab = ρ.
    """
    apart = math.sqrt(1.0 - correlation**2)
    return math.sqrt((1.0 + apart) / 2.0), math.sqrt((1.0 - apart) / 2.0)


def stereo_spectra(key: int, blocks: range, bins: range, correlation: float) -> Spectra:
    """White spectra (blocks, 2 ears, bins) whose ears correlate; `bins.start` is even."""
    draws = complex_gaussians(key, blocks.start, len(blocks), 2 * len(bins), 2 * bins.start)
    first, second = draws[:, 0::2], draws[:, 1::2]
    large, small = np.float32(ear_mix(correlation)[0]), np.float32(ear_mix(correlation)[1])
    ears = np.empty((len(blocks), 2, len(bins)), np.complex64)
    ears[:, 0] = large * first + small * second
    ears[:, 1] = small * first + large * second
    return ears


def overlap_add(spectra: Spectra, bins: range, block: int) -> Stereo:
    """Frames (2, (blocks − 1)·N/2) from shaped spectra (blocks, 2, bins) of consecutive blocks."""
    padded = np.zeros((*spectra.shape[:2], block // 2 + 1), np.complex64)
    padded[:, :, bins.start : bins.stop] = spectra
    waves = np.fft.irfft(padded, block) * _root_hann(block)
    half = block // 2
    frames = np.empty((2, len(spectra) - 1, half), np.float32)
    np.add(waves[:-1, :, half:].swapaxes(0, 1), waves[1:, :, :half].swapaxes(0, 1), out=frames)
    return frames.reshape(2, -1)


def block_centres_s(blocks: range, block: int) -> NDArray[np.float64]:
    """Station time in seconds of the middle of each block."""
    return (np.arange(blocks.start, blocks.stop, dtype=np.float64) + 1.0) * (block / 2 / RATE_HZ)


@cache
def _root_hann(block: int) -> NDArray[np.float32]:
    return np.sin(np.pi * (np.arange(block) + 0.5) / block).astype(np.float32)
