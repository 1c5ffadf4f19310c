"""How a track behaves in a quantum: straight, bent, or too quick for the batched arithmetic.

What is found for a quantum depends on the state and that quantum alone, never on who asked first,
so that the choice of arithmetic is part of the sound's definition.
"""

import math
from dataclasses import dataclass
from typing import Final

from dsp.base.curves import Curve
from dsp.base.grid import QUANTUM, RATE_HZ
from dsp.listen.instance import Instance
from dsp.listen.state import State

FOREVER: Final = 2**53
MOST_HZ_PER_QUANTUM: Final = 0.25
"""Faster glides leave the first-order correction inside a sub-block."""
MOST_HZ_PER_S2: Final = 0.25
"""More curved glides leave the parabola of phase through a quantum."""
LEAST_FADE_FRAMES: Final = 10 * RATE_HZ
"""A gain that moves more quickly is drawn frame by frame."""


@dataclass(frozen=True, slots=True)
class Straight:
    """A value that stands still or moves on a straight line; of a frequency also its cycles."""

    value: float
    """At position `origin`."""
    slope: float
    """Change of the value in a second."""
    cycles: float
    """At position `origin`."""
    origin: int
    until: int
    """First quantum of which this is not known."""

    @property
    def is_still(self) -> bool:
        """Whether the value never changes."""
        return self.slope == 0.0


@dataclass(frozen=True, slots=True)
class Bent:
    """The program's own curve moves the track a little in each quantum, but not on a straight line."""

    until: int


@dataclass(frozen=True, slots=True)
class Quick:
    """Only the direct arithmetic will do."""

    until: int


Behaviour = Straight | Bent | Quick


def behaviour(instance: Instance, state: State, track: str, quantum: int, shift: int) -> Behaviour:
    """How `track` behaves in `quantum`, and until which quantum."""
    start = quantum * QUANTUM
    was_set = state.tracks.get(track)
    if was_set is None:
        return _of_curve(instance.score.curves[track], start + shift, quantum, shift)
    over = max((ramp.end for ramp in was_set.ramps), default=was_set.anchor)
    if over > start:
        return Quick(-(-over // QUANTUM))
    value = was_set.base + sum(ramp.delta for ramp in was_set.ramps)
    if not was_set.ramps:
        return Straight(value, 0.0, was_set.phase, was_set.anchor, FOREVER)
    # what the ramps have added up to by their end, from the anchor on: each is over at `over`
    area = was_set.base * (over - was_set.anchor) + sum(
        ramp.delta * _area(ramp.at, ramp.frames, was_set.anchor, over) for ramp in was_set.ramps
    )
    return Straight(value, 0.0, was_set.phase + area / RATE_HZ, over, FOREVER)


def _area(at: int, frames: int, anchor: int, over: int) -> float:
    """∫ of a raised cosine from `anchor` to `over`, which lies behind its end (see `ramps`)."""
    begun = min(max(anchor - at, 0), frames)
    before = 0.5 * begun - (0.5 * frames / math.pi) * math.sin(math.pi * begun / frames)
    return over - at - 0.5 * frames - before


def _of_curve(curve: Curve, time: int, quantum: int, shift: int) -> Behaviour:
    """Behaviour of a curve in the quantum that begins at programme frame `time`."""
    segment = curve.segment_of(time)
    last = len(curve.values) - 1
    end = curve.frames[segment + 1] if segment < last else None
    if end is not None and end < time + QUANTUM:
        return Quick(quantum + 1)
    until = FOREVER if end is None else (end - shift) // QUANTUM
    here = max(segment, 0)
    low = curve.values[here]
    if segment in {-1, last} or curve.shapes[here] == "hold" or curve.values[here + 1] == low:
        return Straight(low, 0.0, curve.areas[here], curve.frames[here] - shift, until)
    return _of_segment(curve, here, shift, until)


def _of_segment(curve: Curve, segment: int, shift: int, until: int) -> Behaviour:
    """Behaviour in a segment that moves; what a parabola of phase cannot follow is too quick."""
    low, high = curve.values[segment], curve.values[segment + 1]
    frames = curve.frames[segment + 1] - curve.frames[segment]
    seconds = frames / RATE_HZ
    shape = curve.shapes[segment]
    if shape == "linear":
        slope, bend = abs(high - low) / seconds, 0.0
    elif shape == "cosine":
        slope = 0.5 * math.pi * abs(high - low) / seconds
        bend = 0.5 * abs(high - low) * (math.pi / seconds) ** 2
    else:
        rate = abs(math.log(high / low)) / seconds
        most = max(abs(low), abs(high))
        slope, bend = most * rate, most * rate * rate
    if slope * QUANTUM / RATE_HZ > MOST_HZ_PER_QUANTUM or bend > MOST_HZ_PER_S2 or frames < LEAST_FADE_FRAMES:
        return Quick(until)
    if shape == "linear":
        origin = curve.frames[segment] - shift
        return Straight(low, (high - low) / seconds, curve.areas[segment], origin, until)
    return Bent(until)
