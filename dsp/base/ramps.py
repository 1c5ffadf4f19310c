"""Raised-cosine ramps and their running integrals, in closed form.

A value that is moved several times is `v0 + Σ delta_i · rc_i`; because targets are dyadic rationals
(`units.dyadic`), ramps that are over add up exactly and dropping them changes no bit.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.int64]
Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ramp:
    """A change of `delta` over `frames` frames from position `at`."""

    at: int
    frames: int
    delta: float

    @property
    def end(self) -> int:
        """First position at which the whole change is there."""
        return self.at + self.frames


def raised_cosine(pos: Frames, at: int, frames: int) -> Doubles:
    """Share of a ramp that is done at each position: exactly 0 before it, exactly 1 after it."""
    share = np.clip((pos - at) / frames, 0.0, 1.0)
    return 0.5 - 0.5 * np.cos(np.pi * share)


def raised_cosine_integral(pos: Frames, at: int, frames: int) -> Doubles:
    """∫ of `raised_cosine` from −∞ to each position, in frames: x/2 − (R/2π)·sin(πx/R), then x − R/2."""
    offset = (pos - at).astype(np.float64)
    inside = np.clip(offset, 0.0, float(frames))
    wave = (0.5 * frames / np.pi) * np.sin(np.pi * (inside / frames))
    return np.where(
        offset >= frames,
        offset - 0.5 * frames,
        np.where(offset <= 0.0, 0.0, 0.5 * inside - wave),
    )


def ramped(base: float, ramps: Iterable[Ramp], pos: Frames) -> Doubles:
    """Value at each position of `base` moved by `ramps`, added in their order."""
    value = np.full(pos.shape, base)
    for ramp in ramps:
        value += ramp.delta * raised_cosine(pos, ramp.at, ramp.frames)
    return value


def ramped_integral(base: float, ramps: Iterable[Ramp], anchor: int, pos: Frames) -> Doubles:
    """∫ of `ramped` from `anchor` to each position, in units of value × frames."""
    start = np.array([anchor], dtype=np.int64)
    total: Doubles = base * (pos - anchor).astype(np.float64)
    for ramp in ramps:
        before = raised_cosine_integral(start, ramp.at, ramp.frames)[0]
        total += ramp.delta * (raised_cosine_integral(pos, ramp.at, ramp.frames) - before)
    return total
