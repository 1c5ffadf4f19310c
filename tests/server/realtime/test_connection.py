"""One socket's shell, with a protocol that writes into a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from server.kit.clock import ManualClock
from server.realtime import wire
from server.realtime.connection import MOST_HELD, Connection
from server.realtime.limits import Limits
from server.realtime.outbox import Packets
from server.realtime.session import Session
from tests.peers.house import principal

if TYPE_CHECKING:
    from server.realtime.transport import RealtimeProtocol

HEAD = 28


class Paper:
    """Takes what is written, as long as it is told to."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.room = 1_000
        self.closed: tuple[int, str] | None = None

    @property
    def can_write(self) -> bool:
        return len(self.written) < self.room and not self.is_closing

    @property
    def is_closing(self) -> bool:
        return self.closed is not None

    def write_control(self, payload: bytes) -> None:
        self.written.append(payload)

    def write_packets(self, buffer: memoryview, count: int) -> None:
        stride = len(buffer) // count
        self.written += [bytes(buffer[at + 4 : at + stride]) for at in range(0, len(buffer), stride)]

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)


class Listener:
    """Remembers what a gateway would be told."""

    def __init__(self) -> None:
        self.hellos: list[wire.Hello] = []
        self.messages: list[bytes] = []
        self.drained_sessions: list[Session] = []
        self.losses = 0

    def hello(self, connection: Connection, message: wire.Hello) -> None:
        self.hellos.append(message)

    def heard(self, connection: Connection, session: Session, data: bytes) -> None:
        self.messages.append(data)

    def drained(self, session: Session) -> None:
        self.drained_sessions.append(session)

    def lost(self, connection: Connection) -> None:
        self.losses += 1


def made() -> tuple[Connection, Paper, Listener]:
    paper, reader = Paper(), Listener()
    protocol = cast("RealtimeProtocol", paper)
    connection = Connection(
        protocol, reader, ManualClock(), origin=None, address="127.0.0.1", hello_bytes=4096
    )
    return connection, paper, reader


def session() -> Session:
    return Session("client", principal(), "a test", Limits(), 0.0)


HELLO = wire.encode(wire.Hello(v=(1,), ticket="t"))


def packets(sid: int, pos: int, count: int = 1) -> Packets:
    flags = [0] * count
    flags[0] |= 1
    flags[-1] |= 2
    buffer = memoryview(bytearray(count * (HEAD + 480 * 4)))
    return Packets(wire.PacketHeader(sid, pos, 480, "s16", 257), flags, buffer, pos)


def test_headers_are_written_with_the_number_and_time_of_sending() -> None:
    connection, paper, _ = made()
    for sid, pos, count in ((1, 0, 1), (2, 0, 1), (1, 480, 3)):
        connection.outbox.media(packets(sid, pos, count))
    connection.flush()
    headers = [wire.parse_packet(data)[0] for data in paper.written]
    told = [(one.sid, one.seq, one.pos, one.flags) for one in headers]
    assert told == [(1, 0, 0, 3), (2, 0, 0, 3), (1, 1, 480, 1), (1, 2, 960, 0), (1, 3, 1_440, 2)]
    assert {(one.epoch, one.tx_us) for one in headers} == {(1, 1_000_000_000)}


def test_only_what_the_transport_takes_is_written() -> None:
    connection, paper, reader = made()
    paper.room = 2
    for name in (b"a", b"b", b"c"):
        connection.outbox.control(name)
    connection.flush()
    assert paper.written == [b"a", b"b"]
    paper.room = 3
    connection.writable()
    assert paper.written == [b"a", b"b", b"c"]
    assert reader.drained_sessions == []
    mine = session()
    connection.welcomed(mine)
    connection.writable()
    assert reader.drained_sessions == [mine]


def test_messages_between_hello_and_welcome_are_held_and_bounded() -> None:
    connection, paper, reader = made()
    connection.received(HELLO)
    for _ in range(MOST_HELD):
        connection.received(b"\x81")
    assert len(reader.hellos) == 1
    assert reader.messages == []
    connection.welcomed(session())
    assert len(reader.messages) == MOST_HELD

    connection, paper, reader = made()
    connection.received(HELLO)
    for _ in range(MOST_HELD + 1):
        connection.received(b"\x81")
    assert paper.closed == (4429, "rate_limited")


def test_after_a_refusal_nothing_is_heard() -> None:
    connection, paper, reader = made()
    connection.received("text")
    assert paper.closed == (4400, "bad_message")
    connection.received(HELLO)
    assert reader.hellos == []


def test_a_loss_is_told_once() -> None:
    connection, _, reader = made()
    connection.outbox.media(packets(1, 0))
    connection.lost()
    connection.lost()
    assert reader.losses == 1
    assert connection.outbox.pop() is None
    assert connection.settled.is_set()
    assert connection.closed.is_set()
    assert not connection.is_open


def test_an_outbox_that_overflowed_ends_the_connection() -> None:
    connection, paper, _ = made()
    paper.room = 0
    for _ in range(257):
        connection.outbox.control(b"x")
    connection.flush()
    assert paper.closed == (4508, "slow_consumer")


def test_goaway_tells_whether_to_resume() -> None:
    connection, paper, _ = made()
    connection.going_away()
    connection.welcomed(session())
    connection.going_away()
    told = [wire.decode_server(data) for data in paper.written]
    assert [one.resume for one in told if isinstance(one, wire.GoAway)] == [False, True]
