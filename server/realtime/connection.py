"""One socket: what it brings goes to the session, what lies in the outbox goes onto it."""

import asyncio
from typing import Protocol

from server.kit.clock import Clock
from server.realtime import metrics, wire
from server.realtime.errors import RealtimeError
from server.realtime.outbox import Outbox, Packets
from server.realtime.session import Session
from server.realtime.transport import FRAME_HEAD, RealtimeProtocol

MOST_HELD = 64
"""Messages that may arrive while the hello is being checked."""


class Reader(Protocol):
    """Who is told what a connection brings; the gateway."""

    def hello(self, connection: "Connection", message: wire.Hello) -> None: ...

    def heard(self, connection: "Connection", session: Session, data: bytes) -> None: ...

    def drained(self, session: Session) -> None: ...

    def lost(self, connection: "Connection") -> None: ...


class Connection:
    """The sink of one RealtimeProtocol, from accept to close."""

    def __init__(
        self,
        protocol: RealtimeProtocol,
        reader: Reader,
        clock: Clock,
        *,
        origin: str | None,
        address: str,
        hello_bytes: int,
    ) -> None:
        self.origin = origin
        self.address = address
        self.session: Session | None = None
        """Known once the hello was answered."""
        self.outbox = Outbox(self.flush)
        self.is_unconfirmed = True
        """Nothing was heard since the welcome, so the former resume token is still good."""
        self.settled = asyncio.Event()
        """Welcomed, or gone."""
        self.closed = asyncio.Event()
        self._protocol = protocol
        self._reader = reader
        self._clock = clock
        self._hello_bytes = hello_bytes
        self._is_greeted = False
        self._is_lost = False
        self._held: list[bytes] = []
        self._sequence: dict[int, int] = {}

    # From the socket

    def received(self, data: bytes | str) -> None:
        """One message."""
        if not self.is_open:
            return
        if isinstance(data, str):
            self.fail(RealtimeError("bad_message", "Messages are binary."))
        elif self.session is not None:
            if len(data) > wire.CONTROL_BYTES:
                self.fail(RealtimeError("too_big", "A message may have 64 KiB."))
            else:
                self._reader.heard(self, self.session, data)
        elif len(data) > self._hello_bytes:
            self.fail(RealtimeError("too_big", "A hello may have 4 KiB."))
        elif self._is_greeted:
            self._hold(data)
        else:
            self._greet(data)

    def writable(self) -> None:
        """The transport takes more, so there may be room for more audio."""
        self.flush()
        if self.session is not None:
            self._reader.drained(self.session)

    def lost(self) -> None:
        """The socket is gone."""
        if not self._is_lost:
            self._is_lost = True
            self.outbox.clear_media()
            self._reader.lost(self)
            self.settled.set()
            self.closed.set()

    def going_away(self) -> None:
        """The server restarts."""
        goaway = wire.GoAway(reason="restart", in_ms=0, resume=self.session is not None)
        self._protocol.write_control(wire.encode(goaway))

    # To the socket

    def flush(self) -> None:
        """Write what the transport takes; never waits."""
        protocol, outbox = self._protocol, self.outbox
        if outbox.has_overflowed:
            self.fail(RealtimeError("slow_consumer", "Messages are not read fast enough."))
        while protocol.can_write:
            item = outbox.pop()
            if item is None:
                return
            if isinstance(item, bytes):
                protocol.write_control(item)
            else:
                self._write(item)

    def fail(self, error: RealtimeError) -> None:
        """Say why, and close."""
        message = wire.Error(
            code=error.code,
            msg=error.message,
            fatal=True,
            retry_ms=error.retry_ms,
            field=error.field,
            args=error.facts,
        )
        self._protocol.write_control(wire.encode(message))
        self._protocol.close(error.close_code, error.code)
        metrics.CLOSES.labels(error.code).inc()

    def close(self) -> None:
        """The client left."""
        self._protocol.close(wire.CLOSE_DONE, "")

    @property
    def is_open(self) -> bool:
        return not self._is_lost and not self._protocol.is_closing

    def welcomed(self, session: Session) -> None:
        """The hello was answered: what came meanwhile is heard now."""
        self.session = session
        self.settled.set()
        held, self._held = self._held, []
        for data in held:
            self._reader.heard(self, session, data)

    def _greet(self, data: bytes) -> None:
        try:
            message = wire.decode_client(data)
        except wire.WireError as problem:
            self.fail(RealtimeError("bad_message", problem.message, field=problem.field))
            return
        if not isinstance(message, wire.Hello):
            self.fail(RealtimeError("bad_message", "The first message is hello."))
        elif wire.VERSION not in message.v:
            self.fail(RealtimeError("version", f"This server speaks version {wire.VERSION}."))
        else:
            self._is_greeted = True
            self._reader.hello(self, message)

    def _hold(self, data: bytes) -> None:
        self._held.append(data)
        if len(self._held) > MOST_HELD:
            self.fail(RealtimeError("rate_limited", "Too many messages before welcome."))

    def _write(self, packets: Packets) -> None:
        """Fill in the headers and hand the packets to the socket."""
        sid = packets.sid
        sequence = self._sequence.get(sid, 0)
        self._sequence[sid] = sequence + len(packets.flags)
        tx_us = round(self._clock.monotonic() * 1e6)
        wire.pack_headers(packets.buffer, FRAME_HEAD, packets.header, sequence, packets.flags, tx_us)
        self._protocol.write_packets(packets.buffer, len(packets.flags))
