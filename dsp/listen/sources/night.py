"""A summer night: five crickets near by that fall silent at times, a far chorus, and a breath of air."""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from dsp.base.grid import GRANULE, RATE_HZ
from dsp.base.keyed import hash64, hash_text, uniform, value_noise, value_noise_array
from dsp.listen.sources.one_shots import Mono
from dsp.listen.sources.shaped_noise import Doubles, Stereo, band_powers, corner_powers, moving_noise
from dsp.listen.sources.timbres import pan_gains

_RECIPE: Final = hash_text("night")
_BINS: Final = range(2, 1_000)  # 30 Hz to 15 kHz
_CORRELATION: Final = 0.3
_GAIN: Final = 0.034
_JITTER_S: Final = 0.03
_PULSE_SPACING: Final = 1.7
"""Length of a pulse and the rest after it, in pulses."""
_VARIANTS: Final = 4
_NOISE, _CHORUS, _LEAVES, _TIMING, _VARIANT, _LEVEL, _PRESENCE, _AIR = range(8)


@dataclass(frozen=True, slots=True)
class _Cricket:
    """One singer: its pitch, how often it chirps, and where it sits."""

    frequency_hz: float
    period_s: float
    pulses: int
    pulse_s: float
    pan: float
    level: float


_CRICKETS: Final = (
    _Cricket(4180.0, 0.62, 3, 0.0165, -0.6, 0.8),
    _Cricket(4460.0, 0.71, 3, 0.0155, 0.5, 0.7),
    _Cricket(3890.0, 0.83, 2, 0.018, 0.1, 0.55),
    _Cricket(4720.0, 0.55, 4, 0.014, -0.2, 0.4),
    _Cricket(3650.0, 0.95, 2, 0.019, 0.75, 0.5),
)


def night_granule(seed: int, index: int) -> Stereo:
    """Second `index` of the night (2, 48000) before its station gain."""
    key = hash64(_RECIPE, seed)
    frames = moving_noise(
        hash64(key, _NOISE), index, _BINS, _CORRELATION, lambda time_s: _magnitudes(key, time_s)
    )
    for number, cricket in enumerate(_CRICKETS):
        _add_chirps(frames, index, cricket, hash64(key, number))
    return frames


def _add_chirps(frames: Stereo, index: int, cricket: _Cricket, key: int) -> None:
    """The chirps that sound in a second; each keeps its own time within 30 ms."""
    start = index * GRANULE
    ears = np.array(pan_gains(cricket.pan), np.float64)[:, None]
    longest_s = cricket.pulses * _PULSE_SPACING * cricket.pulse_s + _JITTER_S
    first = int((index - longest_s) / cricket.period_s) - 1
    for number in range(first, int((index + 1 + _JITTER_S) / cricket.period_s) + 1):
        place_s = number * cricket.period_s
        level = _GAIN * cricket.level * min(1.0, max(0.0, 0.9 + 2.2 * value_noise(key, place_s / 22.0)))
        if level == 0.0:
            continue
        chirp = _chirp(cricket, int(_VARIANTS * uniform(key, _VARIANT, number)))
        offset_s = _JITTER_S * (2.0 * uniform(key, _TIMING, number) - 1.0)
        onset = round(number * (cricket.period_s * RATE_HZ)) + round(offset_s * RATE_HZ) - start
        begin, end = max(onset, 0), min(onset + len(chirp), GRANULE)
        if begin < end:
            gain_db = 3.0 * (uniform(key, _LEVEL, number) - 0.5)
            gains = (level * 10.0 ** (gain_db / 20.0) * ears).astype(np.float32)
            frames[:, begin:end] += gains * chirp[begin - onset : end - onset]


@cache
def _chirp(cricket: _Cricket, variant: int) -> Mono:
    """A few sin² pulses of a pitch that differs a little from time to time."""
    pulse = int(cricket.pulse_s * RATE_HZ)
    frequency_hz = cricket.frequency_hz * (1.0 + 0.004 * (variant - 1.5))
    time_s = np.arange(pulse) / RATE_HZ
    wave = np.sin(np.pi * (np.arange(pulse) + 0.5) / pulse) ** 2 * np.sin(2.0 * np.pi * frequency_hz * time_s)
    spacing = int(_PULSE_SPACING * pulse)
    chirp = np.zeros(spacing * (cricket.pulses - 1) + pulse)
    for number in range(cricket.pulses):
        loudness = 0.7 + 0.3 * (number + 1) / cricket.pulses  # it grows louder as the wings open
        chirp[number * spacing : number * spacing + pulse] = loudness * wave
    return chirp.astype(np.float32)


def _magnitudes(key: int, time_s: Doubles) -> Doubles:
    """Magnitudes (blocks, bins): air, leaves and the far chorus as one noise, since their powers add."""
    air, leaves, chorus = _layers()
    leaves_db = 5.0 * value_noise_array(hash64(key, _LEAVES), time_s / 4.7)
    chorus_db = 2.0 * value_noise_array(hash64(key, _CHORUS), time_s / 6.1)
    air_db = 1.2 * value_noise_array(hash64(key, _AIR), time_s / 13.0)
    power = 10.0 ** (air_db / 10.0)[:, None] * air
    power += 10.0 ** (leaves_db / 10.0)[:, None] * leaves
    power += 10.0 ** (chorus_db / 10.0)[:, None] * chorus
    magnitudes: Doubles = np.sqrt(power)
    return magnitudes


@cache
def _layers() -> tuple[Doubles, Doubles, Doubles]:
    """Powers (bins,) of the air, the leaves and the chorus at their middle level."""
    air = 0.050**2 * corner_powers(-5.4, 70.0, 3500.0, _BINS)
    leaves = 0.010**2 * corner_powers(-3.0, 900.0, 5000.0, _BINS)
    chorus = 0.0029**2 * band_powers(np.array([4200.0]), 0.22, _BINS)[0]
    return air, leaves, chorus
