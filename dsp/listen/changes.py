"""Changes of an instance while it plays: each makes the entry that records it.

What changes samples is moved behind what was changed last, so the entry's `pos` may lie after `at`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from dsp.base.grid import quantum_start
from dsp.listen.addresses import Address
from dsp.listen.entries import (
    EndEntry,
    Entry,
    Json,
    LoopEntry,
    ParamEntry,
    PauseEntry,
    PlayEntry,
    SeekEntry,
)
from dsp.listen.guard import LOOKAHEAD
from dsp.listen.instance import Instance, check_value
from dsp.listen.program import ProgramError
from dsp.listen.state import State, crossfade_end, cycles_at

LEAST_RAMP: Final = 480
MOST_RAMP: Final = 480_000
SEEK_FADE: Final = 12_000
STATION_FADE: Final = 96_000


@dataclass(frozen=True, slots=True)
class Change:
    """A changed instance and the entry that changed it."""

    instance: Instance
    entry: Json
    from_pos: int | None
    """First frame that sounds different, look-ahead included; None when no sample changes."""
    clamped: Mapping[str, float | str]
    """Values that were moved into their range."""


def param_change(instance: Instance, at: int, patch: Mapping[str, float | str], ramp_frames: int) -> Change:
    """New values from `at` on, by raised cosines; raises ProgramError with the address that is wrong."""
    if not patch:
        raise ProgramError("p", "must name at least one parameter")
    values: dict[str, float | str] = {}
    clamped: dict[str, float | str] = {}
    for name, value in patch.items():
        address = instance.score.addresses.get(name)
        if address is None:
            raise ProgramError(name, "is not a parameter of this program")
        values[name] = _within(address, value)
        if values[name] != value:
            clamped[name] = values[name]
    addresses = [instance.score.addresses[name] for name in values]
    pos = _free_pos(instance, _behind(instance, at), addresses)
    state = instance.states[instance.state_index(pos)]
    phases = {
        track: cycles_at(instance.score, state, track, pos)
        for address in addresses
        if address.bends_phase
        for track, _ in address.tracks
    }
    ramp = min(max(ramp_frames, LEAST_RAMP), MOST_RAMP)
    entry = ParamEntry(pos, MappingProxyType(values), ramp, MappingProxyType(phases))
    return _change(instance, entry, clamped)


def seek_change(instance: Instance, at: int, to: int, fade_frames: int = SEEK_FADE) -> Change:
    """Programme time `to` (frames) from `at` on; tones, ramps and schedule move, stations go on."""
    return _change(instance, SeekEntry(_behind(instance, at), to, fade_frames))


def loop_change(
    instance: Instance, at: int, a: int | None, b: int | None, fade_frames: int = SEEK_FADE
) -> Change:
    """Loop programme time from a to b (frames); None and None end the loop."""
    if (a is None) != (b is None):
        raise ProgramError("b", "and a must be given together")
    region = (a, b) if a is not None and b is not None else None
    return _change(instance, LoopEntry(_behind(instance, at), region, fade_frames))


def pause_change(instance: Instance, at: int) -> Change:
    """Fall to silence from exactly `at`."""
    return _change(instance, PauseEntry(at))


def play_change(
    instance: Instance, at: int, live_frame: int | None = None, splice_at: int | None = None
) -> Change:
    """Rise from exactly `at`; with `live_frame`, stations go over to live from `splice_at` (or `at`) on."""
    if live_frame is None or not instance.stations:
        return _change(instance, PlayEntry(at, MappingProxyType({}), at, 1))
    start = _behind(instance, at if splice_at is None else splice_at)
    offset = quantum_start(live_frame - at)
    offsets = MappingProxyType(dict.fromkeys(instance.stations, offset))
    return _change(instance, PlayEntry(at, offsets, start, STATION_FADE))


def end_change(
    instance: Instance, at: int, rev: int, end_pos: int | None, gain_env: Sequence[tuple[int, float]]
) -> Change:
    """A new envelope; it changes no rendered sample."""
    return _change(instance, EndEntry(at, rev, end_pos, tuple(gain_env)))


def _change(instance: Instance, entry: Entry, clamped: Mapping[str, float | str] | None = None) -> Change:
    record = entry.to_json()
    # through the reader, so that a change is refused for the same reasons here and where it is replayed
    changed = instance.with_entry(record)
    before = instance.states[instance.state_index(entry.sounds_from)]
    is_silent = changed.states[changed.state_index(entry.sounds_from)] is before
    return Change(changed, record, None if is_silent else entry.sounds_from - LOOKAHEAD, clamped or {})


def _within(address: Address, value: float | str) -> float | str:
    """The value moved into its range; raises if it is of the wrong kind."""
    check_value(address.spec, value, address.spec.address)
    return value if isinstance(value, str) else address.spec.clamp(float(value))


def _behind(instance: Instance, at: int) -> int:
    """`at`, or the newest entry's place if that is later: phases are folded in this order."""
    return max(at, instance.timeline[-1].sounds_from) if instance.timeline else at


def _free_pos(instance: Instance, pos: int, addresses: Sequence[Address]) -> int:
    """A track that leaves the program cannot do so at two programme times at once: wait for a crossfade."""
    state = instance.states[instance.state_index(pos)]
    if any(_leaves_program(instance, state, address) for address in addresses):
        return crossfade_end(state.passages, pos)
    return pos


def _leaves_program(instance: Instance, state: State, address: Address) -> bool:
    return any(
        track not in state.tracks and (address.bends_phase or not instance.score.curves[track].is_constant)
        for track, _ in address.tracks
    )
