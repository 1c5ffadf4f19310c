"""Amplitude modulation of beds, textures and noise: y = x·(1 − m + m·w(u)), compensated in power."""

import math
from typing import Any, Final

import numpy as np

from dsp.base.ramps import Doubles
from dsp.listen.program import Pulse, Stereo
from dsp.listen.pulse import Samples, moments, window

_GRID_MARGIN: Final = 1.02
"""What the true maximum may exceed the greatest of 17 points by."""


def modulation_gains(
    pulse: Pulse,
    stereo: Stereo,
    cycles: Doubles,
    rate_hz: Doubles,
    depth: Doubles,
    dtype: type[np.floating[Any]] = np.float64,
) -> tuple[Samples, Samples]:
    """Gain of the left and the right channel at each phase (cycles), rate (Hz) and depth (0–1).

    together and alternating divide by the RMS of the gain over a cycle; equal power pans with
    gains √2·sin θ and √2·cos θ, θ = π/4·(1 + m·(2w − 1)), whose squares always sum to 2.
    """
    if stereo == "equal_power":
        swing = 2.0 * window(pulse, cycles, rate_hz, dtype) - 1.0
        angle = (np.pi / 4.0) * (1.0 + depth * swing)
        return np.sqrt(2.0) * np.sin(angle), np.sqrt(2.0) * np.cos(angle)
    loss = compensation(pulse, rate_hz, depth)
    left = (1.0 - depth + depth * window(pulse, cycles, rate_hz, dtype)) * loss
    if stereo == "together":
        return left, left
    return left, (1.0 - depth + depth * window(pulse, cycles + 0.5, rate_hz, dtype)) * loss


def compensation(pulse: Pulse, rate_hz: Doubles, depth: Doubles) -> Doubles:
    """1/√mean(gain²) over a cycle: keeps the power of what is modulated."""
    mean, square = moments(pulse, rate_hz)
    rest = 1.0 - depth
    return 1.0 / np.sqrt(rest * rest + 2.0 * depth * rest * mean + depth * depth * square)


def greatest_gain(
    pulse: Pulse, stereo: Stereo, rates_hz: tuple[float, float], depths: tuple[float, float]
) -> float:
    """A bound of the modulation's gain over ranges of rate and depth."""
    if stereo == "equal_power":
        return math.sqrt(2.0)
    rate_hz, depth = np.meshgrid(np.linspace(*rates_hz, 17), np.linspace(*depths, 17))
    return float(compensation(pulse, rate_hz, depth).max()) * _GRID_MARGIN
