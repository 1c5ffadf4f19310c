"""The event log of a principal, onto a connection: subscribe first, then read from the cursor when woken."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from server.kit.bus import Bus
from server.kit.errors import Unavailable
from server.kit.events import Event, Page, channel
from server.realtime import wire
from server.realtime.errors import RealtimeError
from server.realtime.line import Line

BATCH = 100
STUCK_S = 10.0
"""A client that takes no event for so long is let go; its cursor replays."""
LOOK_S = 0.05
RETRY_S = 1.0

ReadEvents = Callable[[UUID, int | None, int, int], Awaitable[Page]]
"""(principal, epoch, seq, limit) → what is behind the cursor."""
Snapshot = Callable[[UUID, Sequence[str]], Awaitable[Mapping[str, object]]]
"""(principal, topics) → the present state of each."""


@dataclass(frozen=True, slots=True)
class Log:
    """Where events come from."""

    bus: Bus
    read: ReadEvents
    snapshot: Snapshot
    reread_s: float


class Follower:
    """One subscription of one client."""

    def __init__(self, log: Log, principal: UUID, line: Line, topics: Sequence[str]) -> None:
        self._log = log
        self._principal = principal
        self._line = line
        self.topics = tuple(topics)
        self._epoch: int | None = None
        self._seq = 0
        self._woken = asyncio.Event()

    async def run(self, after: Mapping[str, int] | None, request: int | None) -> None:
        """Answer the request, send the backlog, then whatever happens, until cancelled."""
        listening = asyncio.create_task(self._listen())
        try:
            await self._begin_at_last(after, request)
            while True:
                with contextlib.suppress(Unavailable):
                    await self._read()
                await self._wait()
        finally:
            listening.cancel()

    async def _begin_at_last(self, after: Mapping[str, int] | None, request: int | None) -> None:
        """Begin when the database is there; sound goes on without it."""
        while True:
            try:
                return await self._begin(after, request)
            except Unavailable:
                await asyncio.sleep(RETRY_S)

    async def _begin(self, after: Mapping[str, int] | None, request: int | None) -> None:
        self._epoch, self._seq = (after["epoch"], after["after"]) if after else (None, 0)
        page = await self._log.read(self._principal, self._epoch, self._seq, 1)
        snapshot = None
        if not page.recovered:
            snapshot = await self._log.snapshot(self._principal, self.topics)
            self._epoch, self._seq = page.epoch, page.head
        if request is not None:
            state = wire.EventsState(
                re=request, recovered=page.recovered, epoch=page.epoch, head=page.head, snapshot=snapshot
            )
            self._line.reply(request, state)
            self._flush()

    async def _listen(self) -> None:
        async for _ in self._log.bus.subscribe(channel(self._principal)):
            self._woken.set()

    async def _wait(self) -> None:
        """Until something happened, or long enough that a wake-up may have been lost."""
        try:
            async with asyncio.timeout(self._log.reread_s):
                await self._woken.wait()
        except TimeoutError:
            pass
        self._woken.clear()

    async def _read(self) -> None:
        while True:
            page = await self._log.read(self._principal, self._epoch, self._seq, BATCH)
            if not page.recovered and page.head != self._seq:
                raise RealtimeError("slow_consumer", "The event log has moved on; subscribe again.")
            for event in page.events:
                await self._send(event)
            if len(page.events) < BATCH:
                return

    async def _send(self, event: Event) -> None:
        self._epoch, self._seq = event.epoch, event.seq
        if event.topic not in self.topics:
            return
        waited_s = 0.0
        while self._line.outbox is not None and not self._line.outbox.has_room_for_events():
            if waited_s >= STUCK_S:
                raise RealtimeError("slow_consumer", "Events are not read fast enough.")
            await asyncio.sleep(LOOK_S)
            waited_s += LOOK_S
        if self._line.outbox is not None:
            self._line.outbox.event(wire.encode(_message(event)))
            self._flush()

    def _flush(self) -> None:
        if self._line.outbox is not None:
            self._line.outbox.flush()


def _message(event: Event) -> wire.Event:
    return wire.Event(
        epoch=event.epoch,
        seq=event.seq,
        ts=event.ts,
        topic=event.topic,
        type=event.type,
        data=event.data,
        v=event.v,
    )
