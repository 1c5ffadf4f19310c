"""Rendering: any span of any instances, cut out of whole quanta."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import QUANTUM, quantum_of
from dsp.base.pcm import FRAME_BYTES, Codec, dither_blocks, dither_index, pack_f32, pack_s16
from dsp.listen.direct import direct_quantum, station_keys
from dsp.listen.guard import QUANTA_AFTER, QUANTA_BEFORE, guard
from dsp.listen.instance import Instance
from dsp.listen.state import State
from dsp.listen.stations import Floats, GranuleCache, GranuleKey

_LONGEST = 50
"""Quanta that `render` holds at once."""
_SMALL_CACHE_BYTES = 64 * 2 * 48_000 * 4


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """An instance made ready to be rendered; immutable and safe to share between threads."""

    instance: Instance


def prepare(instance: Instance) -> Plan:
    """Plan of an instance; cheap enough to be made at every change."""
    return Plan(instance)


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """A piece of work: `frames` frames of a plan from position `start`."""

    plan: Plan
    start: int
    frames: int


def render(source: Instance | Plan, start: int, frames: int, cache: GranuleCache | None = None) -> Floats:
    """Sound at positions start … start + frames, (frames, 2); the same samples however it is split."""
    plan = source if isinstance(source, Plan) else prepare(source)
    granules = cache if cache is not None else GranuleCache(_SMALL_CACHE_BYTES)
    out = np.empty((frames, 2), dtype=np.float32)
    done = 0
    while done < frames:
        first = quantum_of(start + done)
        end = min(start + frames, (first + _LONGEST) * QUANTUM)
        block = _limited(plan.instance, first, -(-end // QUANTUM), granules)
        cut = start + done - first * QUANTUM
        count = end - start - done
        out[done : done + count] = block[:, cut : cut + count].T
        done += count
    return out


def render_batch(
    spans: Sequence[Span], cache: GranuleCache, codec: Codec, head: int
) -> list[NDArray[np.uint8]]:
    """One fresh array per span: `head` free bytes, then interleaved little-endian frames."""
    return [_packed(span, cache, codec, head) for span in spans]


def granules_needed(plan: Plan, start: int, frames: int) -> tuple[GranuleKey, ...]:
    """Granules that rendering a span asks the cache for, in order of position, the guard's reach included."""
    first = max(quantum_of(start) - QUANTA_BEFORE, 0)
    last = -(-(start + frames) // QUANTUM) + QUANTA_AFTER
    keys: dict[GranuleKey, None] = {}
    for quantum in range(first, last):
        for _, state in _states_in(plan.instance, quantum * QUANTUM):
            keys.update(dict.fromkeys(station_keys(plan.instance, state, quantum)))
    return tuple(keys)


def _packed(span: Span, cache: GranuleCache, codec: Codec, head: int) -> NDArray[np.uint8]:
    first, last = quantum_of(span.start), -(-(span.start + span.frames) // QUANTUM)
    block = np.array(_limited(span.plan.instance, first, last, cache))
    cut = span.start - first * QUANTUM
    out = np.empty(head + span.frames * FRAME_BYTES[codec], dtype=np.uint8)
    if codec == "s16":
        dither = dither_blocks()[[dither_index(quantum) for quantum in range(first, last)]]
        packed = np.empty(block.shape[1], dtype=np.uint32)
        pack_s16(block, np.concatenate(list(dither), axis=1), packed)
        out[head:] = packed[cut : cut + span.frames].view(np.uint8)
    else:
        wide = np.empty(block.shape[1], dtype=np.uint64)
        pack_f32(block, wide)
        out[head:] = wide[cut : cut + span.frames].view(np.uint8)
    return out


def _limited(instance: Instance, first: int, last: int, cache: GranuleCache) -> Floats:
    """Quanta first … last behind the guard, (2, n·960)."""
    quanta = range(first - QUANTA_BEFORE, last + QUANTA_AFTER)
    signal = np.concatenate([_quantum(instance, quantum, cache) for quantum in quanta], axis=1)
    return guard(signal, last - first)


def _quantum(instance: Instance, quantum: int, cache: GranuleCache) -> Floats:
    """One quantum before the guard, (2, 960): each frame in the state that holds there."""
    if quantum < 0:
        return np.zeros((2, QUANTUM), dtype=np.float32)
    start = quantum * QUANTUM
    parts = list(_states_in(instance, start))
    out = direct_quantum(instance, parts[0][1], quantum, cache)
    for offset, state in parts[1:]:
        out[:, offset:] = direct_quantum(instance, state, quantum, cache)[:, offset:]
    return out


def _states_in(instance: Instance, start: int) -> Iterator[tuple[int, State]]:
    """(offset, state) of each state that holds somewhere in the quantum at `start`, in order."""
    index = instance.state_index(start)
    state = instance.states[index]
    yield 0, state
    for entry, later in zip(instance.timeline[index:], instance.states[index + 1 :], strict=True):
        if entry.sounds_from >= start + QUANTUM:
            return
        if later is not state:
            state = later
            yield entry.sounds_from - start, state
