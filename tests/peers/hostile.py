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


async def asks_for_opus(socket: Knock, sid: int) -> None:
    """As many streams as there may be, each in the dearest codec, thrown away and asked for again."""
    for request in range(2, 100_000):
        wish = wire.StreamOpen(
            id=request, kind="listen", codec_pref=("opus", "s16"), limit=20 * 48_000, replace=sid
        )
        await socket.send(wish, wire.Flow(sid=sid + request - 1, play=0, have=0, limit=20 * 48_000))
        await asyncio.sleep(0.05)


async def sends_keyframes(socket: Knock, sid: int) -> None:
    """Programs of thousands of keyframes, as long as a message may be."""
    course = [[second, second % 40] for second in range(6_000)]
    for request in range(2, 100_000):
        program = {"v": 1, "modulation": {"rate_hz": course}}
        await socket.send(wire.StreamOpen(id=request, kind="listen", replace=sid, args={"program": program}))
        await asyncio.sleep(0.02)


async def comes_as_strangers(url: str) -> None:
    """A new guest per connection, each of which opens a stream and is gone."""
    for number in range(100_000):
        async with knock(url) as socket:
            await open_stream(socket, f"stranger {number}")


MANNERS: tuple[Callable[[Knock, int], Awaitable[None]], ...] = (
    grabs_credit,
    turns_knobs,
    seeks,
    reopens,
    asks_for_opus,
    sends_keyframes,
)


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
