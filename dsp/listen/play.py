"""What a listener's destination gets: the render times the envelope times the ramps of pauses."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from dsp.base.ramps import Doubles, raised_cosine
from dsp.listen.entries import BaseEntry, EndEntry, Entry, PauseEntry, PlayEntry
from dsp.listen.instance import Instance
from dsp.listen.render import render
from dsp.listen.stations import Floats, GranuleCache

PAUSE_RAMP: Final = 14_400
"""Frames of the fall before a pause and of the rise after it."""


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
    end = newest_end(instance.timeline)
    gain = envelope(end.gain_env if end is not None else (), start, frames)
    gain = gain * _pause_ramps(instance.timeline, start, frames)
    return render(instance, start, frames, cache) * gain.astype(np.float32)[:, None]


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
