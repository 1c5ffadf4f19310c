"""The caller's event log over HTTP, page by page or as a stream (SSE); the socket carries the same log."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

from pydantic import Field, StringConstraints
from starlette.responses import Response

from server.kit.api import PRINCIPAL, Call, Model, Routes, State
from server.kit.errors import RateLimited, Unauthenticated, Unavailable, ValidationFailed
from server.kit.events import channel, read_after

if TYPE_CHECKING:
    from collections import Counter
    from uuid import UUID

    from starlette.types import Receive, Scope, Send

    from server.kit.events import Event, Page

COMMENT_S: Final = 15.0
LOOK_S: Final = 5.0
"""A process may die between its commit and its wake-up, so the log is read again at least so often."""
LONGEST_S: Final = 600.0
RETRY_MS: Final = 1000
PAGE: Final = 100
STREAMS_PER_PRINCIPAL: Final = 5
CURSOR: Final = "[0-9]{1,16}-[0-9]{1,16}"
TOPICS: Final = ("listen", "tokens", "billing")
"""Topics of which there is a snapshot to begin from."""

routes = Routes("events", scope="listen")


class EventsState(State):
    """What the event routes add to the state of the process."""

    event_streams: Counter[UUID]
    """Open streams per principal."""


class EventsQuery(Model):
    """Where to go on."""

    after: Annotated[str, StringConstraints(pattern=f"^{CURSOR}$")] | None = Field(
        None, description="`epoch-seq` of the last event seen; without it only the head and a snapshot come."
    )


class EventItem(Model):
    """One event as it lies in the log."""

    epoch: int
    seq: int
    ts: float
    topic: str
    type: str
    data: dict[str, Any]
    v: int


class EventPage(Model):
    """What is behind the cursor."""

    recovered: bool
    """False: begin from the snapshot, then follow `cursor`."""
    cursor: str
    events: list[EventItem]
    snapshot: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in one principal's log."""

    epoch: int | None
    seq: int

    @classmethod
    def read(cls, text: str | None) -> Cursor:
        """From `epoch-seq`; nothing means a reader who knows nothing."""
        if not text:
            return cls(None, 0)
        if re.fullmatch(CURSOR, text) is None:
            raise ValidationFailed("A cursor reads `epoch-seq`.", field="Last-Event-ID")
        epoch, _, seq = text.partition("-")
        return cls(int(epoch), int(seq))

    def __str__(self) -> str:
        return f"{self.epoch or 0}-{self.seq}"


@routes.get(
    "/api/events",
    summary="The caller's event log: a page after a cursor, or with `Accept: text/event-stream` as it grows",
    auth=PRINCIPAL,
    query=EventsQuery,
    reply=EventPage,
    errors=(Unauthenticated, RateLimited),
)
async def list_events(call: Call) -> EventPage | Response:
    """One log, two ways to read it."""
    principal_id = call.known.id
    state = cast("EventsState", call.state)
    headers = call.request.headers
    if "text/event-stream" in headers.get("accept", "") and call.request.method == "GET":
        if state["event_streams"][principal_id] >= STREAMS_PER_PRINCIPAL:
            raise RateLimited("Too many event streams are open.", retry_after_s=COMMENT_S)
        return EventStream(state, principal_id, Cursor.read(headers.get("last-event-id") or call.query.after))
    page, snapshot, cursor = await read_log(state, principal_id, Cursor.read(call.query.after))
    events = [EventItem(**asdict(event)) for event in page.events]
    return EventPage(recovered=page.recovered, cursor=str(cursor), events=events, snapshot=snapshot)


class EventStream(Response):
    """Server-sent events (WHATWG HTML §9.2) of one principal, for ten minutes at most."""

    media_type = "text/event-stream"

    def __init__(self, state: EventsState, principal_id: UUID, cursor: Cursor) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._state = state
        self._principal_id = principal_id
        self._cursor = cursor
        self._woken = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        counter = self._state["event_streams"]
        counter[self._principal_id] += 1
        try:
            async with asyncio.TaskGroup() as tasks:
                workers = [tasks.create_task(self._write(send)), tasks.create_task(self._listen())]
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LONGEST_S):
                        await _disconnected(receive)
                for worker in workers:
                    worker.cancel()
        finally:
            counter[self._principal_id] -= 1
        await send({"type": "http.response.body", "body": b""})

    async def _listen(self) -> None:
        async for _ in self._state["bus"].subscribe(channel(self._principal_id)):
            self._woken.set()

    async def _write(self, send: Send) -> None:
        """The log from the cursor on; a comment where there is nothing to tell."""
        await _send(send, f"retry: {RETRY_MS}\n\n")
        silent_s = 0.0
        while True:
            # While the database is away the stream stays open; what was missed follows from the cursor.
            with contextlib.suppress(Unavailable):
                if await self._write_news(send):
                    silent_s = 0.0
            if silent_s >= COMMENT_S:
                await _send(send, ": still here\n\n")
                silent_s = 0.0
            silent_s += await self._wait()

    async def _write_news(self, send: Send) -> bool:
        """Send what is behind the cursor; whether there was anything."""
        has_news = False
        while True:
            page, snapshot, cursor = await read_log(self._state, self._principal_id, self._cursor)
            if snapshot is not None:
                state = json.dumps({"recovered": False, "snapshot": snapshot})
                await _send(send, f"event: events.state\nid: {cursor}\ndata: {state}\n\n")
            for event in page.events:
                await _send(
                    send, f"event: {event.type}\nid: {event.epoch}-{event.seq}\ndata: {_json(event)}\n\n"
                )
            has_news = has_news or snapshot is not None or bool(page.events)
            self._cursor = cursor
            if len(page.events) < PAGE:
                return has_news

    async def _wait(self) -> float:
        """Until something happens, but not long; returns the seconds that it could have been."""
        self._woken.clear()
        try:
            async with asyncio.timeout(LOOK_S):
                await self._woken.wait()
        except TimeoutError:
            return LOOK_S
        return 0.0


async def read_log(
    state: EventsState, principal_id: UUID, cursor: Cursor
) -> tuple[Page, dict[str, Any] | None, Cursor]:
    """The page behind the cursor, the snapshot if the cursor leads nowhere, and the cursor after both."""
    page = await read_after(state["db"], principal_id, cursor.epoch, cursor.seq, PAGE)
    if not page.recovered:
        snapshot = await state["snapshots"].take(state["db"], principal_id, TOPICS)
        return page, dict(snapshot), Cursor(page.epoch, page.head)
    last = page.events[-1].seq if page.events else cursor.seq
    return page, None, Cursor(page.epoch, last)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


def _json(event: Event) -> str:
    return json.dumps(asdict(event))
