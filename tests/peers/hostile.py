"""Clients that take what they can: each obeys the wire's form and none of its manners."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

import websockets

from server.realtime import wire
from tests.bench.load.guests import program
from tests.peers.knock import Knock, knock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    Manner = Callable[[Knock, wire.StreamReady], Awaitable[None]]

FURTHEST: Final = 2**53 - 1
DEEP: Final = 20 * 48_000
WISH: Final = {"preset": "focus", "duration_s": 3_600}
STREAMS: Final = 3
"""That one principal may have at a time."""
REST_S: Final = 0.2
"""After being thrown out."""


@dataclass
class Answers:
    """What a server said to one who took what it could."""

    connections: int = 0
    sent: int = 0
    done: int = 0
    """Requests that were granted."""
    refused: Counter[str] = field(default_factory=Counter)
    """By code of the error."""
    closes: Counter[int] = field(default_factory=Counter)
    """By close code, where the server ended it."""
    audio_s: float = 0.0

    def hear(self, data: bytes) -> None:
        """One message of the server."""
        if not wire.is_control(data):
            self.audio_s += wire.parse_packet(data)[0].frames / 48_000
            return
        message = wire.decode_server(data)
        if isinstance(message, wire.Error):
            self.refused[message.code] += 1
        elif getattr(message, "re", None) is not None:
            self.done += 1

    def to_json(self) -> dict[str, Any]:
        """What is printed."""
        closes = {str(code): count for code, count in self.closes.items()}
        return {**vars(self), "closes": closes, "audio_s": round(self.audio_s, 1)}


async def open_stream(socket: Knock, ticket: str) -> wire.StreamReady:
    """Say hello, open a stream."""
    await socket.send(
        wire.Hello(v=(1,), ticket=ticket), wire.StreamOpen(id=1, kind="listen", limit=DEEP, args=WISH)
    )
    while not isinstance(message := await socket.next(), wire.StreamReady):
        if isinstance(message, wire.Error):
            raise ConnectionRefusedError(message.code)
    return message


async def grabs_credit(socket: Knock, ready: wire.StreamReady) -> None:
    """All the credit there is, at once and for ever."""
    while True:
        await socket.send(wire.Flow(sid=ready.sid, play=FURTHEST, have=FURTHEST, limit=FURTHEST))
        await asyncio.sleep(0.02)


async def turns_knobs(socket: Knock, ready: wire.StreamReady) -> None:
    """A hundred changes a second, each with the deepest credit."""
    specs = cast("Sequence[Mapping[str, object]]", ready.params)
    address = next((str(one["address"]) for one in specs), "level")
    for request in range(2, 100_000):
        values = {address: request % 100}
        await socket.send(wire.ParamSet(id=request, sid=ready.sid, p=values, play=0, limit=DEEP))
        await asyncio.sleep(0.01)


async def seeks(socket: Knock, ready: wire.StreamReady) -> None:
    """As fast as the line takes it."""
    for request in range(2, 100_000):
        await socket.send(
            wire.Transport(id=request, sid=ready.sid, op="seek", to=request, play=0, limit=DEEP)
        )
        await asyncio.sleep(0.005)


async def reopens(socket: Knock, ready: wire.StreamReady) -> None:
    """A new stream in place of the last one, again and again."""
    for request in range(2, 100_000):
        await socket.send(
            wire.StreamOpen(id=request, kind="listen", replace=ready.sid, limit=DEEP, args=WISH)
        )
        await asyncio.sleep(0.01)


async def asks_for_opus(socket: Knock, ready: wire.StreamReady) -> None:
    """As many streams as there may be, each in the dearest codec, thrown away and asked for again."""
    for request in range(2, 100_000):
        wish = wire.StreamOpen(
            id=request,
            kind="listen",
            codec_pref=("opus", "s16"),
            limit=DEEP,
            replace=ready.sid + request - 1 - STREAMS if request > STREAMS else None,
            args=WISH,
        )
        await socket.send(wish, wire.Flow(sid=ready.sid + request - 1, play=0, have=0, limit=DEEP))
        await asyncio.sleep(0.05)


async def sends_keyframes(socket: Knock, ready: wire.StreamReady) -> None:
    """Programs of thousands of keyframes, as long as a message may be, and of as many as are allowed."""
    for request in range(2, 100_000):
        course = [[second, 4 + second % 30] for second in range(6_000 if request % 2 else 500)]
        usual = program()
        wanted = {**usual, "modulation": {**usual["modulation"], "rate_hz": course}}
        args = {"program": wanted, "duration_s": 3_600}
        await socket.send(
            wire.StreamOpen(id=request, kind="listen", replace=ready.sid, limit=DEEP, args=args)
        )
        await asyncio.sleep(0.02)


async def comes_as_strangers(url: str) -> None:
    """A new guest per connection, each of which opens a stream and is gone."""
    for number in range(100_000):
        async with knock(url) as socket:
            await open_stream(socket, f"stranger {number}")


MANNERS: tuple[Manner, ...] = (
    grabs_credit,
    turns_knobs,
    seeks,
    reopens,
    asks_for_opus,
    sends_keyframes,
)


async def besiege(url: str, ticket: str, manner: Manner) -> int:
    """Be a nuisance until the server ends it; the close code."""
    async with knock(url) as socket:
        nuisance = asyncio.ensure_future(manner(socket, await open_stream(socket, ticket)))
        try:
            _, code = await socket.end(timeout_s=600)
        finally:
            nuisance.cancel()
        return code


async def harass(
    url: str,
    ticket: Callable[[], Awaitable[str]],
    manner: Manner | None,
    answers: Answers,
) -> None:
    """Be a nuisance, and come again when thrown out; without a manner go as soon as a stream is open."""
    while True:
        try:
            async with knock(url, origin=None) as socket:
                answers.connections += 1
                await _annoy(socket, await ticket(), manner, answers)
        except (ConnectionError, websockets.WebSocketException, TimeoutError) as error:
            answers.refused[str(error) if isinstance(error, ConnectionRefusedError) else "no answer"] += 1
        if manner is not None:
            await asyncio.sleep(REST_S)


async def _annoy(socket: Knock, ticket: str, manner: Manner | None, answers: Answers) -> None:
    """One connection."""
    ready = await open_stream(socket, ticket)
    answers.done += 1
    if manner is None:
        return
    nuisance = asyncio.ensure_future(manner(socket, ready))
    try:
        async for data in socket.socket:
            assert isinstance(data, bytes)
            answers.hear(data)
    except websockets.ConnectionClosed:
        pass
    finally:
        nuisance.cancel()
        answers.sent += socket.said
    answers.closes[socket.socket.close_code or 1006] += 1
