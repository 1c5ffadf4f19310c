"""Rendering: any span of any instances, cut out of whole quanta."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import QUANTUM, RATE_HZ, quantum_of
from dsp.base.pcm import FRAME_BYTES, Codec, dither_blocks, dither_indices, pack_f32, pack_s16
from dsp.listen.instance import Instance
from dsp.listen.plan import Plan
from dsp.listen.stations import Floats, GranuleCache, GranuleKey
from dsp.listen.tiles import Run, Workspace, render_tiles

Packet = NDArray[np.uint8]
TILE_QUANTA: Final = 100
"""Quanta in a tile: two sessions of a second. With 25 the calls cost a third more, with 200 nothing less."""
_LONGEST: Final = 50
"""Quanta that `render` holds at once."""
_SMALL_CACHE_BYTES: Final = 64 * 2 * RATE_HZ * 4


class Span(NamedTuple):
    """A piece of work: `frames` frames of a plan from position `start`."""

    plan: Plan
    start: int
    frames: int
    packets: int = 1
    """Packets of equal length, in whole quanta if there are several, that the frames are cut into."""


def prepare(instance: Instance) -> Plan:
    """Plan of an instance; cheap enough to be made at every change."""
    return Plan(instance)


def render(source: Instance | Plan, start: int, frames: int, cache: GranuleCache | None = None) -> Floats:
    """Sound at positions start … start + frames, (frames, 2); the same samples however it is split."""
    plan = source if isinstance(source, Plan) else prepare(source)
    granules = cache if cache is not None else GranuleCache(_SMALL_CACHE_BYTES)
    out = np.empty((frames, 2), dtype=np.float32)
    done = 0
    while done < frames:
        first = quantum_of(start + done)
        end = min(start + frames, (first + _LONGEST) * QUANTUM)
        block = plan.limited(first, _quanta_to(end), granules)
        cut = start + done - first * QUANTUM
        count = end - start - done
        out[done : done + count] = block[:, cut : cut + count].T
        done += count
    return out


def granules_needed(plan: Plan, start: int, frames: int) -> tuple[GranuleKey, ...]:
    """Granules that rendering a span asks the cache for, in order of position, the guard's reach included."""
    return plan.granules(quantum_of(start), _quanta_to(start + frames))


def render_batch(spans: Sequence[Span], cache: GranuleCache, codec: Codec, head: int) -> list[Packet]:
    """A fresh array per span: for each packet `head` free bytes, then interleaved little-endian frames."""
    packets: list[Packet | None] = [None] * len(spans)
    tiles: dict[tuple[object, int, int], list[tuple[int, Run]]] = defaultdict(list)
    for i, span in enumerate(spans):
        run = _tile_run(span, cache)
        if run is None:
            packets[i] = _packed_alone(span, cache, codec, head)
        else:
            tiles[run.stretch.kind, run.quanta, span.packets].append((i, run))
    work = Workspace.of(max([TILE_QUANTA, *(runs[0][1].quanta for runs in tiles.values())]))
    for (_, _, cut), members in tiles.items():
        members.sort(key=_by_station)
        made = _packed_runs([run for _, run in members], cut, cache, work, codec, head)
        for (i, _), packet in zip(members, made, strict=True):
            packets[i] = packet
    return [packet for packet in packets if packet is not None]


def _quanta_to(end: int) -> int:
    """Quanta that reach as far as position `end`."""
    return -(-end // QUANTUM)


def _tile_run(span: Span, cache: GranuleCache) -> Run | None:
    """The span as one run of whole quanta that needs no guard, if it is one."""
    if span.start % QUANTUM or span.frames % QUANTUM:
        return None
    return span.plan.calm_run(span.start // QUANTUM, (span.start + span.frames) // QUANTUM, cache)


def _by_station(member: tuple[int, Run]) -> tuple[str, int, int]:
    """Order of station time, in which neighbours read the same granules."""
    run = member[1]
    if not run.stretch.terms:
        return "", 0, 0
    term = run.stretch.terms[0]
    return term.recipe, term.seed, run.first + term.quanta_ahead


def _packed_runs(
    runs: Sequence[Run], cut: int, cache: GranuleCache, work: Workspace, codec: Codec, head: int
) -> list[Packet]:
    """Packets of runs of one kind and one length, each in `cut` equal parts behind `head` free bytes."""
    count = runs[0].quanta
    each = count // cut
    first = np.array([run.first for run in runs], dtype=np.int64)
    quanta = (first[:, None] + np.arange(count)).reshape(-1, each)
    dither = dither_indices(quanta) if codec == "s16" else None
    size = max(TILE_QUANTA // count, 1)
    packets: list[Packet] = []
    for begin, signal in zip(range(0, len(runs), size), render_tiles(runs, cache, work, size), strict=True):
        sessions = signal.shape[1]
        out = np.empty((sessions * cut, head + each * QUANTUM * FRAME_BYTES[codec]), dtype=np.uint8)
        blocks = None if dither is None else dither[begin * cut : (begin + sessions) * cut]
        _pack(signal.reshape(2, -1, each, QUANTUM), blocks, work.other, out[:, head:])
        packets.extend(out.reshape(sessions, -1))
    return packets


def _packed_alone(span: Span, cache: GranuleCache, codec: Codec, head: int) -> Packet:
    """Packet of a span that is guarded, changes on its way or is not cut on the grid."""
    first, last = quantum_of(span.start), _quanta_to(span.start + span.frames)
    signal = np.array(span.plan.limited(first, last, cache)).reshape(2, 1, last - first, QUANTUM)
    frame = FRAME_BYTES[codec]
    whole = np.empty((1, (last - first) * QUANTUM * frame), dtype=np.uint8)
    dither = dither_indices(np.arange(first, last, dtype=np.int64)[None]) if codec == "s16" else None
    _pack(signal, dither, np.empty(signal.size, dtype=np.float32), whole)
    cut = (span.start - first * QUANTUM) * frame
    packets = whole[0, cut : cut + span.frames * frame].reshape(span.packets, -1)
    out = np.empty((span.packets, head + packets.shape[1]), dtype=np.uint8)
    out[:, head:] = packets
    return out.reshape(-1)


def _pack(signal: Floats, blocks: NDArray[np.intp] | None, work: Floats, out: NDArray[np.uint8]) -> None:
    """Interleave signal (2, sessions, quanta, 960) into out (sessions, bytes); spoils `signal` and `work`.

    To int16 with these blocks of dither (sessions, quanta), else as it is.
    """
    shape = signal.shape[1:]
    if blocks is None:
        pack_f32(signal, out.view(np.uint64).reshape(shape))
        return
    dither = work[: signal.size].reshape(signal.shape)
    np.take(dither_blocks(), blocks, axis=1, out=dither, mode="clip")
    pack_s16(signal, dither, out.view(np.uint32).reshape(shape))
