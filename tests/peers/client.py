"""An honest client in plain asyncio: it obeys the wire (credit, growth, collapse, probes, statistics)."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from typing import TYPE_CHECKING, Any, TypeVar, cast

import websockets
from websockets.asyncio.client import ClientConnection, connect

from server.realtime import wire
from tests.peers.ring import RATE_HZ, Ring

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

START_FRAMES = 9_600
COLLAPSED_FRAMES = 12_000
DEEPEST_FRAMES = 10 * RATE_HZ
GUARD_FRAMES = 12_720
"""What the server makes of SRTT_US: a collapsed horizon must reach beyond it."""
TICK_S = 0.005
SRTT_US = 250_000
"""What is reported as round trip: the guard then covers a machine that is busy with other tests."""
_M = TypeVar("_M", bound=wire.Message)


class Refused(Exception):  # noqa: N818 - reads as what happened
    """The server answered with an error."""

    def __init__(self, error: wire.Error) -> None:
        super().__init__(f"{error.code}: {error.msg}")
        self.error = error


class Listening:
    """One open stream of a client."""

    def __init__(self, ready: wire.StreamReady, seconds: float, now: float) -> None:
        self.sid = ready.sid
        self.ready = ready
        self.ring = Ring(ready.start_pos, seconds, now, ready.codec)
        self.ring.end_pos = ready.end_pos
        self.entries = list(cast("list[dict[str, Any]]", ready.instance["timeline"]))
        self.horizon = float(START_FRAMES)
        self.is_silent = False
        """Whether it keeps its credit to itself, as a hostile or broken client would."""
        self._grown_at = self._told_at = now
        self._quiet_until = now
        self.ended: wire.StreamEnd | None = None

    @property
    def instance(self) -> dict[str, object]:
        return {"timeline": self.entries}

    def collapse(self, now: float) -> None:
        """A hand is on a control: what is far ahead would be rendered again."""
        self.horizon = min(self.horizon, COLLAPSED_FRAMES + GUARD_FRAMES)
        self._quiet_until = now + 1.0

    @property
    def limit(self) -> int:
        return self.ring.play + int(self.horizon)

    def tick(self, now: float) -> wire.Flow | None:
        """Play on; a report when it is time."""
        self.ring.advance(now)
        grown_s, self._grown_at = now - self._grown_at, now
        if now >= self._quiet_until and self.ring.is_playing:
            self.horizon = min(DEEPEST_FRAMES, self.horizon * 2**grown_s)
        period_s = min(1.0, max(0.025, self.horizon / RATE_HZ / 8))
        if now - self._told_at < period_s or self.is_silent:
            return None
        self._told_at = now
        ring = self.ring
        return wire.Flow(
            sid=self.sid, play=ring.play, have=ring.have, limit=self.limit, underruns=ring.underruns
        )

    def resume_state(self) -> dict[str, int]:
        ring = self.ring
        return {"sid": self.sid, "have": ring.have, "play": ring.play, "epoch": ring.epoch}


class Client:
    """One connection after another, of one listener."""

    def __init__(self, url: str, origin: str | None = "http://test") -> None:
        self.url = url
        self.origin = origin
        self.streams: dict[int, Listening] = {}
        self.inbox: list[wire.Message] = []
        """Everything that was not an answer."""
        self.welcome: wire.Welcome | None = None
        self.close_code: int | None = None
        self._socket: ClientConnection | None = None
        self._ids = itertools.count(1)
        self._last_re = 0
        self._answers: dict[int, asyncio.Future[wire.Message]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()

    # Connecting

    async def connect(self, ticket: str = "guest") -> wire.Welcome:
        return await self._begin(wire.Hello(v=[1], ticket=ticket, client={"device": "a test"}))

    async def resume(self, **more: Any) -> wire.Welcome:
        """Connect again with the token and what is still there."""
        assert self.welcome is not None
        streams = [one.resume_state() for one in self.streams.values() if one.ended is None]
        state = {"token": self.welcome.resume_token, "last_re": self._last_re, "streams": streams, **more}
        return await self._begin(wire.Hello(v=[1], resume=state))

    async def _begin(self, hello: wire.Hello) -> wire.Welcome:
        await self.drop()
        self._socket = await connect(
            self.url,
            origin=cast("Any", self.origin),
            subprotocols=[cast("Any", wire.SUBPROTOCOL)],
            compression=None,
            max_size=None,
            ping_interval=None,
        )
        self.close_code = None
        self._tasks = [asyncio.create_task(self._read(self._socket)), asyncio.create_task(self._tick())]
        await self.send(hello)
        self.welcome = await self.expect(wire.Welcome)
        probe = wire.TimeProbe(id=self.next_id(), c0=0.0, srtt_us=SRTT_US, rttvar_us=0)
        await self.send(probe)
        return self.welcome

    async def drop(self) -> None:
        """Cut the connection without a word."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        if self._socket is not None:
            self._socket.transport.abort()
            self._socket = None

    def stall(self) -> None:
        """Read nothing more."""
        assert self._socket is not None
        self._socket.transport.pause_reading()

    # Talking

    async def send(self, message: wire.Message) -> None:
        assert self._socket is not None
        with contextlib.suppress(websockets.ConnectionClosed):
            await self._socket.send(wire.encode(message))

    async def send_raw(self, data: bytes | str) -> None:
        assert self._socket is not None
        await self._socket.send(data)

    def next_id(self) -> int:
        return next(self._ids)

    async def ask(self, message: wire.Request) -> wire.Message:
        """Send a request and wait for its answer; raises Refused."""
        answer = asyncio.get_running_loop().create_future()
        self._answers[message.id] = answer
        await self.send(message)
        async with asyncio.timeout(10):
            found: wire.Message = await answer
        if isinstance(found, wire.Error):
            raise Refused(found)
        return found

    async def expect(self, kind: type[_M], timeout_s: float = 10) -> _M:
        """The next message of a kind that was not an answer."""
        async with asyncio.timeout(timeout_s):
            while True:
                for message in self.inbox:
                    if isinstance(message, kind):
                        self.inbox.remove(message)
                        return message
                self._changed.clear()
                if self.close_code is not None:
                    raise ConnectionError(f"closed with {self.close_code}, inbox {self.inbox}")
                await self._changed.wait()

    async def closed(self, timeout_s: float = 10) -> int:
        """The close code, once the server has closed."""
        async with asyncio.timeout(timeout_s):
            while self.close_code is None:
                self._changed.clear()
                await self._changed.wait()
        return self.close_code

    # Listening

    async def open(self, **fields: Any) -> Listening:
        """Open a stream; what is not a common field belongs to the kind."""
        common = {spec.attribute for spec in wire.FIELDS[wire.StreamOpen]}
        known = {name: fields.pop(name) for name in list(fields) if name in common}
        start = known.get("restore", {}).get("from", 0)
        request = wire.StreamOpen(
            id=self.next_id(),
            **{"kind": "listen", "limit": start + START_FRAMES, "play": start, **known, "args": fields},
        )
        ready = cast("wire.StreamReady", await self.ask(request))
        return self.streams[ready.sid]

    async def set(self, stream: Listening, **values: float) -> wire.ParamAck:
        """Turn parameters, with collapsed credit."""
        stream.collapse(time.monotonic())
        request = wire.ParamSet(
            id=self.next_id(), sid=stream.sid, p=values, play=stream.ring.play, limit=stream.limit
        )
        return cast("wire.ParamAck", await self.ask(request))

    async def transport(self, stream: Listening, op: Any, **where: int) -> wire.TransportAck:
        stream.collapse(time.monotonic())
        request = wire.Transport(
            id=self.next_id(),
            sid=stream.sid,
            op=op,
            play=stream.ring.play,
            limit=stream.limit,
            **cast("Mapping[str, Any]", where),
        )
        return cast("wire.TransportAck", await self.ask(request))

    # Inside

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for data in socket:
                assert isinstance(data, bytes)
                self._received(data)
        except websockets.ConnectionClosed:
            pass
        self.close_code = socket.close_code or 1006
        self._changed.set()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ConnectionError(f"closed with {self.close_code}"))

    def _received(self, data: bytes) -> None:
        if not wire.is_control(data):
            header, payload = wire.parse_packet(data)
            if header.sid in self.streams:
                self.streams[header.sid].ring.write(header, payload)
            return
        message = wire.decode_server(data)
        self._note(message)
        answer = self._answers.pop(getattr(message, "re", None) or 0, None)
        if answer is not None and not answer.done():
            self._last_re = max(self._last_re, cast("Any", message).re)
            answer.set_result(message)
        else:
            self.inbox.append(message)
            self._changed.set()

    def _note(self, message: wire.Message) -> None:
        """What every client does with what it is told."""
        now = time.monotonic()
        if isinstance(message, wire.StreamReady):
            self.streams[message.sid] = Listening(message, 60, now)
        elif isinstance(message, wire.ParamAck | wire.TransportAck):
            for stream in self.streams.values():
                if message.entry not in stream.entries:
                    stream.entries.append(dict(message.entry))
                stream.ring.hear_of(message.epoch, message.at, stream.ready.lookahead)
        elif isinstance(message, wire.StreamEnv | wire.StreamResumed):
            self.streams[message.sid].ring.end_pos = message.end_pos
            if isinstance(message, wire.StreamResumed):
                self.streams[message.sid].ring.epoch = message.epoch
                self.streams[message.sid].ring.have = message.from_
        elif isinstance(message, wire.StreamEnd) and message.sid in self.streams:
            self.streams[message.sid].ended = message

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            for stream in list(self.streams.values()):
                report = stream.tick(now) if stream.ended is None else None
                if report is not None:
                    await self.send(report)


@contextlib.asynccontextmanager
async def listener(url: str, ticket: str = "guest") -> AsyncGenerator[Client]:
    """A connected client that goes away at the end."""
    client = Client(url)
    await client.connect(ticket)
    try:
        yield client
    finally:
        await client.drop()
