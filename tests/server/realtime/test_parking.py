"""What another process finds of a session that was left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.kit.bus import Bus
from server.realtime import wire
from server.realtime.limits import Limits
from server.realtime.parking import Parking
from server.realtime.tokens import name_of
from tests.peers.wired import Wired, tone_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def parking(redis_url: str) -> AsyncIterator[Parking]:
    bus = await Bus.connect(redis_url)
    yield Parking(bus, Limits())
    await bus.close()


async def test_a_session_is_found_by_any_of_its_tokens_once(parking: Parking) -> None:
    wired = Wired()
    await wired.open()
    await parking.park(wired.session, [name_of("former"), name_of("newest")], wired.now)
    assert await parking.take("unknown", wired.now) is None
    found = await parking.take("newest", wired.now)
    assert found is not None
    assert found.session.client == wired.session.client
    assert found.session.principal == wired.session.principal
    assert await parking.take("former", wired.now) is None


async def test_a_session_without_streams_is_not_kept(parking: Parking) -> None:
    wired = Wired()
    await parking.park(wired.session, [name_of("token")], wired.now)
    assert await parking.take("token", wired.now) is None


async def test_what_is_forgotten_is_not_found(parking: Parking) -> None:
    wired = Wired()
    await wired.open()
    await parking.park(wired.session, [name_of("token")], wired.now)
    await parking.forget([name_of("token")])
    assert await parking.take("token", wired.now) is None


async def test_results_topics_and_handles_go_on(parking: Parking) -> None:
    wired = Wired()
    channel = await wired.open()
    wired.session.topics = ("listen",)
    request = wire.SessionFinish(id=wired.next_id(), sid=channel.sid, fade_ms=1000)
    first = wired.say(request)
    await parking.park(wired.session, [name_of("token")], wired.now)
    found = await parking.take("token", wired.now)
    assert found is not None
    other = Wired()
    other.session = found.session
    other.session.attach(other.outbox, other.now)
    assert other.say(request) == first
    assert other.session.topics == ("listen",)
    assert other.session.next_sid == channel.sid + 1


async def test_a_stream_goes_on_where_it_was(parking: Parking) -> None:
    wired = Wired()
    channel = await wired.open(limit=48_000, marks=[[400_000, "break"]])
    wired.render(channel)
    wired.set(channel, 0, level=5)
    wired.pass_time(0.010)
    wired.flow(channel, 4_800, 48_000)
    wired.render(channel)
    await parking.park(wired.session, [name_of("token")], wired.now)
    found = await parking.take("token", wired.now)
    assert found is not None
    (parked,) = found.streams
    assert parked["kind"] == "listen"
    assert parked["checkpoint"]["instance"] == tone_of(channel).instance()
    other = Wired()
    other.session = found.session
    other.session.attach(other.outbox, other.now)
    revived = other.session.revive(channel.stream, parked["channel"], other.now)
    assert (revived.sid, revived.splices.epoch, revived.next_pos) == (channel.sid, 1, channel.next_pos)
    credited = tone_of(channel).credited_frames
    other.flow(revived, 4_800, 57_600)
    assert other.render(revived)[0].pos == 48_000
    assert tone_of(channel).credited_frames == credited + 9_600
    other.clock.advance(10)
    assert other.flow(revived, 400_000, 410_000) == [
        wire.StreamMark(sid=revived.sid, pos=400_000, name="break")
    ]


async def test_a_pause_goes_on(parking: Parking) -> None:
    wired = Wired()
    channel = await wired.open()
    wired.render(channel)
    wired.transport(channel, "pause", 4_800)
    wired.clock.advance(5)
    state = channel.dump(wired.now)
    other = Wired()
    revived = other.session.revive(channel.stream, state, other.now)
    assert other.transport(revived, "pause", 4_800)[0].T == "error"
    (ack,) = other.transport(revived, "play", 19_200)
    assert isinstance(ack, wire.TransportAck)
    assert ack.at == 19_200


async def test_a_stream_that_is_over_is_not_parked(parking: Parking) -> None:
    wired = Wired()
    over, _ = await wired.open(), await wired.open()
    over.end("completed")
    await parking.park(wired.session, [name_of("token")], wired.now)
    found = await parking.take("token", wired.now)
    assert found is not None
    assert len(found.streams) == 1
