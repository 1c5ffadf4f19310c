"""A listener's stage without HTTP and without a screen: a line, an output, and ears that remember."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np

from clients.desktop.audio.output import Output
from clients.desktop.audio.sinks import NullSink
from clients.desktop.net.horizon import Horizon
from clients.desktop.net.link import Link, LinkState
from clients.desktop.net.listening import Listening
from clients.desktop.net.requests import Lost, Refused
from clients.desktop.net.timing import RoundTrip

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping

    from clients.desktop.audio.ring import Samples
    from server.realtime import wire


class Slow(RoundTrip):
    """What is reported as round trip: the guard then covers a machine that is busy with other tests."""

    def add(self, measured_s: float) -> None:
        self.smoothed_s, self.variation_s = 0.1, 0.0


class Stage:
    """Owner of a link and stage of one listening."""

    def __init__(self, url: str, ticket: str = "guest") -> None:
        self.blocks: list[Samples] = []
        self.output = Output(self._ticked, (self,))
        self.horizon = Horizon(3 * 48_000)
        self.link = Link(url, "a test", self)
        self.link.round_trip = Slow()
        self.listening: Listening | None = None
        self.states: list[LinkState] = []
        self.told: list[tuple[str, dict[str, object]]] = []
        self.welcomes: list[bool] = []
        self.refused: list[wire.Error] = []
        self.messages: list[wire.Message] = []
        self.tickets = 0
        self._ticket = ticket
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loop = asyncio.get_running_loop()

    def add(self, block: Samples) -> None:
        if len(block):
            self.blocks.append(block.copy())

    @property
    def sound(self) -> Samples:
        return np.concatenate([np.zeros((0, 2), np.float32), *self.blocks])

    def listen(self, **wish: object) -> Listening:
        """Begin to listen, now or as soon as there is a line."""
        self.listening = Listening(wish, ("s16",), self)
        if self.link.is_welcome:
            self.spawn(self._open())
        return self.listening

    async def _open(self) -> None:
        assert self.listening is not None
        try:
            await self.listening.open()
        except Lost:
            pass
        except Refused as refused:
            self.refused.append(refused.error)

    def _ticked(self) -> None:
        self._loop.call_soon_threadsafe(self._tick)

    def _tick(self) -> None:
        if self.listening is not None:
            self.listening.tick()

    # As the stage of a listening

    def ask(self, request: wire.Request) -> asyncio.Future[wire.Message]:
        return self.link.ask(request)

    def send(self, message: wire.Message) -> None:
        self.link.send(message)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.result()

    def mend(self) -> None:
        self.link.again()

    def tell(self, what: str, **facts: object) -> None:
        self.told.append((what, facts))

    # As the owner of a link

    async def ticket(self) -> str:
        self.tickets += 1
        return self._ticket

    @property
    def is_buffered(self) -> bool:
        return self.listening is not None and self.listening.buffered_frames > 0

    def heard(self) -> Mapping[str, object]:
        is_open = self.listening is not None and self.listening.sid is not None
        return {"streams": [self.listening.heard()] if self.listening is not None and is_open else []}

    def welcomed(self, welcome: wire.Welcome, *, is_resumed: bool) -> None:
        self.welcomes.append(is_resumed)
        if not is_resumed and self.listening is not None:
            self.spawn(self._open())

    def message(self, message: wire.Message) -> None:
        self.messages.append(message)
        if self.listening is not None and getattr(message, "sid", None) == self.listening.sid:
            self.listening.take(message)

    def packet(self, header: wire.PacketHeader, payload: memoryview) -> None:
        if self.listening is not None and header.sid == self.listening.sid:
            self.listening.packet(header, payload)

    def line_changed(self, state: LinkState) -> None:
        self.states.append(state)
        if self.listening is not None and state.line != "connected":
            self.listening.hold()

    async def end(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        for found in await asyncio.gather(*self._tasks, return_exceptions=True):
            assert isinstance(found, asyncio.CancelledError | None), found


@contextlib.asynccontextmanager
async def on_stage(url: str, ticket: str = "guest") -> AsyncGenerator[Stage]:
    """A stage whose line is kept and whose sink runs, until the block ends."""
    stage = Stage(url, ticket)
    sink = NullSink()
    sink.start(stage.output.pull)
    running = asyncio.create_task(stage.link.run())
    try:
        yield stage
    finally:
        await stage.link.leave()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await sink.stop()
        await stage.end()


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for what must come."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - looks at another object's state from outside
            await asyncio.sleep(0.01)
