"""Space as a finite impulse response: exact from any second on, because nothing is older than its length."""

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import GRANULE, RATE_HZ
from dsp.base.keyed import gaussians, hash64, uniform
from dsp.listen.sources.shaped_noise import ear_mix

TRANSFORM: Final = 180_000
"""Frames of the convolution of one granule: 48,000 plus the longest response fit."""
TAIL_GRANULES: Final = 3
# centre in Hz of each band of the tail, its length against the whole, and how its ears correlate: as much as
# two points 15 cm apart in a diffuse field do (Cook et al. 1955), so that low notes do not fade in mono
_BANDS: Final = (
    (100.0, 1.05, 0.99),
    (250.0, 1.1, 0.92),
    (600.0, 1.0, 0.6),
    (1400.0, 0.85, 0.2),
    (3000.0, 0.62, 0.1),
    (6000.0, 0.4, 0.0),
)
_ONSET_S: Final = 0.06
_FADE_S: Final = 0.25
_TAPS: Final = 7
_TAIL, _TAP_PLACES, _TAP_SIGNS = range(3)


@dataclass(frozen=True, slots=True)
class Room:
    """A stereo space."""

    key: int
    length_s: float
    rt60_s: float
    pre_delay_s: float
    low_cut_hz: float
    high_cut_hz: float


def convolve(room: Room, send: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a granule of mono send (48000,) sounds like from its start on, (2, 180000)."""
    spectrum = np.fft.rfft(send, TRANSFORM) * _response_spectrum(room)
    return np.fft.irfft(spectrum, TRANSFORM).astype(np.float32, copy=False)


@lru_cache(maxsize=16)
def _response_spectrum(room: Room) -> NDArray[np.complex64]:
    return np.fft.rfft(impulse_response(room), TRANSFORM).astype(np.complex64)


def impulse_response(room: Room) -> NDArray[np.float64]:
    """The response (2, frames) of unit energy per ear; with the granule it fits the transform."""
    frames = int(room.length_s * RATE_HZ)
    delay = int(room.pre_delay_s * RATE_HZ)
    response = np.zeros((2, frames))
    response[:, delay:] = _tail(room, frames - delay)
    response /= np.sqrt(np.sum(response**2, axis=1, keepdims=True))
    _add_taps(response, room.key, delay)
    response = _cut(response, room.low_cut_hz, room.high_cut_hz)
    fade = int(_FADE_S * RATE_HZ)
    response[:, -fade:] *= 0.5 + 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / fade)
    unit: NDArray[np.float64] = response / np.sqrt(np.sum(response**2, axis=1, keepdims=True))
    return unit


def _tail(room: Room, frames: int) -> NDArray[np.float64]:
    """Noise in six bands, each dying at its own rate, swelling in the first 60 ms."""
    time_s = np.arange(frames) / RATE_HZ
    frequencies_hz = np.fft.rfftfreq(frames, 1.0 / RATE_HZ).astype(np.float64)
    masks = _band_masks(frequencies_hz)
    key = hash64(room.key, _TAIL)
    first, second = (np.fft.rfft(gaussians(key, draw, frames).astype(np.float64)) for draw in range(2))
    tail = np.zeros((2, frames))
    for mask, (_, share, correlation) in zip(masks, _BANDS, strict=True):
        large, small = ear_mix(correlation)
        decay = np.exp(-6.91 * time_s / (room.rt60_s * share))  # 60 dB are a factor of e^6.91
        tail[0] += np.fft.irfft((large * first + small * second) * mask, frames) * decay
        tail[1] += np.fft.irfft((small * first + large * second) * mask, frames) * decay
    ramp: NDArray[np.float64] = np.minimum(time_s / _ONSET_S, 1.0) ** 0.7
    return tail * ramp


def _band_masks(frequencies_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Masks (bands, bins) that sum to 1, crossing over as raised cosines of log frequency between centres."""
    logs = np.log(np.maximum(frequencies_hz, 1.0))
    centres = np.log([centre for centre, *_ in _BANDS])
    steps = [
        0.5 - 0.5 * np.cos(np.pi * np.clip((logs - low) / (high - low), 0.0, 1.0))
        for low, high in pairwise(centres)
    ]
    return -np.diff(np.stack([np.ones_like(logs), *steps, np.zeros_like(logs)]), axis=0)


def _add_taps(response: NDArray[np.float64], key: int, delay: int) -> None:
    """Early reflections, 4 to 50 ms after the first arrival, other ones for each ear."""
    for ear in range(2):
        for tap in range(_TAPS):
            place_s = 0.004 + 0.046 * (tap + uniform(key, _TAP_PLACES, ear, tap)) / _TAPS
            sign = math.copysign(1.0, uniform(key, _TAP_SIGNS, ear, tap) - 0.5)
            response[ear, delay + int(place_s * RATE_HZ)] += sign * 0.16 * 0.85**tap


def _cut(response: NDArray[np.float64], low_hz: float, high_hz: float) -> NDArray[np.float64]:
    """With a second-order low cut and a first-order high cut, as magnitudes."""
    frames = response.shape[1]
    frequencies_hz = np.maximum(np.fft.rfftfreq(frames, 1.0 / RATE_HZ), 1e-3)
    magnitude = 1.0 / np.sqrt(
        (1.0 + (low_hz / frequencies_hz) ** 4) * (1.0 + (frequencies_hz / high_hz) ** 2)
    )
    return np.fft.irfft(np.fft.rfft(response) * magnitude, frames)


def wet_frames(convolved: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """The wet granule (2, 48000) from the convolutions of itself and the granules before it, newest first."""
    wet = convolved[0][:, :GRANULE].copy()
    for age, tail in enumerate(convolved[1:], 1):
        here = tail[:, age * GRANULE : (age + 1) * GRANULE]
        wet[:, : here.shape[1]] += here
    return wet
