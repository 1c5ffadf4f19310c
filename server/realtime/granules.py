"""Shared material (granules of stations), made in one thread before anyone waits for it where possible."""

import asyncio
import heapq
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import structlog

from server.realtime.spent import SPENT
from server.realtime.stream import Renderer

log = structlog.get_logger(__name__)

Then = Callable[[], None]


class Granules:
    """What is wanted, most urgent first; one at a time is being made."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "granules", SPENT.watch, ("granules",))
        self._wanted: list[tuple[float, int, Renderer, Hashable]] = []
        self._best: dict[tuple[int, Hashable], float] = {}
        self._waiting: list[tuple[set[tuple[int, Hashable]], Then]] = []
        self._order = count()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing is wanted."""
        return self._task is None

    def want(self, renderer: Renderer, keys: Sequence[Hashable], urgency: float) -> None:
        """Make these some time; the lowest urgency value comes first."""
        for key in keys:
            name = (id(renderer), key)
            if urgency < self._best.get(name, float("inf")):
                self._best[name] = urgency
                heapq.heappush(self._wanted, (urgency, next(self._order), renderer, key))
        if self._wanted and self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._make())

    def wait(self, renderer: Renderer, keys: Sequence[Hashable], urgency: float, then: Then) -> None:
        """Call `then` once all these are made."""
        self._waiting.append(({(id(renderer), key) for key in keys}, then))
        self.want(renderer, keys, urgency)

    async def close(self) -> None:
        """Stop after the one that is being made."""
        if self._task is not None:
            self._task.cancel()
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)

    async def _make(self) -> None:
        loop = asyncio.get_running_loop()
        while self._wanted:
            urgency, _, renderer, key = heapq.heappop(self._wanted)
            name = (id(renderer), key)
            if self._best.get(name) != urgency:
                continue  # it was wanted more urgently later, and is made already
            try:
                await loop.run_in_executor(self._thread, renderer.fill, key)
            except Exception:
                # who waits renders it in its own batch, and fails there alone if it must
                log.exception("granule_failed", key=repr(key))
            del self._best[name]
            self._made(name)
        self._task = None

    def _made(self, name: tuple[int, Hashable]) -> None:
        still = []
        for keys, then in self._waiting:
            keys.discard(name)
            if keys:
                still.append((keys, then))
            else:
                then()
        self._waiting = still
