"""The socket below the gateway: uvicorn's WebSocket protocol, without what a stream of audio cannot afford.

Messages go straight to a `Sink` instead of through the ASGI queue, ready packets straight to the transport,
and whoever does not answer is aborted: closing politely waits for a buffer that will never drain.
"""

import secrets
import socket
import time
from typing import TYPE_CHECKING, Any, Protocol

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State

from server.realtime import framing
from server.realtime.spent import SPENT

if TYPE_CHECKING:
    from asyncio.transports import BaseTransport

PROTOCOL_OPTIONS: dict[str, Any] = {
    "ws_per_message_deflate": False,
    "ws_ping_interval": 5.0,
    "ws_ping_timeout": 8.0,
    "ws_max_size": 262_144,
}
"""What uvicorn is to be started with. Messages over 64 KiB are refused by the gateway, with a reason."""
UNACKNOWLEDGED_MS = 10_000
"""The kernel gives up a peer that has not acknowledged for this long, or whose window stayed closed."""
NOT_SENT_BYTES = 32_768
"""The kernel takes no more than this beyond what is in flight."""
WRITE_BUFFER_BYTES = 65_536
"""Above this the transport reports that it is not writable."""
ABORT_AFTER_S = 2.0
"""A closing handshake may take so long."""
FRAME_HEAD = 4
"""Bytes before a media packet for the WebSocket frame header."""
_PING = b"\x89\x04"
"""RFC 6455 §5.2: head of an unmasked ping of four bytes."""
EXTENSION = "soundwell.realtime"
"""Key in the ASGI scope's extensions under which the gateway finds its protocol."""


def configure_socket(listening: socket.socket) -> None:
    """Set what accepted sockets inherit (Linux): they give up dead peers and bound what the kernel holds."""
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, NOT_SENT_BYTES)


class Sink(Protocol):
    """Who receives what the socket brings."""

    def received(self, data: bytes | str) -> None: ...

    def writable(self) -> None:
        """The transport takes more again."""

    def lost(self) -> None:
        """The socket is gone, for whatever reason."""

    def going_away(self) -> None:
        """The server shuts down; the socket closes right after."""


class RealtimeProtocol(WebSocketsSansIOProtocol):
    """One WebSocket of this server; give it to uvicorn as `ws=`."""

    sink: Sink | None = None
    _rest: bytes = b""
    """Of a frame that has not come whole."""
    _is_ours = False
    """Whether we look for frames: from the request on, until one comes that only websockets knows to read."""

    def attach(self, sink: Sink) -> None:
        """From now on messages go to `sink`, not to the ASGI application."""
        self.sink = sink
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        while not self.queue.empty():
            message = self.queue.get_nowait()
            if message["type"] == "websocket.receive":
                sink.received(message.get("bytes") or message.get("text") or b"")
        if self.disconnected:
            sink.lost()

    @property
    def can_write(self) -> bool:
        """Whether the transport's buffer is below its mark and the socket is open."""
        return self.writable.is_set() and not self.is_closing

    @property
    def is_closing(self) -> bool:
        return self.close_sent or self.disconnected or self.transport.is_closing()

    def write_control(self, payload: bytes) -> None:
        """Send one binary message."""
        if not self.is_closing:
            self.transport.write(frame_head(len(payload)) + payload)

    def write_packets(self, buffer: memoryview, count: int) -> None:
        """Send messages of equal length in one go, each after FRAME_HEAD free bytes for its frame header.

        Shorter messages than 126 bytes have a shorter header, so they come alone.
        """
        stride = len(buffer) // count
        head = frame_head(stride - FRAME_HEAD)
        skipped = FRAME_HEAD - len(head)
        for start in range(0, len(buffer), stride):
            buffer[start + skipped : start + FRAME_HEAD] = head
        self.transport.write(buffer[skipped:])

    def close(self, code: int, reason: str) -> None:
        """Send the close frame; the peer has two seconds to answer."""
        if self.is_closing or self.conn.state is not State.OPEN:
            return  # also where the peer's close came in the same bytes as the message that we answer
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(ABORT_AFTER_S, self.abort)

    def abort(self) -> None:
        """Free the socket now, whatever is still in its buffers."""
        self.transport.abort()

    # What follows overrides uvicorn; tests/server/realtime/test_transport.py pins what it relies on.

    def connection_made(self, transport: "BaseTransport") -> None:
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES)

    def data_received(self, data: bytes) -> None:
        begun = time.thread_time()
        if self._is_ours:
            self._take(self._rest + data)
        else:
            is_request = not self.handshake_initiated  # and nothing comes behind it
            super().data_received(data)
            self._is_ours = is_request and self.handshake_initiated
        SPENT.inbound_s += time.thread_time() - begun

    def _take(self, data: bytes) -> None:
        """Whole frames: messages straight to the sink, pongs too; all others go through websockets."""
        frames, self._rest, self._is_ours = framing.split(data)
        for frame in frames:
            is_open = self.conn.state is State.OPEN and not self.close_sent
            if is_open and frame[0] == framing.PONG:
                self.handle_pong(Frame(Opcode.PONG, framing.payload_of(frame)))
            elif is_open and frame[0] == framing.WHOLE_BINARY and self.sink is not None and not self.frames:
                self.sink.received(framing.payload_of(frame))
            else:
                super().data_received(frame)
        if not self._is_ours:
            super().data_received(self._rest)
            self._rest = b""

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            extensions: dict[str, Any] = self.scope.setdefault("extensions", {}) or {}
            extensions[EXTENSION] = self

    def send_receive_event_to_app(self) -> None:
        if self.sink is None:
            super().send_receive_event_to_app()
            return
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        if not self.close_sent:
            self.sink.received(data.decode(errors="replace") if self.curr_msg_data_type == "text" else data)

    def handle_ping(self) -> None:
        pong = b"".join(self.conn.data_to_send())
        if self.can_write:  # a peer that pings and does not read would fill the buffer without end
            self.transport.write(pong)

    def handle_close(self, event: "Frame") -> None:
        super().handle_close(event)
        self._abort_later()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.sink is not None:
            self.sink.writable()

    def send_keepalive_ping(self) -> None:
        """As uvicorn does it, without a frame's way through websockets."""
        self.ping_timer = None
        if self.is_closing:
            return
        self.pending_ping_payload = secrets.token_bytes(4)
        self.ping_sent_at = self.loop.time()
        self.transport.write(_PING + self.pending_ping_payload)
        self.pong_timer = self.loop.call_later(self.ping_timeout or 0.0, self.keepalive_timeout)

    def keepalive_timeout(self) -> None:
        self.pong_timer = None
        self.abort()

    def shutdown(self) -> None:
        if self.sink is not None:
            self.sink.going_away()
        super().shutdown()
        self._abort_later()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.sink is not None:
            self.sink.lost()

    def _abort_later(self) -> None:
        """What still lies in the buffer gets a moment, not for ever."""
        self.loop.call_later(ABORT_AFTER_S, self.abort)


def frame_head(length: int) -> bytes:
    """RFC 6455 §5.2: header of a final, unmasked binary frame."""
    if length < 126:
        return bytes((0x82, length))
    if length < 65_536:
        return b"\x82\x7e" + length.to_bytes(2, "big")
    return b"\x82\x7f" + length.to_bytes(8, "big")
