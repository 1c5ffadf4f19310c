"""What an instance knows of itself at a position: values, programme time, and how old entries are folded."""

from collections.abc import Sequence
from typing import Final

from dsp.base.grid import QUANTUM, RATE_HZ, quantum_start
from dsp.listen.entries import BaseEntry, EndEntry, Entry, Json, ParamEntry, PauseEntry
from dsp.listen.instance import Instance
from dsp.listen.play import PAUSE_RAMP, newest_end
from dsp.listen.program import ToneLayer
from dsp.listen.state import shift_at, sounding

KEPT_FRAMES: Final = 60 * RATE_HZ
"""Entries younger than this stay single."""
MOST_BYTES: Final = 40 * 1024
LEAST_FOLDED: Final = 8
"""Fewer old entries than this are left alone, so that not every change sends a base."""
_NEAREST: Final = 5 * QUANTUM
"""A base stays this far behind the playhead: the guard looks back 40 ms."""


def is_binaural(instance: Instance) -> bool:
    """Whether a binaural layer is heard, now or by the program's own course; one that fades away is not."""
    state = instance.states[-1]
    for layer in instance.program.layers:
        if isinstance(layer, ToneLayer) and layer.kind == "binaural":
            track = state.tracks.get(f"{layer.name}.level")
            levels = instance.score.curves[f"{layer.name}.level"].values
            if any(levels) if track is None else track.base + sum(ramp.delta for ramp in track.ramps):
                return True
    return False


def values_at(instance: Instance, pos: int) -> dict[str, float | str]:
    """Each parameter's value: the one set last, else where the program is at `pos`."""
    state = instance.states[instance.state_index(pos)]
    shift = shift_at(state.passages, pos)
    values: dict[str, float | str] = {}
    for name, address in instance.score.addresses.items():
        if name in state.values:
            values[name] = state.values[name]
        elif address.spec.choices is not None:
            values[name] = address.spec.default
        else:
            track, factor = address.tracks[0]
            held = instance.score.curves[track].value_at(pos + shift) / factor
            values[name] = round(address.scale.from_track(held), 9)
    return values


def media_map(instance: Instance, pos: int) -> list[list[float]]:
    """[pos, programme frame, rate] of the passage that plays at `pos`, and of the next turn of its loop."""
    passages = instance.states[instance.state_index(pos)].passages
    rows: list[list[float]] = [[pos, pos + shift_at(passages, pos), 1]]
    region = passages[-1].region
    if region is not None and rows[0][1] < region[1]:
        rows.append([pos + region[1] - rows[0][1], region[0], 1])
    return rows


def fold(instance: Instance, playhead: int) -> tuple[Instance, Json] | None:
    """The instance with old entries merged into one base, and that base; None while it gains little."""
    pos = _fold_pos(instance.timeline, playhead)
    if pos is None:
        return None
    state = instance.states[instance.state_index(pos)]
    old = [entry for entry in instance.timeline if entry.sounds_from <= pos]
    base = BaseEntry(
        pos=pos,
        values=state.values,
        tracks=state.tracks,
        passages=sounding(state.passages, pos),
        tunings=sounding(state.tunings, pos),
        end=newest_end(old),
    )
    return instance.with_entry(base), base.to_json()


def _fold_pos(timeline: Sequence[Entry], playhead: int) -> int | None:
    """Start of a quantum up to which entries are merged, or None."""
    pos = quantum_start(max(playhead - KEPT_FRAMES, 0))
    if sum(entry.sounds_from <= pos for entry in timeline) >= LEAST_FOLDED:
        return pos
    excess = sum(map(_bytes, timeline)) - MOST_BYTES
    if excess <= 0:
        return None
    for entry in timeline:
        excess -= _bytes(entry)
        pos = entry.sounds_from + QUANTUM
        if excess <= -MOST_BYTES // 4:
            break
    return _before_pauses(timeline, quantum_start(min(pos, playhead - _NEAREST)))


def _before_pauses(timeline: Sequence[Entry], pos: int) -> int | None:
    """`pos`, or a place before the pauses whose ramps reach beyond it."""
    for entry in reversed(timeline):
        if isinstance(entry, PauseEntry) and entry.pos <= pos < entry.pos + 3 * PAUSE_RAMP:
            pos = quantum_start(entry.pos) - QUANTUM
    folded = sum(entry.sounds_from <= pos for entry in timeline)
    return pos if folded >= LEAST_FOLDED else None


def _bytes(entry: Entry) -> int:
    """About what an entry takes on the wire."""
    match entry:
        case ParamEntry():
            return 40 + 32 * len(entry.values) + 36 * len(entry.phases)
        case BaseEntry():
            return 200 + 32 * len(entry.values) + 90 * len(entry.tracks)
        case EndEntry():
            return 60 + 16 * len(entry.gain_env)
        case _:
            return 120
