"""Fades and the end of a listening, as points (frame, gain) with raised cosines between them.

A new envelope equals the former one before the frame from which it was asked. Where that frame lies inside a
fade, its list begins there: before its first point the former envelope holds.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Points = tuple[tuple[int, float], ...]

RISE_FRAMES = 48_000
"""An extension during the last fade comes back to full gain in one second."""


def opening(start: int, end: int, fade_in: int, fade_out: int) -> Points:
    """From silence to full gain, and back to silence on `end`; fades that do not fit shrink in proportion."""
    length = end - start
    together = fade_in + fade_out
    if together > length:
        fade_in = length * fade_in // together
        fade_out = length - fade_in
    return _distinct([(start, 0.0), (start + fade_in, 1.0), (end - fade_out, 1.0), (end, 0.0)])


def gain_at(points: Sequence[tuple[int, float]], pos: int) -> float:
    """The gain on one frame; constant outside the points."""
    if pos <= points[0][0]:
        return points[0][1]
    for (left, gain), (right, target) in itertools.pairwise(points):
        if pos < right:
            share = 0.5 - 0.5 * math.cos(math.pi * (pos - left) / (right - left))
            return gain + (target - gain) * share
    return points[-1][1]


def ending(points: Points, at: int, end: int, fade_out: int) -> Points:
    """The former envelope before `at`; then full gain (within 1 s), and down to silence on `end`."""
    before, gain = _before(points, at)
    rise = 0 if gain == 1.0 else min(RISE_FRAMES, max(end - at, 1))
    top = at + rise
    return _distinct([*before, (at, gain), (top, 1.0), (max(end - fade_out, top), 1.0), (end, 0.0)])


def finishing(points: Points, at: int, end: int) -> Points:
    """The former envelope before `at`; then down to silence on `end`, from whatever gain there is."""
    before, gain = _before(points, at)
    return _distinct([*before, (at, gain), (end, 0.0)])


def _before(points: Points, at: int) -> tuple[list[tuple[int, float]], float]:
    """The points that can be kept before `at`, and the gain there; none can where a fade is under way."""
    gain = gain_at(points, at)
    earlier = [point for point in points if point[0] <= at]
    later = [point for point in points if point[0] > at]
    is_level = not earlier or not later or earlier[-1][1] == later[0][1]
    return (earlier if is_level else []), gain


def _distinct(points: list[tuple[int, float]]) -> Points:
    """Points at rising positions: of several on one frame the last, of a level line the ends."""
    last: dict[int, float] = {}
    for pos, gain in points:
        last.pop(pos, None)
        last[pos] = gain
    kept: list[tuple[int, float]] = []
    for point in sorted(last.items()):
        if len(kept) >= 2 and kept[-2][1] == kept[-1][1] == point[1]:
            kept.pop()
        kept.append(point)
    return tuple(kept)
