"""Amplitude modulation of beds, textures and noise: y = x·(1 − m + m·w(u)), compensated in power."""

import numpy as np
from numpy.typing import NDArray

from dsp.listen.program import Pulse, Stereo
from dsp.listen.pulse import moments, window

Doubles = NDArray[np.float64]


def modulation_gains(
    pulse: Pulse, stereo: Stereo, cycles: Doubles, rate_hz: Doubles, depth: Doubles
) -> tuple[Doubles, Doubles]:
    """Gain of the left and the right channel at each phase (cycles), rate (Hz) and depth (0–1).

    together and alternating divide by the RMS of the gain over a cycle; equal power pans with
    gains √2·sin θ and √2·cos θ, θ = π/4·(1 + m·(2w − 1)), whose squares always sum to 2.
    """
    if stereo == "equal_power":
        swing = 2.0 * window(pulse, cycles, rate_hz) - 1.0
        angle = (np.pi / 4.0) * (1.0 + depth * swing)
        return np.sqrt(2.0) * np.sin(angle), np.sqrt(2.0) * np.cos(angle)
    loss = compensation(pulse, rate_hz, depth)
    left = (1.0 - depth + depth * window(pulse, cycles, rate_hz)) * loss
    if stereo == "together":
        return left, left
    return left, (1.0 - depth + depth * window(pulse, cycles + 0.5, rate_hz)) * loss


def compensation(pulse: Pulse, rate_hz: Doubles, depth: Doubles) -> Doubles:
    """1/√mean(gain²) over a cycle: keeps the power of what is modulated."""
    mean, square = moments(pulse, rate_hz)
    rest = 1.0 - depth
    return 1.0 / np.sqrt(rest * rest + 2.0 * depth * rest * mean + depth * depth * square)
