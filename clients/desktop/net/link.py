"""The line to the server: ticket, hello, resume, probes, and coming back whenever it breaks."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, cast
from urllib.parse import urlsplit

import websockets
from websockets.asyncio.client import ClientConnection, connect

from clients.desktop.errors import ListenerError, NotAllowed, OtherVersion
from clients.desktop.net.requests import Requests
from clients.desktop.net.timing import Backoff, RoundTrip
from server.realtime import wire

if TYPE_CHECKING:
    from collections.abc import Mapping

_FINAL_CODES: Final = frozenset({4400, 4402, 4403, 4404, 4415, 4426})
"""Refusals that trying again cannot mend."""
_UNAUTHENTICATED: Final = 4401
_SUPERSEDED: Final = 4409
_RESUME_EXPIRED: Final = 4410

_FIRST_PROBES_S: Final = (0.0, 0.05, 0.1)
_PROBE_EVERY_S: Final = 5.0
_LOOK_EVERY_S: Final = 0.5
_SILENCE_S: Final = 1.5
"""While something plays a word is expected about once a second; without one the server is probed at once."""
_DEAD_S: Final = 2.0
"""A probe unanswered for so long means that the line is dead, though nobody has closed it."""
_ATTEMPT_S: Final = (1.0, 5.0)
_GOODBYE_S: Final = 1.0
_TRIPS: Final = 100


@dataclass(frozen=True, slots=True)
class LinkState:
    """How the line is."""

    line: Literal["connecting", "connected", "reconnecting", "closed", "superseded"]
    attempt: int
    error: wire.Error | None
    """Why it was closed, where the server said so."""


class LinkOwner(Protocol):
    """Whom the line serves."""

    async def ticket(self) -> str:
        """A single-use ticket; raises ListenerError."""
        ...

    @property
    def is_buffered(self) -> bool:
        """Whether something is left to play."""
        ...

    def heard(self) -> Mapping[str, object]:
        """What `hello.resume` says of streams and events."""
        ...

    def welcomed(self, welcome: wire.Welcome, *, is_resumed: bool) -> None:
        """The line stands."""
        ...

    def message(self, message: wire.Message) -> None:
        """Something that answered no request."""
        ...

    def packet(self, header: wire.PacketHeader, payload: memoryview) -> None:
        """Audio."""
        ...

    def line_changed(self, state: LinkState) -> None:
        """The line is another than before."""
        ...


class _Broken(Exception):  # noqa: N818 - reads as what happened
    """The connection is over, with a close code where there was one."""

    def __init__(self, code: int | None = None) -> None:
        super().__init__(code)
        self.code = code


class Link:
    """One connection after another, of one listener; `run` ends when there will be none again."""

    def __init__(self, url: str, device: str, owner: LinkOwner) -> None:
        self.round_trip = RoundTrip()
        self.trips_s: list[float] = []
        """The last round trips, as they were measured."""
        self.is_welcome = False
        self._url = url
        self._device = device
        self._owner = owner
        self._backoff = Backoff()
        self._requests = Requests()
        self._outgoing: asyncio.Queue[wire.Message] = asyncio.Queue()
        self._token: str | None = None
        self._was_welcome = False
        self._had_fresh_ticket = False
        self._is_leaving = False
        self._error: wire.Error | None = None
        self._probes: dict[int, float] = {}
        self._heard_at = self._probed_at = 0.0
        self._waiting_since: float | None = None
        """When the first probe was sent that nothing has followed yet."""
        self._mend = asyncio.Event()

    async def run(self) -> None:
        """Connect, and again, until it is left or refused for good."""
        while True:
            self._tell("reconnecting" if self._was_welcome else "connecting")
            code: int | None = None
            try:
                await self._connection()
            except _Broken as broken:
                code = broken.code
            except NotAllowed:
                raise
            except websockets.InvalidStatus as refused:
                if 400 <= refused.response.status_code < 500:
                    raise OtherVersion("There is a server, but it does not speak soundwell.v1.") from refused
            except (ListenerError, OSError, TimeoutError, websockets.WebSocketException):
                pass  # the server is away, or refuses a ticket: both are tried again, the screen says so
            self.is_welcome = False
            if self._is_leaving or self._is_final(code):
                break
            self._tell("reconnecting" if self._was_welcome else "connecting")
            await self._pause(self._backoff.next_s(is_buffered=self._owner.is_buffered))
        self._requests.lose()
        if not self._is_leaving:
            self._tell("superseded" if code == _SUPERSEDED else "closed")

    def ask(self, request: wire.Request) -> asyncio.Future[wire.Message]:
        """Ask now; what the line loses meanwhile is asked again after a resume. May raise Refused or Lost."""
        return self._requests.ask(request, self.send)

    def send(self, message: wire.Message) -> None:
        """Send it if there is a line."""
        if self.is_welcome:
            self._outgoing.put_nowait(message)

    def again(self) -> None:
        """Something was lost on the way: come back to where the run ends."""
        self._mend.set()

    async def leave(self) -> None:
        """Go for good: the server ends what is open."""
        self.send(wire.Bye(reason="closed"))
        self._is_leaving = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                await self._outgoing.join()
        self._mend.set()

    # One connection

    async def _connection(self) -> None:
        """Connect, shake hands, and stay until it breaks; raises what broke it."""
        self._outgoing = asyncio.Queue()
        self._mend.clear()
        hello, is_resumed = await self._hello()
        async with asyncio.timeout(self._attempt_s):
            socket = await self._dial()
        try:
            async with asyncio.timeout(self._attempt_s):
                await socket.send(wire.encode(hello))
                welcome = await self._await_welcome(socket)
            await self._stay(socket, welcome, is_resumed=is_resumed)
        finally:
            self.is_welcome = False
            # no closing handshake: a dead line would hold us up
            if self._is_leaving:
                await socket.close()
            else:
                socket.transport.abort()

    async def _hello(self) -> tuple[wire.Hello, bool]:
        client = {"name": "soundwell", "ver": "1", "device": self._device}
        caps = {"codecs": ["s16", "f32"]}
        if self._token is None:
            return wire.Hello(
                v=[wire.VERSION], ticket=await self._owner.ticket(), client=client, caps=caps
            ), False
        resume = {"token": self._token, "last_re": self._requests.last_answered, **self._owner.heard()}
        return wire.Hello(v=[wire.VERSION], resume=resume, client=client, caps=caps), True

    async def _dial(self) -> ClientConnection:
        is_near = urlsplit(self._url).hostname in {"localhost", "127.0.0.1", "::1"}
        return await connect(
            self._url,
            subprotocols=[cast("Any", wire.SUBPROTOCOL)],
            compression=None,
            max_size=None,
            ping_interval=None,
            close_timeout=_GOODBYE_S,
            proxy=None if is_near else True,
        )

    async def _await_welcome(self, socket: ClientConnection) -> wire.Welcome:
        """The first message; an error comes before its close."""
        while True:
            message = await self._receive(socket)
            if isinstance(message, wire.Welcome):
                return message
            if isinstance(message, wire.Error):
                self._error = message

    async def _stay(self, socket: ClientConnection, welcome: wire.Welcome, *, is_resumed: bool) -> None:
        self._token = welcome.resume_token
        self.is_welcome = self._was_welcome = True
        self._had_fresh_ticket = False
        self._error = None
        self._backoff.reset()
        self._probes.clear()
        self._waiting_since = None
        if not is_resumed:
            self._requests.lose()
        self._tell("connected")
        self._owner.welcomed(welcome, is_resumed=is_resumed)
        if is_resumed:
            self._requests.repeat(self.send)
        tasks = (self._read(socket), self._write(socket), self._watch(), self._wait_for_mend())
        try:
            async with asyncio.TaskGroup() as group:
                for task in tasks:
                    group.create_task(task)
        except* (_Broken, websockets.WebSocketException, OSError):
            pass
        raise _Broken(socket.close_code)

    async def _read(self, socket: ClientConnection) -> None:
        while True:
            message = await self._receive(socket)
            if message is None:
                continue
            if isinstance(message, wire.TimeAnswer):
                self._measure(message)
            elif isinstance(message, wire.GoAway):
                raise _Broken
            elif self._requests.answer(message):
                await asyncio.sleep(0)  # who asked goes on first: audio comes close behind `stream.ready`
            else:
                if isinstance(message, wire.Error) and message.fatal:
                    self._error = message
                self._owner.message(message)

    async def _receive(self, socket: ClientConnection) -> wire.Message | None:
        """The next control message; audio is handed on, and then there is none."""
        try:
            data = await socket.recv(decode=False)
        except websockets.ConnectionClosed as closed:
            raise _Broken(socket.close_code) from closed
        self._heard_at = asyncio.get_running_loop().time()
        self._waiting_since = None
        try:
            if wire.is_control(data):
                return wire.decode_server(data)
            self._owner.packet(*wire.parse_packet(data))
        except wire.WireError:
            pass  # a kind that this version does not know yet
        return None

    async def _write(self, socket: ClientConnection) -> None:
        outgoing = self._outgoing
        while True:
            await socket.send(wire.encode(await outgoing.get()))
            outgoing.task_done()

    async def _wait_for_mend(self) -> None:
        await self._mend.wait()
        raise _Broken

    # Is anybody there?

    async def _watch(self) -> None:
        for wait_s in _FIRST_PROBES_S:
            await asyncio.sleep(wait_s)
            self.probe()
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            self._look(asyncio.get_running_loop().time())

    def _look(self, now: float) -> None:
        patience_s = _SILENCE_S if self._owner.is_buffered else _PROBE_EVERY_S
        dead_s = max(_DEAD_S, 4 * (self.round_trip.smoothed_s or 0.0))
        if self._waiting_since is not None and now - self._waiting_since > dead_s:
            raise _Broken
        if now - self._probed_at > _PROBE_EVERY_S or now - max(self._heard_at, self._probed_at) > patience_s:
            self.probe()

    def probe(self) -> None:
        """Ask for the time."""
        now = asyncio.get_running_loop().time()
        self._probed_at = now
        self._waiting_since = now if self._waiting_since is None else self._waiting_since
        probe = wire.TimeProbe(
            id=self._requests.next_id(),
            c0=now * 1000,
            srtt_us=self.round_trip.srtt_us,
            rttvar_us=self.round_trip.rttvar_us,
        )
        self._probes[probe.id] = now
        self.send(probe)

    def _measure(self, answer: wire.TimeAnswer) -> None:
        sent_at = self._probes.pop(answer.re, None)
        if sent_at is not None:
            trip_s = asyncio.get_running_loop().time() - sent_at
            is_first = self.round_trip.smoothed_s is None
            self.round_trip.add(trip_s)
            self.trips_s = [*self.trips_s[1 - _TRIPS :], trip_s]
            if is_first:
                self.probe()  # tells the server, which would time a change for a shorter way until then

    # When it is gone

    def _is_final(self, code: int | None) -> bool:
        """Whether to give up; a token that is no longer known is dropped."""
        if code in {_RESUME_EXPIRED, _UNAUTHENTICATED}:
            self._token = None
        if code == _UNAUTHENTICATED:
            is_hopeless, self._had_fresh_ticket = self._had_fresh_ticket, True
            return is_hopeless
        return code == _SUPERSEDED or code in _FINAL_CODES

    async def _pause(self, seconds: float) -> None:
        self._mend.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._mend.wait()

    @property
    def _attempt_s(self) -> float:
        least, most = _ATTEMPT_S
        return min(max(8 * (self.round_trip.smoothed_s or most), least), most)

    def _tell(self, line: Literal["connecting", "connected", "reconnecting", "closed", "superseded"]) -> None:
        self._owner.line_changed(LinkState(line, self._backoff.attempt, self._error))
