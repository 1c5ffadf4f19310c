"""A soft drum kit: shots that are rendered once and added where a score has them."""

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import GRANULE, RATE_HZ
from dsp.base.keyed import gaussians, hash64, hash_text, uniform
from dsp.listen.sources.shaped_noise import Doubles, Stereo, ear_mix
from dsp.listen.sources.timbres import pan_gains

VARIANTS: Final = 4
"""Of each drum: the same one struck a little differently."""
_TAIL_S: Final = 0.008
_COMMON: Final = 0.35
"""Share of a noise that both ears have in common."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One hit of a score; time in frames of the station's clock."""

    onset: int
    drum: str
    variant: int
    gain: float
    pan: float = 0.0
    send: float = 0.0

    @property
    def end(self) -> int:
        """First frame after the hit."""
        return self.onset + int(wave(self.drum, self.variant).shape[1])


def add_shot(shot: Shot, start: int, dry: Stereo, send: NDArray[np.float32]) -> None:
    """Add what sounds of a hit in the granule from frame `start` to `dry` (2, 48000) and `send` (48000,)."""
    hit = wave(shot.drum, shot.variant)
    begin, end = max(shot.onset - start, 0), min(shot.onset - start + hit.shape[1], GRANULE)
    if begin >= end:
        return
    heard = hit[:, begin + start - shot.onset : end + start - shot.onset]
    heard = heard * (shot.gain * math.sqrt(0.5) * np.array(pan_gains(shot.pan))[:, None]).astype(np.float32)
    dry[:, begin:end] += heard
    if shot.send:
        send[begin:end] += np.float32(0.5 * shot.send) * (heard[0] + heard[1])


@cache
def wave(drum: str, variant: int) -> Stereo:
    """A drum (2, frames) before its gain."""
    key = hash64(hash_text(drum), variant)
    return _WAVES[drum](key).astype(np.float32)


def _kick(key: int) -> Doubles:
    """A sine that falls from 96 to 47 Hz."""
    time_s, low_hz, high_hz, sweep_s = (
        _times(0.8),
        46.0 + 3.0 * uniform(key),
        92.0 + 8.0 * uniform(key, 1),
        0.045,
    )
    cycles = low_hz * time_s + (high_hz - low_hz) * sweep_s * (1.0 - np.exp(-time_s / sweep_s))
    envelope = _with_edges(np.exp(-time_s / 0.13), attack_s=0.004)
    body = np.sin(2.0 * np.pi * cycles) * envelope
    body -= envelope * (body.sum() / envelope.sum())  # a hundred kicks a minute must not add up to a mean
    return np.tile(body, (2, 1))


def _snare(key: int) -> Doubles:
    """Brushed noise over a short tone."""
    time_s = _times(0.35)
    tone = 0.45 * np.sin(2.0 * np.pi * (185.0 * time_s + uniform(key))) * np.exp(-time_s / 0.06)
    noise = 0.5 * _noise(key, len(time_s), 900.0, 3800.0) * np.exp(-time_s / 0.055)
    return _with_edges(noise + tone, attack_s=0.002)


def _hat(key: int) -> Doubles:
    time_s = _times(0.15)
    noise = _noise(key, len(time_s), 5200.0, 9500.0) * np.exp(-time_s / 0.022)
    return _with_edges(noise, attack_s=0.0015)


def _shaker(key: int) -> Doubles:
    time_s = _times(0.16)
    hiss: Doubles = _noise(key, len(time_s), 3500.0, 7000.0) * np.sin(np.pi * time_s / 0.16) ** 3
    return hiss


def _thump(key: int) -> Doubles:
    """The felt and the key of a piano."""
    time_s = _times(0.17)
    noise = _noise(key, len(time_s), 90.0, 380.0) * np.exp(-time_s / 0.025)
    return _with_edges(noise, attack_s=0.006)


_WAVES: Final = {"kick": _kick, "snare": _snare, "hat": _hat, "shaker": _shaker, "thump": _thump}


def _times(length_s: float) -> Doubles:
    return np.arange(round(length_s * RATE_HZ)) / RATE_HZ


def _noise(key: int, frames: int, low_hz: float, high_hz: float) -> Doubles:
    """Noise (2, frames) of RMS 1 between two corners of the second order, its ears partly the same."""
    first, second = (gaussians(key, draw, frames).astype(np.float64) for draw in range(2))
    large, small = ear_mix(_COMMON)
    ears = np.stack([large * first + small * second, small * first + large * second])
    frequencies_hz = np.maximum(np.fft.rfftfreq(frames, 1.0 / RATE_HZ), 1.0)
    magnitude = 1.0 / np.sqrt(
        (1.0 + (low_hz / frequencies_hz) ** 4) * (1.0 + (frequencies_hz / high_hz) ** 4)
    )
    noise: Doubles = np.fft.irfft(np.fft.rfft(ears) * magnitude, frames)
    noise /= noise.std()
    return noise


def _with_edges(hit: Doubles, attack_s: float) -> Doubles:
    """With raised-cosine ends: no drum clicks."""
    attack, tail = round(attack_s * RATE_HZ), round(_TAIL_S * RATE_HZ)
    hit[..., :attack] *= 0.5 - 0.5 * np.cos(np.pi * (np.arange(attack) + 0.5) / attack)
    hit[..., -tail:] *= 0.5 + 0.5 * np.cos(np.pi * (np.arange(tail) + 0.5) / tail)
    return hit
