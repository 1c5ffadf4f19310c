"""What a listener's destination gets: the render times the envelope times the ramps of pauses."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import QUANTUM, quantum_of
from dsp.base.pcm import dither_blocks, dither_indices, pack_s16
from dsp.base.ramps import Doubles, raised_cosine
from dsp.listen.entries import BaseEntry, EndEntry, Entry, PauseEntry, PlayEntry
from dsp.listen.instance import Instance
from dsp.listen.render import render
from dsp.listen.stations import Floats, GranuleCache

PAUSE_RAMP: Final = 14_400
"""Frames of the fall before a pause and of the rise after it."""
JOIN: Final = 48_000
"""Frames over which an envelope that differs from the one in force is joined from the present gain."""
_SAME_GAIN: Final = 1e-9


def envelope(gain_env: Sequence[tuple[int, float]], start: int, frames: int) -> Doubles:
    """Linear gain at each position (frames,): raised cosines between the points, constant outside."""
    gain = np.ones(frames)
    if not gain_env:
        return gain
    pos = np.arange(start, start + frames, dtype=np.int64)
    gain[:] = gain_env[0][1]
    for (begin, low), (end, high) in pairwise(gain_env):
        inside = pos >= begin
        gain[inside] = low + (high - low) * raised_cosine(pos[inside], begin, end - begin)
    return gain


def play(instance: Instance, start: int, frames: int, cache: GranuleCache | None = None) -> Floats:
    """Sound as it is heard, (frames, 2), before the listener's own volume."""
    gain = _envelopes(instance.timeline, start, frames)
    gain = gain * _pause_ramps(instance.timeline, start, frames)
    return render(instance, start, frames, cache) * gain.astype(np.float32)[:, None]


def play_s16(
    instance: Instance, start: int, frames: int, cache: GranuleCache | None = None
) -> NDArray[np.int16]:
    """Sound as it is heard in 16 bits, (frames, 2), with the dither of the live packets.

    The same numbers as the packets where the gain is 1; within fades rounded once more, after the gain.
    """
    first, last = quantum_of(start), -(-(start + frames) // QUANTUM)
    heard = play(instance, first * QUANTUM, (last - first) * QUANTUM, cache)
    signal = np.ascontiguousarray(heard.T).reshape(2, last - first, QUANTUM)
    dither = dither_blocks()[:, dither_indices(np.arange(first, last, dtype=np.int64))]
    out = np.empty((last - first, QUANTUM), dtype=np.uint32)
    pack_s16(signal, dither, out)
    cut = start - first * QUANTUM
    return out.reshape(-1, 1).view(np.int16)[cut : cut + frames]


def _envelopes(timeline: Iterable[Entry], start: int, frames: int) -> Doubles:
    """Gain at each position: each envelope from its own first point on, the former before it."""
    rev = -1
    gain_at = partial(envelope, ())
    for entry in timeline:
        end = entry.end if isinstance(entry, BaseEntry) else entry
        if isinstance(end, EndEntry) and end.rev >= rev and end.gain_env:
            gain_at = partial(envelope, end.gain_env) if rev < 0 else partial(_followed, gain_at, end)
            rev = end.rev
    return gain_at(start, frames)


def _followed(former: Callable[[int, int], Doubles], end: EndEntry, start: int, frames: int) -> Doubles:
    """The former gain, and that of `end` from its first point on.

    One that has begun before its entry and was not the same there came late: from the entry on it is joined.
    """
    first, gain = end.gain_env[0]
    present = float(former(first, 1)[0])
    is_late = first <= end.pos and abs(present - gain) > _SAME_GAIN
    begin = end.pos if is_late else first
    result, newer = former(start, frames), envelope(end.gain_env, start, frames)
    pos = np.arange(start, start + frames, dtype=np.int64)
    if is_late:
        held = float(former(begin, 1)[0])
        newer = held + (newer - held) * raised_cosine(pos, begin, JOIN)
    result[pos >= begin] = newer[pos >= begin]
    return result


def newest_end(timeline: Iterable[Entry]) -> EndEntry | None:
    """The end entry of the highest revision."""
    newest: EndEntry | None = None
    for entry in timeline:
        end = entry.end if isinstance(entry, BaseEntry) else entry
        if isinstance(end, EndEntry) and (newest is None or end.rev >= newest.rev):
            newest = end
    return newest


def _pause_ramps(timeline: Sequence[Entry], start: int, frames: int) -> Doubles:
    """Fall over 14,400 frames from each pause; rise from where the sound stood still, or a later play."""
    pos = np.arange(start, start + frames, dtype=np.int64)
    gain = np.ones(frames)
    paused: int | None = None
    for entry in timeline:
        if isinstance(entry, PauseEntry):
            paused = entry.pos
            gain *= 1.0 - raised_cosine(pos, paused, PAUSE_RAMP) * (pos < paused + PAUSE_RAMP)
            gain[pos >= paused + PAUSE_RAMP] = 0.0
        elif isinstance(entry, PlayEntry) and paused is not None:
            still = max(entry.pos, paused + PAUSE_RAMP)
            later = pos >= paused + PAUSE_RAMP
            gain[later] = raised_cosine(pos[later], still, PAUSE_RAMP)
            paused = None
    return gain
