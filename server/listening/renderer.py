"""The one renderer of all listenings in a process: `dsp.listen` over shared granules, plans and packets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import numpy as np

from dsp import listen
from server.listening.shared import PacketCache, PacketKey, SharedPlans
from server.realtime import metrics

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

    from server.realtime.stream import Codec, Span

SHARED_FRAMES: Final = 4_800
"""Packets of this length lie on a grid of their own, so that listeners of one instance are sent the same."""


class ListenRenderer:
    """Turns spans of any number of listenings into payloads, in one call."""

    def __init__(self, cache: listen.GranuleCache) -> None:
        self._cache = cache
        self._plans = SharedPlans()
        self._packets = PacketCache()

    def plan_of(self, instance: listen.Instance) -> listen.Plan:
        """The plan of an instance; equal instances have the same."""
        return self._plans.plan_of(instance)

    def missing(self, spans: Sequence[Span]) -> Sequence[Hashable]:
        """Granules that these spans need and that are not made yet, each once."""
        needed: dict[listen.GranuleKey, None] = {}
        for plan, start, end in _stretches(cast("Sequence[listen.Span]", spans)):
            needed.update(dict.fromkeys(listen.granules_needed(plan, start, end - start)))
        return self._cache.missing(needed)

    def fill(self, key: Hashable) -> None:
        """Make one granule."""
        self._cache.fill(cast("listen.GranuleKey", key))
        self._tell()

    def render(self, spans: Sequence[Span], codec: Codec, head: int) -> Sequence[NDArray[np.uint8]]:
        """One fresh array per span, `head` free bytes before the payload of each packet."""
        wanted = cast("Sequence[listen.Span]", spans)
        shared = [self._is_shared(span) for span in wanted]
        if not any(shared):
            return listen.render_batch(wanted, self._cache, codec, head)
        self._render_shared([span for span, one in zip(wanted, shared, strict=True) if one], codec, head)
        own = [span for span, one in zip(wanted, shared, strict=True) if not one]
        alone = iter(listen.render_batch(own, self._cache, codec, head))
        return [
            self._joined(span, codec, head) if one else next(alone)
            for span, one in zip(wanted, shared, strict=True)
        ]

    def _is_shared(self, span: listen.Span) -> bool:
        return span.frames == span.packets * SHARED_FRAMES and self._plans.is_shared(span.plan)

    def _render_shared(self, spans: Sequence[listen.Span], codec: Codec, head: int) -> None:
        """Make those packets of these spans that nobody was sent yet, each once."""
        lacking = dict.fromkeys(
            key for span in spans for key in _packets(span, codec) if self._packets.get(key) is None
        )
        runs = _stretches([listen.Span(key.plan, key.start, key.frames) for key in lacking])
        whole = [
            listen.Span(plan, start, end - start, (end - start) // SHARED_FRAMES) for plan, start, end in runs
        ]
        for span, made in zip(whole, listen.render_batch(whole, self._cache, codec, head), strict=True):
            for key, packet in zip(_packets(span, codec), made.reshape(span.packets, -1), strict=True):
                self._packets.put(key, packet[head:])
        self._tell()

    def _tell(self) -> None:
        metrics.SHARED_BYTES.set(self._cache.nbytes + self._packets.nbytes)

    def _joined(self, span: listen.Span, codec: Codec, head: int) -> NDArray[np.uint8]:
        """A listener's own copy: headers differ, payloads do not."""
        payloads = [self._packets.get(key) for key in _packets(span, codec)]
        found = [payload for payload in payloads if payload is not None]
        if len(found) < span.packets:  # the cache is smaller than one batch
            return listen.render_batch([span], self._cache, codec, head)[0]
        out = np.empty((span.packets, head + found[0].size), dtype=np.uint8)
        for row, payload in zip(out, found, strict=True):
            row[head:] = payload
        return out.reshape(-1)


def _stretches(spans: Sequence[listen.Span]) -> list[tuple[listen.Plan, int, int]]:
    """(plan, start, end) of spans that follow one another: most jobs are one stretch."""
    found: list[tuple[listen.Plan, int, int]] = []
    for span in spans:
        end = span.start + span.frames
        if found and found[-1][0] is span.plan and found[-1][2] == span.start:
            found[-1] = (span.plan, found[-1][1], end)
        else:
            found.append((span.plan, span.start, end))
    return found


def _packets(span: listen.Span, codec: Codec) -> list[PacketKey]:
    starts = range(span.start, span.start + span.frames, SHARED_FRAMES)
    return [PacketKey(span.plan, start, SHARED_FRAMES, codec) for start in starts]
