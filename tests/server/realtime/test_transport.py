"""The socket below the gateway, and what it relies on inside uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import socket
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.asyncio.client import connect

from server.realtime.transport import (
    EXTENSION,
    FRAME_HEAD,
    PROTOCOL_OPTIONS,
    RealtimeProtocol,
    configure_socket,
    frame_head,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


class Recorder:
    """A sink that writes down what happens."""

    def __init__(self) -> None:
        self.got: list[bytes | str] = []
        self.writable_again = asyncio.Event()
        self.gone = asyncio.Event()
        self.is_going_away = False

    def received(self, data: bytes | str) -> None:
        self.got.append(data)

    def writable(self) -> None:
        self.writable_again.set()

    def lost(self) -> None:
        self.gone.set()

    def going_away(self) -> None:
        self.is_going_away = True


class Door:
    """An application that accepts and hands each protocol out."""

    def __init__(self) -> None:
        self.sink = Recorder()
        self.protocol: RealtimeProtocol | None = None
        self.attached = asyncio.Event()
        self.wait_before_attach_s = 0.0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await asyncio.sleep(self.wait_before_attach_s)
        protocol = scope["extensions"][EXTENSION]
        assert isinstance(protocol, RealtimeProtocol)
        self.protocol = protocol
        protocol.attach(self.sink)
        self.attached.set()
        await self.sink.gone.wait()


@contextlib.asynccontextmanager
async def serving(door: Door, **options: Any) -> AsyncGenerator[tuple[str, uvicorn.Server, socket.socket]]:
    listening = socket.create_server(("127.0.0.1", 0))
    configure_socket(listening)
    settings = {**PROTOCOL_OPTIONS, **options}
    config = uvicorn.Config(door, ws=RealtimeProtocol, lifespan="off", log_config=None, **settings)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:  # noqa: ASYNC110 - uvicorn offers a flag, no event
        await asyncio.sleep(0.005)
    try:
        yield f"ws://127.0.0.1:{listening.getsockname()[1]}", server, listening
    finally:
        server.should_exit = True
        await task
        listening.close()


def test_the_internals_of_uvicorn_that_are_relied_on() -> None:
    """If this fails after an update, read transport.py beside the new websockets_sansio_impl.py."""
    source = inspect.getsource(WebSocketsSansIOProtocol)
    for name in (
        "self.conn.send_close(",
        "self.conn.data_to_send()",
        "self.close_sent = True",
        "self.close_timer",
        "self.disconnected",
        "self.writable",
        "self.read_paused",
        "self.queue",
        "self.frames",
        "self.curr_msg_data_type",
        "self.pong_timer",
        "self.scope",
    ):
        assert name in source, name
    for method in (
        "connection_made",
        "connection_lost",
        "handle_connect",
        "handle_close",
        "send_receive_event_to_app",
        "resume_writing",
        "keepalive_timeout",
        "shutdown",
    ):
        ours = inspect.signature(getattr(RealtimeProtocol, method)).parameters
        theirs = inspect.signature(getattr(WebSocketsSansIOProtocol, method)).parameters
        assert list(ours) == list(theirs), method


@pytest.mark.parametrize(
    ("length", "head"),
    [(0, "8200"), (125, "827d"), (126, "827e007e"), (65_535, "827effff"), (65_536, "827f0000000000010000")],
)
def test_frame_heads_are_those_of_rfc_6455(length: int, head: str) -> None:
    assert frame_head(length).hex() == head


def test_accepted_sockets_inherit_what_frees_dead_peers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        configure_socket(listening)
        with socket.create_connection(listening.getsockname()) as _:
            accepted, _ = listening.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 10_000
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT) == 32_768


async def test_packets_are_framed_in_place_and_arrive_whole() -> None:
    door = Door()
    async with serving(door) as (url, _, _), connect(url, max_size=None) as client:
        await door.attached.wait()
        assert door.protocol is not None
        for length in (24, 125, 126, 1_944, 38_424):
            frame = bytearray(FRAME_HEAD) + bytes(index % 251 for index in range(length))
            payload = bytes(frame[FRAME_HEAD:])
            door.protocol.write_packets(memoryview(frame), 1)
            assert await client.recv() == payload
        several = [bytes([number]) * 500 for number in range(3)]
        frame = bytearray(b"".join(bytes(FRAME_HEAD) + payload for payload in several))
        door.protocol.write_packets(memoryview(frame), 3)
        assert [await client.recv() for _ in several] == several
        door.protocol.write_control(b"x" * 70_000)
        assert await client.recv() == b"x" * 70_000


async def test_deflate_is_off_though_the_client_offers_it() -> None:
    async with serving(Door()) as (url, _, _), connect(url, compression="deflate") as client:
        assert client.response is not None
        assert "Sec-WebSocket-Extensions" not in client.response.headers


async def test_messages_reach_the_sink_whole_in_order_and_in_their_kind() -> None:
    door = Door()
    async with serving(door) as (url, _, _), connect(url) as client:
        await door.attached.wait()
        await client.send(b"one")
        await client.send("two")
        await client.send([b"th", b"r", b"ee"])
        await client.close()
        await door.sink.gone.wait()
    assert door.sink.got == [b"one", "two", b"three"]


async def test_what_came_before_the_sink_is_handed_over() -> None:
    door = Door()
    door.wait_before_attach_s = 0.1
    async with serving(door) as (url, _, _), connect(url) as client:
        await client.send(b"early")
        await client.send("early too")
        await door.attached.wait()
        await client.send(b"late")
        await client.close()
        await door.sink.gone.wait()
    assert door.sink.got == [b"early", "early too", b"late"]


async def test_who_left_before_the_sink_came_is_lost_at_once() -> None:
    door = Door()
    door.wait_before_attach_s = 0.2
    async with serving(door) as (url, _, _):
        async with connect(url):
            pass
        async with asyncio.timeout(5):
            await door.sink.gone.wait()


async def test_the_transport_says_when_it_is_full_and_when_there_is_room_again() -> None:
    door = Door()
    async with serving(door) as (url, _, _), connect(url, max_queue=2, max_size=None) as client:
        await door.attached.wait()
        protocol = door.protocol
        assert protocol is not None
        written = 0
        while protocol.can_write:
            frame = bytearray(FRAME_HEAD + 38_424)
            protocol.write_packets(memoryview(frame), 1)
            written += 1
        assert written < 1_000
        for _ in range(written):
            await client.recv()
        async with asyncio.timeout(5):
            await door.sink.writable_again.wait()
        assert bool(protocol.can_write)


async def test_a_close_is_told_to_the_client_and_frees_the_socket() -> None:
    door = Door()
    async with serving(door) as (url, _, _), connect(url) as client:
        await door.attached.wait()
        assert door.protocol is not None
        door.protocol.close(4409, "superseded")
        door.protocol.close(4400, "once is enough")
        door.protocol.write_control(b"too late")
        await client.wait_closed()
        assert (client.close_code, client.close_reason) == (4409, "superseded")
        await door.sink.gone.wait()
        assert not door.protocol.can_write


async def test_a_goodbye_and_a_close_may_come_in_the_same_bytes(caplog: pytest.LogCaptureFixture) -> None:
    class Answering(Recorder):
        def received(self, data: bytes | str) -> None:
            super().received(data)
            assert door.protocol is not None
            door.protocol.close(1000, "")  # the client left

    door = Door()
    door.sink = Answering()
    async with serving(door) as (url, _, _), connect(url) as client:
        await door.attached.wait()
        client.protocol.send_binary(b"bye")
        client.protocol.send_close(1000)
        client.transport.write(b"".join(client.protocol.data_to_send()))
        await asyncio.wait_for(door.sink.gone.wait(), 10)
    assert door.sink.got == [b"bye"]
    assert caplog.records == []


async def test_a_client_that_reads_nothing_is_aborted_after_a_close() -> None:
    door = Door()
    async with serving(door) as (url, _, _), connect(url) as client:
        await door.attached.wait()
        assert door.protocol is not None
        client.transport.pause_reading()
        while door.protocol.can_write:
            door.protocol.write_control(b"x" * 100_000)
        door.protocol.close(4508, "slow_consumer")
        async with asyncio.timeout(6):
            await door.sink.gone.wait()
        client.transport.abort()


async def test_a_client_that_answers_no_ping_is_aborted() -> None:
    door = Door()
    options = {"ws_ping_interval": 0.1, "ws_ping_timeout": 0.2}
    async with serving(door, **options) as (url, _, _), connect(url) as client:
        await door.attached.wait()
        assert door.protocol is not None
        client.transport.pause_reading()
        while door.protocol.can_write:
            door.protocol.write_control(b"x" * 100_000)
        async with asyncio.timeout(5):
            await door.sink.gone.wait()
        client.transport.abort()


async def test_a_client_that_answers_pings_stays() -> None:
    door = Door()
    options = {"ws_ping_interval": 0.05, "ws_ping_timeout": 5.0}
    async with serving(door, **options) as (url, _, _), connect(url, ping_interval=None) as client:
        await door.attached.wait()
        await asyncio.sleep(0.5)
        await client.send(b"still here")
        await client.close()
        await door.sink.gone.wait()
    assert door.sink.got == [b"still here"]


async def test_pings_are_answered_unless_the_peer_reads_nothing() -> None:
    door = Door()
    async with serving(door) as (url, _, _), connect(url, ping_interval=None) as client:
        await door.attached.wait()
        protocol = door.protocol
        assert protocol is not None
        async with asyncio.timeout(5):
            await (await client.ping())
        client.transport.pause_reading()
        while protocol.can_write:
            protocol.write_control(b"x" * 100_000)
        waiting = protocol.transport.get_write_buffer_size()
        for _ in range(100):
            await client.ping()
        await client.send(b"after the pings")
        async with asyncio.timeout(5):
            while not door.sink.got:  # noqa: ASYNC110 - looks at what the server got
                await asyncio.sleep(0.005)
        assert protocol.transport.get_write_buffer_size() <= waiting
        client.transport.abort()


async def test_a_shutdown_is_told_to_the_sink_and_closes_with_1012() -> None:
    door = Door()
    async with serving(door) as (url, server, _), connect(url) as client:
        await door.attached.wait()
        server.should_exit = True
        await client.wait_closed()
        assert client.close_code == 1012
        await door.sink.gone.wait()
    assert door.sink.is_going_away
