"""Clients that take what they can: each obeys the wire's form and none of its manners."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from server.realtime import wire
from tests.peers.knock import Knock, knock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

FURTHEST = 2**53 - 1


async def open_stream(socket: Knock, ticket: str) -> int:
    """Say hello, open a stream; its handle."""
    await socket.send(
        wire.Hello(v=(1,), ticket=ticket), wire.StreamOpen(id=1, kind="listen", limit=20 * 48_000)
    )
    while not isinstance(message := await socket.next(), wire.StreamReady):
        pass
    return message.sid


async def grabs_credit(socket: Knock, sid: int) -> None:
    """All the credit there is, at once and for ever."""
    while True:
        await socket.send(wire.Flow(sid=sid, play=FURTHEST, have=FURTHEST, limit=FURTHEST))
        await asyncio.sleep(0.02)


async def turns_knobs(socket: Knock, sid: int) -> None:
    """A hundred changes a second, each with the deepest credit."""
    for request in range(2, 100_000):
        change = wire.ParamSet(id=request, sid=sid, p={"level": request % 100}, play=0, limit=20 * 48_000)
        await socket.send(change)
        await asyncio.sleep(0.01)


async def seeks(socket: Knock, sid: int) -> None:
    """As fast as the line takes it."""
    for request in range(2, 100_000):
        await socket.send(
            wire.Transport(id=request, sid=sid, op="seek", to=request, play=0, limit=20 * 48_000)
        )
        await asyncio.sleep(0.005)


async def reopens(socket: Knock, sid: int) -> None:
    """A new stream in place of the last one, again and again."""
    for request in range(2, 100_000):
        await socket.send(wire.StreamOpen(id=request, kind="listen", replace=sid, limit=20 * 48_000))
        await asyncio.sleep(0.01)


MANNERS: tuple[Callable[[Knock, int], Awaitable[None]], ...] = (grabs_credit, turns_knobs, seeks, reopens)


async def besiege(url: str, ticket: str, manner: Callable[[Knock, int], Awaitable[None]]) -> int:
    """Be a nuisance until the server ends it; the close code."""
    async with knock(url) as socket:
        sid = await open_stream(socket, ticket)
        nuisance = asyncio.ensure_future(manner(socket, sid))
        try:
            _, code = await socket.end(timeout_s=600)
        finally:
            nuisance.cancel()
        return code
