"""All that entries have done up to a position: tracks that were set, programme time, tuned stations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, TypeVar

import numpy as np

from dsp.base.grid import QUANTUM, RATE_HZ, quantum_start
from dsp.base.ramps import Doubles, Frames, Ramp, ramped, ramped_integral
from dsp.base.units import dyadic
from dsp.listen.entries import (
    BaseEntry,
    EndEntry,
    Entry,
    LoopEntry,
    ParamEntry,
    Passage,
    PauseEntry,
    PlayEntry,
    SeekEntry,
    Track,
    Tuning,
)
from dsp.listen.score import Score

_Faded = TypeVar("_Faded", Passage, Tuning)

LOOP_FADE: Final = 12_000
"""Frames of the crossfade at the seam of a loop."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Programme time = position + `frames`, coming in from `at` over `fade` frames."""

    frames: int
    at: int
    fade: int


@dataclass(frozen=True, slots=True)
class State:
    """The instance from position `start` on, until the next entry."""

    start: int
    values: Mapping[str, float | str]
    """Last value set at each address."""
    tracks: Mapping[str, Track]
    """Tracks that were set; the others follow the program."""
    passages: tuple[Passage, ...]
    tunings: tuple[Tuning, ...]


def opening(offsets: Mapping[str, int], start: int) -> State:
    """The state before any entry."""
    passage = Passage(at=start, to=0, fade=0, region=None)
    tuning = Tuning(at=start, fade=0, offsets=offsets)
    nothing: Mapping[str, Track] = MappingProxyType({})
    return State(start, MappingProxyType({}), nothing, (passage,), (tuning,))


def after(score: Score, state: State, entry: Entry) -> State:
    """The state from `entry` on."""
    match entry:
        case ParamEntry():
            return _set(score, state, entry)
        case SeekEntry():
            region = state.passages[-1].region
            kept = region if region is not None and entry.to < region[1] else None
            passage = Passage(entry.pos, entry.to, entry.fade, kept)
            return replace(state, start=entry.pos, passages=(*sounding(state.passages, entry.pos), passage))
        case LoopEntry():
            to = entry.pos + shift_at(state.passages, entry.pos)
            passage = Passage(entry.pos, to, entry.fade, entry.region)
            return replace(state, start=entry.pos, passages=(*sounding(state.passages, entry.pos), passage))
        case PlayEntry():
            if not entry.stations:
                return state
            offsets = MappingProxyType({**state.tunings[-1].offsets, **entry.stations})
            tuning = Tuning(entry.start, entry.fade, offsets)
            tunings = (*sounding(state.tunings, entry.start), tuning)
            return replace(state, start=entry.start, tunings=tunings)
        case BaseEntry():
            return State(entry.pos, entry.values, entry.tracks, entry.passages, entry.tunings)
        case PauseEntry() | EndEntry():
            return state


def sounding(items: tuple[_Faded, ...], pos: int) -> tuple[_Faded, ...]:
    """Those that are heard from the quantum of `pos` on: the last that is there whole, and all after it."""
    quantum = quantum_start(pos)
    first = max(i for i, item in enumerate(items) if i == 0 or item.at + item.fade <= quantum)
    return items[first:]


def _set(score: Score, state: State, entry: ParamEntry) -> State:
    tracks = dict(state.tracks)
    for name, value in entry.values.items():
        address = score.addresses[name]
        for track, target in address.targets(value):
            tracks[track] = _move(score, state, track, entry, target)
    values = MappingProxyType({**state.values, **entry.values})
    return replace(state, start=entry.pos, values=values, tracks=MappingProxyType(tracks))


def _move(score: Score, state: State, name: str, entry: ParamEntry, target: float) -> Track:
    """A track on its way to `target`; one that followed the program is frozen at its present value."""
    anchor = entry.pos
    old = state.tracks.get(name)
    if old is None:
        shift = shift_at(state.passages, entry.pos)
        base = dyadic(score.curves[name].value_at(entry.pos + shift))
        ramps: tuple[Ramp, ...] = ()
    else:
        done = [ramp for ramp in old.ramps if ramp.end <= anchor]
        base = old.base + sum(ramp.delta for ramp in done)
        ramps = tuple(ramp for ramp in old.ramps if ramp.end > anchor)
    delta = target - (base + sum(ramp.delta for ramp in ramps))
    if delta:
        ramps = (*ramps, Ramp(entry.pos, entry.ramp, delta))
    return Track(anchor, entry.phases.get(name, 0.0), base, ramps)


def track_value(score: Score, state: State, name: str, pos: Frames, shift: int) -> Doubles:
    """Value of a track at each position, programme time being position + `shift`."""
    track = state.tracks.get(name)
    if track is None:
        return score.curves[name].at(pos + shift)
    return ramped(track.base, track.ramps, pos)


def track_cycles(score: Score, state: State, name: str, pos: Frames, shift: int) -> Doubles:
    """Phase of a frequency track at each position, in cycles, not reduced."""
    track = state.tracks.get(name)
    if track is None:
        return score.curves[name].integral(pos + shift)
    return track.phase + ramped_integral(track.base, track.ramps, track.anchor, pos) / RATE_HZ


def cycles_at(score: Score, state: State, name: str, pos: int) -> float:
    """Phase (mod 1) of a track at `pos`, along the passage that `pos` is in."""
    shift = shift_at(state.passages, pos)
    cycles = float(track_cycles(score, state, name, np.array([pos], dtype=np.int64), shift)[0])
    return cycles % 1.0


def shifts_at(passages: tuple[Passage, ...], pos: int) -> tuple[Shift, ...]:
    """The ways from position to programme time that sound in the quantum of `pos`, oldest first.

    The first one is there whole; each later one comes in over its fade.
    """
    start = quantum_start(pos)
    found: list[Shift] = []
    for i, passage in enumerate(passages):
        until = min(passages[i + 1].at if i + 1 < len(passages) else start + QUANTUM, start + QUANTUM)
        for shift in _shifts_of(passage, start, until):
            if not found or shift.at + shift.fade <= start:
                found = [shift]
            elif shift.frames != found[-1].frames:
                found.append(shift)
    return tuple(found)


def shift_at(passages: tuple[Passage, ...], pos: int) -> int:
    """Programme time − position of the newest passage that has begun at `pos`."""
    shifts = shifts_at(passages, pos)
    begun = [shift.frames for shift in shifts if shift.at <= pos]
    return begun[-1] if begun else shifts[0].frames


def _shifts_of(passage: Passage, start: int, until: int) -> Iterator[Shift]:
    """A passage's own shift and those after its loop's turns that matter from `start` to `until`."""
    yield Shift(passage.to - passage.at, passage.at, passage.fade)
    if passage.region is None:
        return
    a, b = passage.region
    first = passage.at + max(b - passage.to, 0)
    to_first = a - first
    turns = (until - 1 - first) // (b - a)
    for turn in range(max(turns - 1, 0), turns + 1):
        at = first + turn * (b - a)
        if at + LOOP_FADE <= start and turn < turns:
            continue
        yield Shift(to_first - turn * (b - a), at, LOOP_FADE)


def crossfade_end(passages: tuple[Passage, ...], pos: int) -> int:
    """First position from `pos` on in whose quantum one passage sounds alone."""
    while len(shifts := shifts_at(passages, pos)) > 1:
        pos = quantum_start(shifts[-1].at + shifts[-1].fade + QUANTUM - 1)
    return pos
