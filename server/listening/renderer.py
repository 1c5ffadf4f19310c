"""The one renderer of all listenings in a process: `dsp.listen` over a shared cache of granules."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from dsp import listen

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from server.realtime.stream import Codec, Span


class ListenRenderer:
    """Turns spans of any number of listenings into payloads, in one call."""

    def __init__(self, cache: listen.GranuleCache) -> None:
        self._cache = cache

    def missing(self, spans: Sequence[Span]) -> Sequence[Hashable]:
        """Granules that these spans need and that are not made yet, each once."""
        needed: dict[listen.GranuleKey, None] = {}
        for span in cast("Sequence[listen.Span]", spans):
            needed.update(dict.fromkeys(listen.granules_needed(span.plan, span.start, span.frames)))
        return self._cache.missing(list(needed))

    def fill(self, key: Hashable) -> None:
        """Make one granule."""
        self._cache.fill(cast("listen.GranuleKey", key))

    def render(self, spans: Sequence[Span], codec: Codec, head: int) -> Sequence[NDArray[np.uint8]]:
        """One fresh array per span, `head` free bytes before the payload."""
        return listen.render_batch(cast("Sequence[listen.Span]", spans), self._cache, codec, head)
