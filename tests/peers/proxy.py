"""A bad network between a client and a server: delay, jitter, stall, half-open, cut, one-byte writes."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from collections import deque
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

CHUNK_BYTES = 16_384
MOST_WAITING = 64
"""Chunks on their way in one direction; beyond it the proxy reads no more."""


class Proxy:
    """Passes bytes on as the attributes say; they may change at any time."""

    def __init__(self, host: str, port: int, seed: int = 1) -> None:
        self.delay_s = 0.0
        self.jitter_s = 0.0
        """Up to so much more, chunk by chunk; order is kept."""
        self.chunk_bytes = [CHUNK_BYTES, CHUNK_BYTES]
        """Longest write to the server, and to the client; 1: each byte in a segment of its own."""
        self.passed = [0, 0]
        """Bytes to the server, and to the client."""
        self._target = (host, port)
        self._chance = random.Random(seed)
        self._may_pass = asyncio.Event()
        self._may_pass.set()
        self._swallows = False
        self._pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    # The network's moods

    def stall(self) -> None:
        """Nothing passes, nothing is read: windows close."""
        self._may_pass.clear()

    def flow(self) -> None:
        """Everything passes again."""
        self._may_pass.set()

    def half_open(self) -> None:
        """What comes is acknowledged and lost; nobody is told."""
        self._swallows = True

    def cut(self) -> None:
        """Every connection is reset; new ones pass."""
        self._swallows = False
        for pair in list(self._pairs):
            for writer in pair:
                writer.transport.abort()

    # Inside

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(*self._target)
        pair = (writer, there_writer)
        self._pairs.add(pair)
        for one in pair:
            one.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._pass(reader, there_writer, 0))
                tasks.create_task(self._pass(there_reader, writer, 1))
        except* (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._pairs.discard(pair)
            for one in pair:
                one.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: int) -> None:
        loop = asyncio.get_running_loop()
        waiting: deque[tuple[float, bytes]] = deque()
        more = asyncio.Event()
        room = asyncio.Semaphore(MOST_WAITING)
        sender = asyncio.create_task(self._send(waiting, more, room, writer, way))
        try:
            latest = 0.0
            while data := await reader.read(CHUNK_BYTES):
                await self._may_pass.wait()
                await room.acquire()
                due = loop.time() + self.delay_s + self._chance.random() * self.jitter_s
                latest = max(latest, due)
                waiting.append((latest, data))
                more.set()
            for _ in range(MOST_WAITING):  # what was sent before the end still arrives
                await room.acquire()
            raise ConnectionResetError
        finally:
            sender.cancel()

    async def _send(
        self,
        waiting: deque[tuple[float, bytes]],
        more: asyncio.Event,
        room: asyncio.Semaphore,
        writer: asyncio.StreamWriter,
        way: int,
    ) -> None:
        loop = asyncio.get_running_loop()
        while True:
            while not waiting:
                more.clear()
                await more.wait()
            due, data = waiting.popleft()
            await asyncio.sleep(max(0.0, due - loop.time()))
            await self._may_pass.wait()
            room.release()
            if self._swallows:
                continue
            longest = self.chunk_bytes[way]
            for start in range(0, len(data), longest):
                writer.write(data[start : start + longest])
                if longest < CHUNK_BYTES:
                    await asyncio.sleep(0)
            self.passed[way] += len(data)
            with contextlib.suppress(OSError):
                await writer.drain()


@contextlib.asynccontextmanager
async def proxy(url: str) -> AsyncGenerator[tuple[Proxy, str]]:
    """A proxy before a server, and the address to use instead."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    found = Proxy(parts.hostname, parts.port)
    server = await asyncio.start_server(found.accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield found, urlunsplit(parts._replace(netloc=f"127.0.0.1:{port}"))
    finally:
        found.flow()
        found.cut()
        server.close()
