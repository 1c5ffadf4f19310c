"""Trajectories: keyframes with their values and running integrals in closed form.

Positions are whole frames, so distances to a keyframe are exact; integrals are in value × seconds
(cycles, when the value is a frequency in Hz), float64, from frame 0.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from dsp.base.grid import RATE_HZ
from dsp.base.ramps import Doubles, Frames, raised_cosine, raised_cosine_integral

Shape = Literal["hold", "linear", "exponential", "cosine"]
SHAPES: tuple[Shape, ...] = ("hold", "linear", "exponential", "cosine")


@dataclass(frozen=True, slots=True)
class Curve:
    """Keyframes at `frames` with `values`; `shapes[i]` is the way from keyframe i to i + 1."""

    frames: tuple[int, ...]
    values: tuple[float, ...]
    shapes: tuple[Shape, ...]
    areas: tuple[float, ...]
    """Integral from frame 0 to each keyframe, in value times seconds."""

    @property
    def is_constant(self) -> bool:
        """Whether the value never changes."""
        return all(value == self.values[0] for value in self.values)

    @property
    def start_value(self) -> float:
        """Value at and before the first keyframe."""
        return self.values[0]

    def at(self, pos: Frames) -> Doubles:
        """Value at each position."""
        return self._by_segment(pos, self._segment_value)

    def integral(self, pos: Frames) -> Doubles:
        """Integral from frame 0 to each position, in value × seconds."""
        return self._by_segment(pos, self._segment_integral)

    def value_at(self, pos: int) -> float:
        """Value at one position."""
        if len(self.values) == 1:
            return self.values[0]
        return float(self.at(np.array([pos], dtype=np.int64))[0])

    def segment_of(self, pos: int) -> int:
        """Index of the last keyframe at or before `pos`; −1 before the first."""
        return bisect_right(self.frames, pos) - 1

    def _by_segment(self, pos: Frames, evaluate: Callable[[int, Frames], Doubles]) -> Doubles:
        first, last = self.segment_of(int(pos[0])), self.segment_of(int(pos[-1]))
        if first == last:
            return evaluate(first, pos)
        index = np.searchsorted(np.asarray(self.frames), pos, side="right") - 1
        out = np.empty(pos.shape)
        for segment in range(first, last + 1):
            here = index == segment
            if here.any():
                out[here] = evaluate(segment, pos[here])
        return out

    def _segment_value(self, segment: int, pos: Frames) -> Doubles:
        if segment < 0 or segment == len(self.values) - 1:
            return np.full(pos.shape, self.values[max(segment, 0)])
        start, end = self.frames[segment], self.frames[segment + 1]
        low, high = self.values[segment], self.values[segment + 1]
        shape = self.shapes[segment]
        if shape == "hold" or low == high:
            return np.full(pos.shape, low)
        if shape == "cosine":
            return low + (high - low) * raised_cosine(pos, start, end - start)
        share = (pos - start) / (end - start)
        if shape == "linear":
            return low + (high - low) * share
        return low * np.exp(math.log(high / low) * share)

    def _segment_integral(self, segment: int, pos: Frames) -> Doubles:
        if segment < 0:
            return self.values[0] * pos / RATE_HZ
        start = self.frames[segment]
        area = self.areas[segment]
        if segment == len(self.values) - 1:
            return area + self.values[segment] * (pos - start) / RATE_HZ
        length = self.frames[segment + 1] - start
        low, high = self.values[segment], self.values[segment + 1]
        return area + _rise(self.shapes[segment], low, high, length, pos, start) / RATE_HZ


def _rise(shape: Shape, low: float, high: float, length: int, pos: Frames, start: int) -> Doubles:
    """Integral of one segment from its start to each position, in value × frames."""
    offset = (pos - start).astype(np.float64)
    if shape == "hold" or low == high:
        return low * offset
    if shape == "linear":
        return low * offset + (0.5 * (high - low) / length) * (offset * offset)
    if shape == "cosine":
        return low * offset + (high - low) * raised_cosine_integral(pos, start, length)
    rate = math.log(high / low)
    return (low * length / rate) * np.expm1(rate * (offset / length))


def curve(points: Sequence[tuple[int, float, Shape]]) -> Curve:
    """Curve through `(frame, value, shape of the way that ends there)`, frames strictly rising."""
    frames = tuple(point[0] for point in points)
    values = tuple(point[1] for point in points)
    shapes = tuple(point[2] for point in points[1:])
    areas = [values[0] * frames[0] / RATE_HZ]
    for i, shape in enumerate(shapes):
        end = np.array([frames[i + 1]], dtype=np.int64)
        rise = _rise(shape, values[i], values[i + 1], frames[i + 1] - frames[i], end, frames[i])
        areas.append(areas[-1] + float(rise[0]) / RATE_HZ)
    return Curve(frames, values, shapes, tuple(areas))


def constant(value: float) -> Curve:
    """Curve that always has one value."""
    return Curve((0,), (value,), (), (0.0,))
