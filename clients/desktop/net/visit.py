"""A line without sound: for those who only want to know how far away the server is, or what happens."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from clients.desktop.errors import ListenerError, Unreachable
from clients.desktop.net.link import Link
from clients.desktop.net.requests import Lost, Refused
from server.realtime import wire

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence

    from clients.desktop.net.link import LinkState


class Visitor:
    """Owner of a link that opens no stream."""

    is_buffered = False

    def __init__(self, url: str, ticket: Callable[[], Awaitable[str]], topics: Sequence[str]) -> None:
        self.link = Link(url, "a visitor", self)
        self.is_welcome = asyncio.Event()
        self._topics = topics
        self._ticket = ticket
        self._events: asyncio.Queue[wire.Event | ListenerError] = asyncio.Queue()
        self._cursor: dict[str, int] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    async def next_event(self) -> wire.Event:
        """What happens next; raises ListenerError when there will be nothing any more."""
        found = await self._events.get()
        if isinstance(found, ListenerError):
            raise found
        return found

    async def run(self) -> None:
        """Keep the line; whoever waits for events hears when it is closed for good."""
        try:
            await self.link.run()
        except ListenerError as error:
            self._events.put_nowait(error)
        else:
            self._events.put_nowait(Unreachable("The server closed the line."))

    async def ticket(self) -> str:
        """A fresh ticket."""
        return await self._ticket()

    def heard(self) -> Mapping[str, object]:
        """The last event."""
        return {"streams": [], **({} if self._cursor is None else {"events": self._cursor})}

    def welcomed(self, welcome: wire.Welcome, *, is_resumed: bool) -> None:
        """Subscribe, from where it was left."""
        del welcome
        self.is_welcome.set()
        if self._topics and not is_resumed:
            task = asyncio.get_running_loop().create_task(self._subscribe())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _subscribe(self) -> None:
        request = wire.EventsSub(id=0, topics=list(self._topics), after=self._cursor)
        with contextlib.suppress(Lost):
            try:
                state = await self.link.ask(request)
            except Refused as refused:
                self._events.put_nowait(ListenerError(refused.error.msg))
                return
            if isinstance(state, wire.EventsState) and not state.recovered:  # else the rest follows
                self._cursor = {"epoch": state.epoch, "after": state.head}

    def message(self, message: wire.Message) -> None:
        """An event."""
        if isinstance(message, wire.Event):
            self._cursor = {"epoch": message.epoch, "after": message.seq}
            self._events.put_nowait(message)

    def packet(self, header: wire.PacketHeader, payload: memoryview) -> None:
        """Nothing is open."""

    def line_changed(self, state: LinkState) -> None:
        """It comes back by itself."""


@contextlib.asynccontextmanager
async def visiting(
    url: str, ticket: Callable[[], Awaitable[str]], topics: Sequence[str] = ()
) -> AsyncGenerator[Visitor]:
    """A visitor for as long as the block lasts."""
    visitor = Visitor(url, ticket, topics)
    running = asyncio.get_running_loop().create_task(visitor.run())
    try:
        yield visitor
    finally:
        await visitor.link.leave()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
