"""Was it heard as it should be? The listeners' checksums against a render in this process."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dsp import listen
from dsp.listen.play import _envelopes, _pause_ramps, play_s16
from tests.peers.ear import CHUNK_FRAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

FADE_FRAMES: Final = 480
BLOCK_CHUNKS: Final = 10
"""Chunks that are rendered together."""
SAME: Final = 2e-7
"""How far the ramps of the two processes may differ: a rounding of float32."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Of what one listener heard."""

    checked: int
    """Chunks that were compared."""
    wrong: tuple[int, ...]
    """Those that sounded otherwise."""
    silences: int
    ramps: int
    """Chunks in which the sound fell or rose, compared sample by sample."""
    fallback: int
    """Chunks with the sound from before, which nothing here can know."""


def judge(report: Mapping[str, Any], *, every: int = 1) -> Judgement:
    """Compare every n-th second, and all with ramps, with a render of the instance that the listener kept."""
    silences = sum(one["what"] == "low" for one in report["breaks"])
    if report["instance"] is None:
        return Judgement(0, (), silences, 0, 0)
    instance = listen.Instance.from_json({**report["instance"], "timeline": report["entries"]})
    cache = listen.GranuleCache()
    wrong: list[int] = []
    checked = ramps = 0
    kept = {int(number): frames for number, frames in report["kept"].items()}
    fallback = set(report["fallback"])
    sums = report["sums"]
    for first in range(0, len(sums), BLOCK_CHUNKS):
        has_ramps = any(number in kept for number in range(first, first + BLOCK_CHUNKS))
        if first // BLOCK_CHUNKS % every and not has_ramps:
            continue
        numbers = range(first, min(first + BLOCK_CHUNKS, len(sums)))
        sound = _render(instance, first * CHUNK_FRAMES, len(numbers) * CHUNK_FRAMES, cache)
        for number in numbers:
            start = (number - first) * CHUNK_FRAMES
            part = sound[start : start + CHUNK_FRAMES]
            if number in fallback or not np.isfinite(part).all():
                continue
            checked += 1
            if number in kept:
                ramps += 1
                wanted = part * _gates(report["breaks"], number * CHUNK_FRAMES)[:, None]
                heard = np.frombuffer(base64.b64decode(kept[number]), np.float32).reshape(-1, 2)
                is_right = bool(np.abs(heard - wanted).max() <= SAME)
            else:
                is_right = zlib.crc32(part.tobytes()) == sums[number]
            if not is_right:
                wrong.append(number)
    return Judgement(checked, tuple(wrong), silences, ramps, len(fallback))


def _render(
    instance: listen.Instance, start: int, frames: int, cache: listen.GranuleCache
) -> NDArray[np.float32]:
    """Packets of 16 bits as a client turns them into float; not a number where an envelope is at work."""
    gain = _envelopes(instance.timeline, start, frames) * _pause_ramps(instance.timeline, start, frames)
    sound = (play_s16(instance, start, frames, cache) / np.float32(32_768)).astype(np.float32)
    sound[gain != 1.0] = np.nan
    return sound


def _gates(breaks: Iterable[Mapping[str, Any]], start: int) -> NDArray[np.float64]:
    """Gain of the ramps to silence and back, from `start` on: raised cosines of ten milliseconds."""
    pos = np.arange(start, start + CHUNK_FRAMES)
    gain = np.ones(CHUNK_FRAMES)
    for one in breaks:
        share = 0.5 - 0.5 * np.cos(np.pi * np.clip((pos - one["pos"]) / FADE_FRAMES, 0.0, 1.0))
        if one["what"] == "refill":
            gain[pos >= one["pos"]] = share[pos >= one["pos"]]
        else:
            gain = gain * (1.0 - share)
    return gain
