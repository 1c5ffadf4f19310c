"""Short sounds, rendered once into a bank and scattered over time by a keyed Poisson process."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import GRANULE, RATE_HZ
from dsp.base.keyed import gaussians, hash64, uniform, uniform_rows, value_noise_array
from dsp.listen.sources.shaped_noise import Stereo

Mono = NDArray[np.float32]

_FIELDS: Final = 6
_ATTACK_MS, _TAIL_MS = 0.5, 4.0


@dataclass(frozen=True, slots=True)
class Scatter:
    """How one kind of event falls in time, level and place."""

    key: int
    per_second: float
    """Most events a second."""
    gain: float
    spread: float
    """Standard deviation of the natural logarithm of the level."""
    loudest: float
    """Levels are clipped at this multiple of the median."""
    swings: tuple[tuple[float, float], ...] = ()
    """(natural logarithm, seconds): the density falls by up to twice the first and back over the second."""


def add_events(frames: Stereo, index: int, scatter: Scatter, bank: Sequence[Mono]) -> None:
    """Add to second `index` (2, 48000) the events of its own cell and the tails of the cell before."""
    for cell in (index - 1, index):
        offset = (cell - index) * GRANULE
        starts, variants, gains = _cell(scatter, cell, len(bank))
        for start, variant, gain in zip(starts.tolist(), variants.tolist(), gains, strict=True):
            wave = bank[variant]
            begin, end = max(start + offset, 0), min(start + offset + len(wave), GRANULE)
            if begin < end:
                frames[:, begin:end] += gain * wave[begin - start - offset : end - start - offset]


def _cell(
    scatter: Scatter, cell: int, variants: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Start frames, bank numbers and ear gains (count, 2, 1) of the events of one second."""
    count = poisson(scatter.per_second, uniform(scatter.key, cell))
    fields = uniform_rows(hash64(scatter.key, 1), cell, _FIELDS, count)
    if scatter.swings:
        fields = fields[:, fields[5] < _density(scatter, cell + fields[0])]
    starts, choices, pans, *levels, _ = fields
    normal = np.sqrt(-2.0 * np.log(1.0 - levels[0])) * np.cos(2.0 * np.pi * levels[1])
    level = scatter.gain * np.minimum(np.exp(scatter.spread * normal), scatter.loudest)
    angle = pans * (np.pi / 2.0)
    gains = np.stack([level * np.cos(angle), level * np.sin(angle)], axis=1)[:, :, None]
    return (
        (starts * GRANULE).astype(np.int64),
        (choices * variants).astype(np.int64),
        gains.astype(np.float32),
    )


def _density(scatter: Scatter, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the events at the densest that happen at a time: a Poisson process, thinned, stays one."""
    logs = np.zeros_like(time_s)
    for number, (swing, period_s) in enumerate(scatter.swings):
        logs += swing * (value_noise_array(hash64(scatter.key, 2, number), time_s / period_s) - 1.0)
    return np.exp(logs)


def poisson(mean: float, chance: float) -> int:
    """The Poisson count whose distribution function first exceeds `chance` in [0, 1)."""
    return int(np.searchsorted(_poisson_distribution(mean), chance, side="right"))


@cache
def _poisson_distribution(mean: float) -> NDArray[np.float64]:
    counts = np.arange(1, int(mean + 12.0 * np.sqrt(mean) + 20.0))
    logs = np.concatenate([[0.0], np.cumsum(np.log(mean / counts))]) - mean
    distribution: NDArray[np.float64] = np.minimum(np.cumsum(np.exp(logs)), 1.0)
    return distribution


def burst(key: int, frequency_hz: float, decay_s: float, noise_share: float, smoothing: int) -> Mono:
    """A decaying sine with noise in it, unit energy: a drop on leaves."""
    time_s = np.arange(int(7.0 * decay_s * RATE_HZ)) / RATE_HZ
    tone = np.sin(2.0 * np.pi * (frequency_hz * time_s + uniform(key)))
    return _shot(tone + noise_share * _hiss(key, len(time_s), smoothing), np.exp(-time_s / decay_s))


def bubble(key: int, frequency_hz: float, rise: float) -> Mono:
    """A ringing air bubble of unit energy whose pitch rises (van den Doel 2005, equations 5 and 6)."""
    damping = 0.42 * (0.13 * frequency_hz + 0.0072 * frequency_hz**1.5)
    time_s = np.arange(int(7.0 / damping * RATE_HZ)) / RATE_HZ
    cycles = frequency_hz * (time_s + 0.5 * rise * damping * time_s**2) + uniform(key)
    return _shot(np.sin(2.0 * np.pi * cycles), np.exp(-damping * time_s))


def snap(key: int, decay_s: float, smoothing: int) -> Mono:
    """A burst of noise of unit energy, darker the more samples are smoothed: dry wood that gives way."""
    time_s = np.arange(int(7.0 * decay_s * RATE_HZ)) / RATE_HZ
    return _shot(_hiss(key, len(time_s), smoothing), np.exp(-time_s / decay_s))


def pop(key: int, frequency_hz: float, decay_s: float) -> Mono:
    """A thump of unit energy whose pitch falls by a third as it dies: a pocket of sap."""
    time_s = np.arange(int(7.0 * decay_s * RATE_HZ)) / RATE_HZ
    cycles = frequency_hz * (time_s - 0.3 * (time_s - decay_s * (1.0 - np.exp(-time_s / decay_s))))
    return _shot(np.sin(2.0 * np.pi * (cycles + uniform(key))), np.exp(-time_s / decay_s))


def _hiss(key: int, frames: int, smoothing: int) -> NDArray[np.float64]:
    """Noise of RMS 1, smoothed by a Hann kernel: a moving average has zeros and a rising end."""
    kernel = np.hanning(smoothing + 2)
    hiss = np.convolve(gaussians(key, 0, frames + len(kernel) - 1).astype(np.float64), kernel, "valid")
    hiss /= hiss.std()
    return hiss


def _shot(tone: NDArray[np.float64], envelope: NDArray[np.float64]) -> Mono:
    """With raised-cosine ends, no mean (a thousand drops a second must not add up to one) and unit energy."""
    for length_ms, end in ((_ATTACK_MS, envelope), (_TAIL_MS, envelope[::-1])):
        ramp = min(int(length_ms * RATE_HZ / 1000.0), len(envelope))
        end[:ramp] *= 0.5 - 0.5 * np.cos(np.pi * (np.arange(ramp) + 0.5) / ramp)
    wave = tone * envelope
    wave -= envelope * (wave.sum() / envelope.sum())
    shot: Mono = (wave / np.sqrt(np.sum(wave**2))).astype(np.float32)
    return shot
