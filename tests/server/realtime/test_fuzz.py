"""Anything at any time: a session never fails, never grows without bound, and answers honestly."""

from __future__ import annotations

import pytest

from server.realtime import wire
from server.realtime.actions import CloseStream, OpenStream
from server.realtime.outbox import MOST_MEDIA_BYTES
from server.realtime.replies import KEPT
from server.realtime.stream import OpenContext, OpenRequest
from tests.peers.fuzz import fuzz
from tests.peers.nonsense import Nonsense
from tests.peers.wired import Wired

MOST_STREAMS = 5
"""Four, and one that is being replaced."""
CONTEXT = OpenContext("a test", "127.0.0.1", lambda _: None, lambda _, __: None)


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
    wired, chaos = Wired(), Nonsense(seed)
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
                channel.rendered(works, [array.reshape(-1).data for array in arrays])
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


async def test_a_gateway_under_nonsense_serves_the_honest(redis_url: str) -> None:
    """The short form of `scripts/fuzz`."""
    verdict = await fuzz(redis_url, 20_000, seed=1)
    assert verdict.messages == 20_000
    assert verdict.connections > 10
    assert verdict.underruns == 0
    assert verdict.faults == 0
    assert verdict.growth < 1.5, "the long form holds it to 1.2"
