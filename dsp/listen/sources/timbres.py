"""Timbres as sums of partials: what a note of a given pitch and brightness is made of."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import RATE_HZ
from dsp.base.keyed import hash64, uniform

BRIGHTEST: Final = 7
_EAR_SPREAD: Final = (0.7, 1.4)
"""Radians between the ears. Below `_WIDE_FROM_HZ` they shrink with frequency, as a head's delay does: low
partials carry the energy, and in mono they must not fade."""
_WIDE_FROM_HZ: Final = 700.0
_DETUNE, _PHASE, _EARS = range(3)


@dataclass(frozen=True, slots=True, eq=False)
class Timbre:
    """Partials of one pitch: y(t) = Re Σ ears·exp((−decay + j2π·turns)·t), t in frames."""

    turns: NDArray[np.uint64]
    """Frequency of each partial in 2^-64 cycles per frame: exact however long the clock has run."""
    decays: NDArray[np.float64]
    """Per frame; all 0 for a sustained timbre."""
    ears: NDArray[np.complex128]
    """Amplitude and phase (2, partials)."""

    @property
    def is_sustained(self) -> bool:
        """Whether the timbre takes its phase from the absolute clock."""
        return not self.decays.any()


def midi_hz(note: float) -> float:
    """Equal temperament, A4 = 440 Hz."""
    return 440.0 * math.exp2((note - 69.0) / 12.0)


def pan_gains(pan: float) -> tuple[float, float]:
    """Left and right gains of constant power for −1…1, 1 and 1 in the middle."""
    angle = math.pi / 4.0 * (1.0 + max(-1.0, min(1.0, pan)))
    return math.sqrt(2.0) * math.cos(angle), math.sqrt(2.0) * math.sin(angle)


@lru_cache(maxsize=256)
def pad(key: int, note: int, brightness: int) -> Timbre:
    """Three copies, detuned and spread, of a soft rounded sawtooth."""
    corner_hz = 700.0 + 1900.0 * brightness / BRIGHTEST
    base_hz = midi_hz(note)
    count = min(16, int(6500.0 / base_hz))
    partials = []
    for copy, (cents, pan) in enumerate(((-6.0, -0.75), (0.7, 0.0), (5.2, 0.75))):
        detune = cents + 1.5 * (2.0 * uniform(key, note, _DETUNE, copy) - 1.0)
        copy_hz = base_hz * 2.0 ** (round(detune, 2) / 1200.0)
        for number in range(1, count + 1):
            amplitude = number**-0.95 * (1.0 + (number * copy_hz / corner_hz) ** 2) ** -0.6
            partials.append((number * copy_hz, amplitude * (1.0 if number % 2 else 0.8), 0.0, pan))
    return _timbre(hash64(key, note), partials)


@lru_cache(maxsize=64)
def sub(key: int, note: int) -> Timbre:
    """A sine with a little of its octave, for the root below the chord."""
    base_hz = midi_hz(note)
    amplitudes = (1.0, 0.32, 0.12, 0.05)
    return _timbre(hash64(key, note), [(n * base_hz, a, 0.0, 0.0) for n, a in enumerate(amplitudes, 1)])


@lru_cache(maxsize=64)
def bell(key: int, note: int, brightness: int) -> Timbre:
    """A soft bell; its split partials beat slowly."""
    base_hz = midi_hz(note)
    bright = brightness / BRIGHTEST
    ratios = (1.0, 1.0015, 2.0, 2.003, 3.0, 4.01, 5.02)
    amplitudes = (0.6, 0.5, 0.16, 0.13, 0.05, 0.03 * bright, 0.015 * bright)
    decays = (0.6, 0.55, 1.0, 0.94, 1.8, 2.9, 4.4)
    rows = zip(ratios, amplitudes, decays, strict=True)
    return _timbre(hash64(key, note), [(ratio * base_hz, a, decay, 0.0) for ratio, a, decay in rows])


@lru_cache(maxsize=64)
def bass(key: int, note: int, brightness: int) -> Timbre:
    """A soft plucked bass."""
    base_hz = midi_hz(note)
    open_ = 0.4 + 0.6 * brightness / BRIGHTEST
    amplitudes = (1.0, *(a * open_ for a in (0.45, 0.22, 0.10, 0.05, 0.02)))
    rows = [(k * base_hz, a, 0.9 + 0.5 * (k - 1), 0.0) for k, a in enumerate(amplitudes, 1)]
    return _timbre(hash64(key, note), rows)


@lru_cache(maxsize=256)
def drone(key: int, slot: int, base_hz: float, brightness: int) -> Timbre:
    """A dark sustained tone of two copies, of unequal weight: equal ones would beat to silence."""
    corner_hz = 500.0 + 800.0 * brightness / BRIGHTEST
    partials = []
    for cents, weight, pan in ((-0.9, 1.0, -0.35), (1.6, 0.42, 0.75)):
        copy_hz = base_hz * 2.0 ** (cents / 1200.0)
        for k in range(1, min(10, int(2600.0 / base_hz)) + 1):
            amplitude = weight * k**-1.5 * (1.0 + (k * copy_hz / corner_hz) ** 2) ** -0.5
            partials.append((k * copy_hz, amplitude, 0.0, pan))
    return _timbre(hash64(key, slot), partials)


@lru_cache(maxsize=256)
def tine(key: int, note: int, brightness: int, cents: int) -> Timbre:
    """An electric piano: a tine with a bell on top; `cents` for a tape that wanders."""
    base_hz = midi_hz(note + cents / 100.0)
    v = brightness / BRIGHTEST
    ratios = (1.0, 1.0006, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)
    amplitudes = (0.7, 0.3, 0.42, 0.18 + 0.2 * v, 0.08 + 0.14 * v, 0.04 + 0.08 * v, 0.02 + 0.03 * v)
    decays = (1.0, 0.6, 1.8, 3.2, 4.5, 6.0, 8.0, 14.0)
    speed = 0.58 * 2.0 ** ((note - 60) / 24.0)
    rows = zip(ratios, (*amplitudes, 0.01 + 0.03 * v), decays, strict=True)
    return _timbre(
        hash64(key, note),
        [(r * base_hz, a * _rounded(r * base_hz, 3000.0), decay * speed, 0.0) for r, a, decay in rows],
    )


@lru_cache(maxsize=256)
def mallet(key: int, note: int, brightness: int) -> Timbre:
    """A soft mallet on wood."""
    base_hz = midi_hz(note)
    v = brightness / BRIGHTEST
    amplitudes = (1.0, 0.1 + 0.1 * v, 0.1 + 0.18 * v, 0.03 * v, 0.02 * v)
    speed = 2.0 ** ((note - 64) / 20.0)
    rows = zip((1.0, 2.0, 3.98, 5.0, 9.8), amplitudes, (2.6, 4.0, 9.0, 12.0, 26.0), strict=True)
    return _timbre(
        hash64(key, note),
        [(r * base_hz, a * _rounded(r * base_hz, 2500.0), decay * speed, 0.0) for r, a, decay in rows],
    )


@lru_cache(maxsize=256)
def felt_piano(key: int, note: int, brightness: int) -> Timbre:
    """A piano with felt on its strings: two of them, stiff, one dying sooner than the other."""
    base_hz = midi_hz(note)
    corner_hz = 1100.0 + 3300.0 * brightness / BRIGHTEST
    stiffness = 4e-4 * 2.0 ** (0.85 * (note - 60) / 12.0)
    slowest = 0.5 * 2.0 ** ((note - 60) / 16.0)
    string: list[tuple[float, float, float]] = []
    for k in range(1, min(24, int(7000.0 / base_hz)) + 1):
        frequency_hz = k * base_hz * math.sqrt(1.0 + stiffness * k * k)
        hammer = 0.25 + abs(math.sin(math.pi * k / 8.3))
        amplitude = k**-0.6 * math.exp(-frequency_hz / corner_hz) * hammer
        string.append((frequency_hz, amplitude, slowest * (1.0 + 0.22 * (k - 1) + 0.004 * (k - 1) ** 2)))
    energy = math.sqrt(sum(amplitude**2 for _, amplitude, _ in string))
    strings = ((1.0, 0.75, 1.9), (2.0 ** (0.6 / 1200.0), 0.35, 0.55))
    return _timbre(
        hash64(key, note),
        [
            (f * ratio, a * weight / energy, d * pace, 0.0)
            for ratio, weight, pace in strings
            for f, a, d in string
        ],
    )


def _rounded(frequency_hz: float, corner_hz: float) -> float:
    """Magnitude of a first-order low-pass."""
    return float((1.0 + (frequency_hz / corner_hz) ** 2) ** -0.5)


def _timbre(key: int, partials: list[tuple[float, float, float, float]]) -> Timbre:
    """From rows of frequency in Hz, amplitude, decay per second and pan.

    Each partial has one keyed phase in both ears but for a small keyed difference, so that a note is wide in
    stereo and whole in mono.
    """
    ears = np.empty((2, len(partials)), np.complex128)
    least, most = _EAR_SPREAD
    for number, (frequency_hz, amplitude, _, pan) in enumerate(partials):
        phase = 2.0 * math.pi * uniform(key, _PHASE, number)
        spread = least + (most - least) * uniform(key, _EARS, number)
        spread *= min(1.0, frequency_hz / _WIDE_FROM_HZ)
        side = spread / 2.0 if number % 2 else -spread / 2.0
        left, right = pan_gains(pan)
        ears[0, number] = amplitude * left / math.sqrt(2.0) * np.exp(1j * (phase + side))
        ears[1, number] = amplitude * right / math.sqrt(2.0) * np.exp(1j * (phase - side))
    turns = [round(frequency_hz / RATE_HZ * 2.0**64) for frequency_hz, *_ in partials]
    decays = [decay / RATE_HZ for _, _, decay, _ in partials]
    return Timbre(np.array(turns, np.uint64), np.array(decays), ears)
