"""A bare WebSocket for what no honest client does."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, cast

import websockets
from websockets.asyncio.client import ClientConnection, connect

from server.realtime import wire

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


class Knock:
    """One socket: send anything, read what comes, learn how it ended."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.said = 0
        """Messages that were sent."""

    async def send(self, *messages: wire.Message | bytes | str) -> None:
        for message in messages:
            data = wire.encode(message) if isinstance(message, wire.Message) else message
            with contextlib.suppress(websockets.ConnectionClosed):
                await self.socket.send(data)
                self.said += 1

    async def next(self) -> wire.Message:
        """The next control message."""
        async with asyncio.timeout(10):
            while True:
                data = await self.socket.recv()
                if isinstance(data, bytes) and wire.is_control(data):
                    return wire.decode_server(data)

    async def end(self, timeout_s: float = 10) -> tuple[wire.Error | None, int]:
        """The last error before the close, and the close code."""
        error = None
        async with asyncio.timeout(timeout_s):
            with contextlib.suppress(websockets.ConnectionClosed):
                while True:
                    data = await self.socket.recv()
                    message = (
                        wire.decode_server(cast("bytes", data))
                        if wire.is_control(cast("bytes", data))
                        else None
                    )
                    error = message if isinstance(message, wire.Error) else error
        return error, self.socket.close_code or 1006


@contextlib.asynccontextmanager
async def knock(
    url: str, origin: str | None = "http://test", subprotocols: tuple[str, ...] = (wire.SUBPROTOCOL,)
) -> AsyncGenerator[Knock]:
    """A connected socket; nothing is said."""
    async with connect(
        url,
        origin=cast("Any", origin),
        subprotocols=cast("Any", subprotocols) or None,
        compression=None,
        max_size=None,
        ping_interval=None,
        close_timeout=1,
    ) as socket:
        yield Knock(socket)


HELLO = wire.Hello(v=(1,), ticket="guest", client={"device": "a knock"})
