"""A line between browser and server that can be cut: at once, silently, or behind an acknowledgement."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from pathlib import Path
from typing import Final

_CHUNK: Final = 65_536
_RESET: Final = struct.pack("ii", 1, 0)
_ACK: Final = b"param.ack"
_ASKS_RECORDER: Final = b"GET /recorder.js "
_RECORDER_BODY: Final = (Path(__file__).parent / "recorder.js").read_bytes()
_RECORDER: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\nCross-Origin-Embedder-Policy: require-corp\r\n"
    + f"Content-Length: {len(_RECORDER_BODY)}\r\n\r\n".encode()
    + _RECORDER_BODY
)
"""The tests' recorder comes from the page's own origin, as its policy demands. A browser never pipelines,
so a chunk that begins with its request is that request."""


class Line:
    """Carries bytes from a port of its own to the server's, as long as it stands."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._down_until = 0.0
        self._is_silent = False
        self._cut_behind_ack_s = 0.0
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._is_closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def origin(self) -> str:
        """What the browser calls the server's origin."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_down(self) -> bool:
        """Whether nothing passes."""
        return time.monotonic() < self._down_until

    def cut(self, seconds: float, *, silently: bool = False) -> None:
        """End every connection and refuse new ones; silently: swallow what is sent, and tell nobody."""
        self._is_silent = silently
        self._down_until = time.monotonic() + seconds
        if silently:
            with self._lock:
                self._open.clear()  # the pumps find that they are no longer wanted, and hold still
        else:
            self._end_all()

    def cut_behind_next_ack(self, seconds: float) -> None:
        """Let the next acknowledgement of a parameter through, and nothing that comes behind it."""
        self._cut_behind_ack_s = seconds

    def close(self) -> None:
        """Take the line down for good."""
        self._is_closed = True
        self._listener.close()
        self._end_all()

    def _end_all(self) -> None:
        with self._lock:
            ended, self._open = self._open, set()
        for end in ended:
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        while not self._is_closed:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        if self.is_down:
            if self._is_silent:
                time.sleep(max(0.0, self._down_until - time.monotonic()))
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            near.close()
            return
        try:
            far = socket.create_connection(("127.0.0.1", self._server_port), timeout=2.0)
        except OSError:
            near.close()
            return
        far.settimeout(None)
        for end in (near, far):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._open |= {near, far}
        threading.Thread(target=self._pump, args=(near, far, False), daemon=True).start()
        self._pump(far, near, True)

    def _pump(self, source: socket.socket, sink: socket.socket, is_downward: bool) -> None:  # noqa: FBT001 - a thread's argument
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                if not self._carries(source):
                    break
                if data.startswith(_ASKS_RECORDER):
                    source.sendall(_RECORDER)
                    continue
                if is_downward and self._cut_behind_ack_s and _ACK in data:
                    sink.sendall(_through_ack(data))
                    seconds, self._cut_behind_ack_s = self._cut_behind_ack_s, 0.0
                    time.sleep(0.05)  # a reset overtakes what lies unread in the receiver's buffer
                    self.cut(seconds)
                    break
                sink.sendall(data)
        if self._carries(source):
            for end in (source, sink):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        elif self._is_silent:
            time.sleep(max(0.0, self._down_until - time.monotonic()))
        source.close()

    def _carries(self, end: socket.socket) -> bool:
        with self._lock:
            return end in self._open


def _through_ack(data: bytes) -> bytes:
    """What lies before the end of the WebSocket message that holds the acknowledgement."""
    at = 0
    needle = data.index(_ACK)
    while at + 2 <= len(data):
        length = data[at + 1] & 0x7F
        head = 2
        if length == 126:
            length, head = struct.unpack_from(">H", data, at + 2)[0], 4
        elif length == 127:
            length, head = struct.unpack_from(">Q", data, at + 2)[0], 10
        end = at + head + length
        if at <= needle < end:
            return data[:end]
        at = end
    return data
