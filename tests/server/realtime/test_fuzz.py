"""Anything at any time: a session never fails, never grows without bound, and answers honestly."""

from __future__ import annotations

import random
from typing import Any

import msgpack  # type: ignore[import-untyped]  # writes what the own codec would refuse to write
import pytest

from server.realtime import wire
from server.realtime.actions import CloseStream, OpenStream
from server.realtime.outbox import MOST_MEDIA_BYTES
from server.realtime.replies import KEPT
from server.realtime.stream import OpenContext, OpenRequest
from tests.peers.wired import Wired

ODD: tuple[Any, ...] = (
    0,
    1,
    -1,
    2**53 - 1,
    2**53,
    2**64 - 1,
    1.5,
    1e308,
    "",
    "x" * 300,
    None,
    True,
    [],
    {},
    b"x",
)
MOST_STREAMS = 5
"""Four, and one that is being replaced."""
LIKELY: dict[str, tuple[Any, ...]] = {
    "p": ({"level": 1}, {"level": 5}, {"level": 1000}, {"level": -1}),
    "op": ("play", "pause", "seek", "loop", "stop"),
    "codec_pref": (["s16"],),
    "topics": (["listen"],),
    "restore": (None,),
    "after": (None,),
    "gesture": (False,),
    "fatal": (False,),
    **dict.fromkeys(("kind", "take", "ticket", "reason", "code", "msg"), ("listen",)),
    **dict.fromkeys(("ramp_ms", "fade_ms", "duration_s"), (10, 30, 3000)),
}
CONTEXT = OpenContext("a test", "127.0.0.1", lambda _: None, lambda _, __: None)


class Chaos:
    """A client that obeys nothing, seeded."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.number = 0

    def message(self, sids: list[int]) -> bytes:
        """Mostly messages of the right shape with odd values, sometimes bytes."""
        if self.chance.random() < 0.02:
            return self.chance.randbytes(self.chance.randrange(40))
        kind = self.chance.choice(
            [*wire.CLIENT_MESSAGES, "flow", "flow", "param.set", "transport", "stream.open"]
        )
        if kind in {"hello", "bye"}:
            kind = "flow"
        fields: dict[str, Any] = {"t": kind}
        for spec in wire.FIELDS[wire.CLIENT_MESSAGES[kind]]:
            if spec.required or self.chance.random() < 0.3:
                fields[spec.key] = self.value(spec.key, sids)
        return bytes(msgpack.packb(fields))

    def value(self, key: str, sids: list[int]) -> Any:
        if self.chance.random() < 0.03:
            return self.chance.choice(ODD)
        if key == "id":
            self.number += self.chance.choice((0, 1, 1, 1, 2))
            return self.number
        if key in {"sid", "replace"}:
            return self.chance.choice([*sids, 99])
        if key in LIKELY:
            return self.chance.choice(LIKELY[key])
        return self.chance.randrange(0, 400_000)


async def settle(wired: Wired) -> None:
    """Do what the session asked for."""
    actions, wired.actions = wired.actions, []
    for action in actions:
        if isinstance(action, OpenStream):
            stream = await wired.tones.open(
                wired.session.principal, OpenRequest("listen", {"duration_s": 5}), CONTEXT
            )
            _, more = wired.session.opened(action.request, stream, "s16", wired.now)
            wired.actions += more
        elif isinstance(action, CloseStream):
            end = wire.StreamEnd(sid=action.channel.sid, reason=action.reason, played_frames=0, heard_s=0)
            wired.session.closed(action.channel, end)


@pytest.mark.parametrize("seed", range(6))
async def test_anything_at_any_time(seed: int) -> None:
    wired, chaos = Wired(), Chaos(seed)
    for step in range(1_500):
        wired.clock.advance(chaos.chance.choice((0.0, 0.001, 0.01, 0.05, 0.3)))
        data = chaos.message(list(wired.session.channels))
        wired.actions += wired.session.receive(data, wired.now)
        wired.actions += wired.session.wake(wired.now)
        wired.actions += wired.session.watch(wired.now)
        await settle(wired)
        for channel in list(wired.session.channels.values()):
            works = channel.plan(wired.now, 48_000)
            if works and chaos.chance.random() < 0.9:
                arrays = channel.stream.renderer.render([work.span for work in works], "s16", 28)
                channel.rendered(works, [array.data for array in arrays])
        assert wired.outbox.media_bytes <= MOST_STREAMS * (MOST_MEDIA_BYTES + 48_000 * 4 * 1.1)
        assert len(wired.session.line.replies.dump()) <= KEPT
        assert len(wired.session.channels) <= MOST_STREAMS
        if chaos.chance.random() < 0.5:
            wired.read()
            wired.told.clear()
            wired.packets.clear()
        if step % 200 == 199:
            wired.session.detach()
            wired.session.attach(wired.outbox, wired.now)
            states = [
                {
                    "sid": sid,
                    "have": chaos.chance.randrange(400_000),
                    "play": 0,
                    "epoch": chaos.chance.randrange(9),
                }
                for sid in [*wired.session.channels, 99]
            ]
            wired.actions += wired.session.resume(states, wired.now)
            await settle(wired)
    assert wired.session.opening == 0
