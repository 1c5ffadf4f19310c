"""The endpoint `/ws`: who may connect, what their messages set in motion, and who is let go."""

import asyncio
import contextlib
import json
import secrets
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection, Coroutine, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

import structlog
from starlette.types import Receive, Scope, Send

from server.kit.bus import Bus
from server.kit.clock import Clock
from server.kit.errors import SoundwellError
from server.realtime import metrics, wire
from server.realtime.actions import (
    Action,
    CloseStream,
    Disconnect,
    Feed,
    Leave,
    OpenStream,
    Renew,
    Subscribe,
    Wake,
)
from server.realtime.channel import Channel
from server.realtime.collector import Collector
from server.realtime.connection import Connection
from server.realtime.errors import RealtimeError, from_http
from server.realtime.follow import Follower, Log, ReadEvents, Snapshot
from server.realtime.limits import Limits
from server.realtime.parking import Parking
from server.realtime.pump import Pump
from server.realtime.reception import Authenticate, Describe, Reception
from server.realtime.session import Session
from server.realtime.spent import SPENT
from server.realtime.stage import CONTROL, Owned, Stage
from server.realtime.stream import Opener, Standby
from server.realtime.transport import EXTENSION, RealtimeProtocol

log = structlog.get_logger(__name__)

SWEEP_S = 1.0
RESTART_S = 0.1
LAST_WRITES_S = 5.0
"""How long a shutdown waits for rows that are being written."""


class Gateway:
    """One per process; an ASGI application for the scope `websocket`."""

    def __init__(
        self,
        *,
        openers: Mapping[str, Opener],
        authenticate: Authenticate,
        describe: Describe,
        bus: Bus,
        read_events: ReadEvents,
        snapshot: Snapshot,
        origins: Collection[str],
        clock: Clock,
        standby: Standby,
        limits: Limits | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self._bus = bus
        self._clock = clock
        self._origins = frozenset(origins)
        self._standby = standby
        self._log = Log(bus, read_events, snapshot, self.limits.reread_s)
        self._pump = Pump(clock, self._render_failed)
        owner = secrets.token_hex(8)
        self._stage = Stage(openers, bus, clock, self.limits, owner, self._pump, self._taken)
        self._reception = Reception(authenticate, describe, clock, self.limits)
        self._parking = Parking(bus, self.limits)
        self._collector = Collector(clock.monotonic())
        self._waiting: Counter[str] = Counter()
        self._detached: dict[str, float] = {}
        self._followers: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_draining = False

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """The time in which connections are served; the lifespan owns it."""
        loops = (self._pump.run, self._stage.keep, self._sweep, self._hear)
        background = [asyncio.create_task(_for_ever(one)) for one in loops]
        self._collector.start()
        SPENT.watch("loop")
        try:
            yield
        finally:
            self._is_draining = True
            self._collector.stop()
            await self._finish_writes()
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            await self._pump.close()

    # Connecting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection, from handshake to close."""
        await receive()
        origin = _header(scope, b"origin")
        if origin is not None and origin not in self._origins:
            await send({"type": "websocket.close", "code": 1008})
            return
        protocol = cast("RealtimeProtocol", scope["extensions"][EXTENSION])
        offered = cast("Sequence[str]", scope.get("subprotocols", ()))
        # a browser fails the handshake, and hides the reason, unless something it offered is chosen
        chosen = wire.SUBPROTOCOL if wire.SUBPROTOCOL in offered else next(iter(offered), None)
        await send({"type": "websocket.accept", "subprotocol": chosen, "headers": []})
        address = str((scope.get("client") or ("unknown", 0))[0])
        connection = Connection(
            protocol, self, self._clock, origin=origin, address=address, hello_bytes=self.limits.hello_bytes
        )
        refusal = self._refusal(address, chosen)
        if refusal is not None:
            connection.fail(refusal)
        protocol.attach(connection)
        with metrics.CONNECTIONS.track_inprogress():
            await self._wait_for_hello(connection)
            await connection.closed.wait()

    def _refusal(self, address: str, subprotocol: str | None) -> RealtimeError | None:
        """Why a socket may not even say hello."""
        if subprotocol != wire.SUBPROTOCOL:
            return RealtimeError("version", f"This server speaks {wire.SUBPROTOCOL}.")
        if self._is_draining:
            return RealtimeError("overloaded", "This server is shutting down.", retry_ms=1000)
        if self._waiting[address] >= self.limits.waiting_per_address:
            return RealtimeError("rate_limited", "Too many connections are waiting.", retry_ms=5000)
        return None

    async def _wait_for_hello(self, connection: Connection) -> None:
        self._waiting[connection.address] += 1
        try:
            async with asyncio.timeout(self.limits.hello_s):
                await connection.settled.wait()
        except TimeoutError:
            connection.fail(RealtimeError("timeout", "No hello came."))
        finally:
            self._waiting[connection.address] -= 1
            if not self._waiting[connection.address]:
                del self._waiting[connection.address]

    def hello(self, connection: Connection, message: wire.Hello) -> None:
        """Check who it is, off the reader."""
        self._spawn(self._greet(connection, message))

    async def _greet(self, connection: Connection, hello: wire.Hello) -> None:
        try:
            if hello.resume is not None:
                session, token = await self._resume(connection, cast("str", hello.resume["token"]))
            else:
                session, token = await self._reception.enter(connection, hello)
            welcome = await self._reception.welcome(session, token)
        except RealtimeError as refusal:
            connection.fail(refusal)
        except SoundwellError as refusal:
            connection.fail(from_http(refusal))
        except Exception:
            log.exception("hello_failed")
            connection.fail(RealtimeError("internal", "Something went wrong on our side."))
        else:
            self._seat(connection, session, welcome, hello.resume)

    async def _resume(self, connection: Connection, token: str) -> tuple[Session, str]:
        """The session of an earlier connection, here or parked by another process."""
        known = self._reception.resume(token)
        if known is not None:
            self._spawn(self._parking.forget(self._reception.tokens.names(known[0])))
            return known
        parked = await self._parking.take(token, self._clock.monotonic())
        if parked is None:
            raise RealtimeError("resume_expired", "This session is no longer here; open its streams again.")
        try:
            for stream in parked.streams:
                await self._stage.revive(parked.session, stream, connection.address)
        except RealtimeError as refusal:
            raise RealtimeError("resume_expired", "Its streams cannot be taken over.") from refusal
        return parked.session, self._reception.readmit(parked.session)

    def _seat(
        self,
        connection: Connection,
        session: Session,
        welcome: wire.Welcome,
        resume: Mapping[str, object] | None,
    ) -> None:
        """The connection speaks for the session from now on."""
        former = self._reception.connected.pop(session.client, None)
        if former is not None:
            former.fail(RealtimeError("superseded", "This session goes on in another connection."))
        if not connection.is_open:
            self._detach(session)
            return
        now = self._clock.monotonic()
        self._detached.pop(session.client, None)
        self._reception.connected[session.client] = connection
        session.attach(connection.outbox, now)
        connection.outbox.urgent(wire.encode(welcome))
        if resume is not None:
            session.line.replies.forget_until(cast("int", resume.get("last_re", 0)))
            self._perform(session, session.resume(cast("Any", resume.get("streams", ())), now))
            if session.topics and "events" in resume:
                self._follow(session, cast("Mapping[str, int]", resume["events"]), None)
            self._spawn(self._stage.changed(session.principal.id))
        connection.welcomed(session)
        connection.flush()

    def lost(self, connection: Connection) -> None:
        """The socket is gone; the session waits for the next one."""
        session = connection.session
        if session is not None and self._reception.connected.get(session.client) is connection:
            del self._reception.connected[session.client]
            self._detach(session)

    def _detach(self, session: Session) -> None:
        session.detach()
        self._stop_following(session)
        if session.client in self._reception.sessions:
            self._detached[session.client] = self._clock.monotonic() + self.limits.resume_s
            self._spawn(self._put_aside(session))

    async def _put_aside(self, session: Session) -> None:
        names = self._reception.tokens.names(session)
        await self._parking.park(session, names, self._clock.monotonic())
        await self._stage.changed(session.principal.id)

    # What messages set in motion

    def heard(self, connection: Connection, session: Session, data: bytes) -> None:
        """One message of a welcomed client."""
        if connection.is_unconfirmed:
            connection.is_unconfirmed = False
            self._reception.tokens.confirm(session)
        try:
            self._perform(session, session.receive(data, self._clock.monotonic()))
        except Exception:
            log.exception("message_failed", client=session.client)
            connection.fail(RealtimeError("internal", "Something went wrong on our side."))
        connection.flush()

    def drained(self, session: Session) -> None:
        """There is room for audio again."""
        for channel in session.channels.values():
            self._pump.feed(channel)

    def _perform(self, session: Session, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case Feed(channel):
                    self._pump.feed(channel)
                case Wake(at):
                    delay_s = max(0.0, at - self._clock.monotonic())
                    asyncio.get_running_loop().call_later(delay_s, self._wake, session)
                case OpenStream(request):
                    self._spawn(self._open(session, request))
                case CloseStream(channel, reason, by):
                    self._spawn(self._close(session, channel, reason, by))
                case Subscribe(request):
                    session.topics = tuple(request.topics)
                    self._follow(session, cast("Mapping[str, int] | None", request.after), request.id)
                case Renew(request):
                    self._spawn(self._renew(session, request))
                case Leave():
                    self._leave(session)
                case Disconnect(error):
                    self._disconnect(session, error)

    def _wake(self, session: Session) -> None:
        self._perform(session, session.wake(self._clock.monotonic()))
        self._flush(session)

    def _flush(self, session: Session) -> None:
        if session.line.outbox is not None:
            session.line.outbox.flush()

    async def _open(self, session: Session, request: wire.StreamOpen) -> None:
        connection = self._reception.connected.get(session.client)
        address = connection.address if connection is not None else ""
        try:
            self._perform(session, await self._stage.open(session, request, address))
        except RealtimeError as refusal:
            session.open_failed(request, refusal)
        except Exception:
            log.exception("open_failed", kind=request.kind)
            session.open_failed(request, RealtimeError("internal", "The stream could not be opened."))
        if session.client not in self._reception.sessions:
            self._perform(session, session.leave("left", self._clock.monotonic()))
        self._flush(session)

    async def _close(self, session: Session, channel: Channel, reason: str, by: str | None) -> None:
        await self._stage.close(session, channel, reason, by)
        self._flush(session)

    async def _renew(self, session: Session, request: wire.AuthRenew) -> None:
        connection = self._reception.connected.get(session.client)
        origin = connection.origin if connection is not None else None
        try:
            session.line.reply(request.id, await self._reception.renew(session, request, origin))
        except RealtimeError as refusal:
            session.line.refuse(refusal, request.id)
        self._flush(session)

    def _leave(self, session: Session) -> None:
        """The client said goodbye."""
        self._reception.forget(session)
        connection = self._reception.connected.pop(session.client, None)
        self._perform(session, session.leave("left", self._clock.monotonic()))
        self._detached.pop(session.client, None)
        self._detach(session)
        if connection is not None:
            connection.flush()
            connection.close()

    def _disconnect(self, session: Session, error: RealtimeError) -> None:
        connection = self._reception.connected.get(session.client)
        if connection is not None:
            connection.flush()
            connection.fail(error)

    def _follow(self, session: Session, after: Mapping[str, int] | None, request: int | None) -> None:
        self._stop_following(session)
        follower = Follower(self._log, session.principal.id, session.line, session.topics)
        self._followers[session.client] = self._spawn(self._following(session, follower, after, request))

    async def _following(
        self, session: Session, follower: Follower, after: Mapping[str, int] | None, request: int | None
    ) -> None:
        try:
            await follower.run(after, request)
        except RealtimeError as refusal:
            self._disconnect(session, refusal)

    def _stop_following(self, session: Session) -> None:
        task = self._followers.pop(session.client, None)
        if task is not None:
            task.cancel()

    def _taken(self, owned: Owned, by: str | None) -> None:
        """Another owner plays this stream."""
        actions = owned.session.take_away(owned.channel, "taken" if by else "superseded", by)
        self._perform(owned.session, actions)

    def _render_failed(self, channel: Channel) -> None:
        owned = self._stage.owned(channel)
        if owned is not None:
            self._perform(owned.session, owned.session.fail(channel))
            self._flush(owned.session)

    async def revoke(self, whose: UUID) -> None:
        """Authority of a login, a key or a whole principal ended: everywhere, at once."""
        self._revoked(whose)
        await self._bus.publish(CONTROL, json.dumps({"revoked": str(whose)}).encode())

    def _revoked(self, whose: UUID) -> None:
        known = list(self._reception.sessions.values())
        for session in [one for one in known if whose in {one.principal.id, one.principal.proof}]:
            self._disconnect(session, RealtimeError("unauthenticated", "You have been signed out."))
            self._forget(session, "signed_out")

    def _forget(self, session: Session, reason: str) -> None:
        self._reception.forget(session)
        self._detached.pop(session.client, None)
        self._stop_following(session)
        self._perform(session, session.leave(reason, self._clock.monotonic()))

    # In the background

    async def _sweep(self) -> None:
        """Once a second: who is silent, whose authority ended, who did not return; what the next may want."""
        while True:
            await asyncio.sleep(SWEEP_S)
            now = self._clock.monotonic()
            for client in list(self._reception.connected):
                self._watch(self._reception.sessions[client], now)
            for client in [client for client, until in self._detached.items() if until <= now]:
                self._forget(self._reception.sessions[client], "lost")
            if self._reception.connected:
                self._pump.prepare(self._standby)
            self._collector.tick(now, is_idle=self._pump.is_idle)
            SPENT.tell()

    def _watch(self, session: Session, now: float) -> None:
        if session.principal.auth_until <= self._clock.now():
            self._disconnect(session, RealtimeError("unauthenticated", "Please sign in again."))
        self._perform(session, session.watch(now))
        self._flush(session)

    async def _hear(self) -> None:
        """What the other processes say."""
        async for payload in self._bus.subscribe(CONTROL):
            if not payload:
                continue
            told = json.loads(payload)
            if "taken" in told:
                self._stage.heard(told["taken"], told["owner"], told["by"])
            elif "revoked" in told:
                self._revoked(UUID(told["revoked"]))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("task_failed", exc_info=task.exception())

    async def _finish_writes(self) -> None:
        """Let rows that are being written be written; followers end."""
        for task in self._followers.values():
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_WRITES_S)


async def _for_ever(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Begin again after a failure: one bad message or stream must not end the work for all."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("background_failed", work=work.__qualname__)
        await asyncio.sleep(RESTART_S)


def _header(scope: Scope, name: bytes) -> str | None:
    found = [value for key, value in scope["headers"] if key == name]
    return found[0].decode("latin-1") if found else None
