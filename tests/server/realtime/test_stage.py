"""Opening, owning and closing streams, without sockets."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from server.kit.bus import Bus
from server.kit.clock import Clock
from server.realtime import wire
from server.realtime.errors import RealtimeError
from server.realtime.limits import Limits
from server.realtime.outbox import Outbox
from server.realtime.pump import Pump
from server.realtime.session import Session
from server.realtime.stage import CONTROL, Owned, Stage
from tests.peers.house import principal
from tests.peers.tone import ToneHouse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID


class Hall:
    """A stage, its bus, and a client on it."""

    def __init__(self, bus: Bus, owner: str = "one", limits: Limits | None = None) -> None:
        self.bus = bus
        self.tones = ToneHouse()
        self.taken: list[tuple[Owned, str | None]] = []
        clock = Clock()
        self.stage = Stage(
            {"listen": self.tones.open},
            bus,
            clock,
            limits or Limits(),
            owner,
            Pump(clock, lambda _: None),
            lambda owned, by: self.taken.append((owned, by)),
        )

    def client(self, number: int = 1, plan: str = "guest") -> Session:
        session = Session(f"client {number}", principal(number, plan=plan), "a test", Limits(), 0.0)
        session.attach(Outbox(lambda: None), 0.0)
        return session

    async def open(self, session: Session, number: int = 1, **fields: object) -> Owned:
        request = wire.StreamOpen(id=number, kind="listen", **fields)  # type: ignore[arg-type]  # any open
        session.line.replies.begin(number)
        session.opening += 1
        await self.stage.open(session, request, "127.0.0.1")
        newest = list(session.channels.values())[-1]
        owned = self.stage.owned(newest)
        assert owned is not None
        return owned


@pytest.fixture
async def hall(redis_url: str) -> AsyncIterator[Hall]:
    bus = await Bus.connect(redis_url)
    yield Hall(bus)
    await bus.close()


def person() -> UUID:
    return principal().id


async def test_load_counts_what_is_rendered(hall: Hall) -> None:
    one, two = hall.client(1), hall.client(2)
    first = await hall.open(one)
    await hall.open(two, args={"cost": 2.5})
    assert hall.stage.load == 3.5
    first.channel.park()
    assert hall.stage.load == 2.5


async def test_a_stream_holds_its_lease_until_it_is_closed(hall: Hall) -> None:
    owned = await hall.open(hall.client())
    key = f"stream:{owned.channel.stream.session}"
    assert not await hall.bus.acquire_lease(key, "two", 1, 5)
    await hall.stage.close(owned.session, owned.channel, "completed", None)
    assert hall.stage.owned(owned.channel) is None
    assert await hall.bus.acquire_lease(key, "two", 1, 5)


async def test_leases_are_renewed_and_a_lost_one_is_told(redis_url: str) -> None:
    bus = await Bus.connect(redis_url)
    hall = Hall(bus, limits=Limits(renew_s=0.02, lease_s=0.2))
    owned = await hall.open(hall.client())
    keeping = asyncio.create_task(hall.stage.keep())
    await asyncio.sleep(0.4)
    assert hall.taken == []
    key = f"stream:{owned.channel.stream.session}"
    assert await bus.acquire_lease(key, "two", 99, 5)
    async with asyncio.timeout(5):
        while not hall.taken:  # noqa: ASYNC110 - looks at what another task did
            await asyncio.sleep(0.01)
    assert hall.taken[0] == (owned, None)
    keeping.cancel()
    await bus.close()


async def test_who_takes_a_session_over_tells_the_others(redis_url: str) -> None:
    bus = await Bus.connect(redis_url)
    one, two = Hall(bus, "one"), Hall(bus, "two")
    owned = await one.open(one.client(1))
    told = bus.subscribe(CONTROL)
    assert await anext(told) == b""
    two.tones.streams.append(one.tones.streams[0])
    await two.open(two.client(1), take=owned.channel.stream.session)
    async with asyncio.timeout(5):
        while not (message := await anext(told)):
            pass
    assert owned.channel.stream.session.encode() in message
    one.stage.heard(owned.channel.stream.session, "one", "itself")
    one.stage.heard("unknown", "two", "a phone")
    assert one.taken == []
    one.stage.heard(owned.channel.stream.session, "two", "a phone")
    assert one.taken == [(owned, "a phone")]
    await told.aclose()
    await bus.close()


async def test_a_restore_of_a_stream_that_is_here_takes_it_from_its_former_client(hall: Hall) -> None:
    owned = await hall.open(hall.client(1))
    restore = {"session": owned.channel.stream.session, "instance": {"timeline": []}, "from": 0}
    again = await hall.open(hall.client(1), restore=restore)
    assert hall.taken == [(owned, "a test")]
    await hall.stage.close(owned.session, owned.channel, "taken", "a test")
    assert hall.stage.owned(again.channel) is again


async def test_a_pro_hears_three_streams(hall: Hall) -> None:
    session = hall.client(1, "pro")
    for number in (1, 2, 3):
        await hall.open(session, number)
    with pytest.raises(RealtimeError) as refused:
        await hall.open(session, 4)
    assert refused.value.code == "playing_elsewhere"
    assert len(refused.value.facts["sessions"]) == 3  # type: ignore[arg-type]  # a list on the wire


async def test_a_stream_without_a_common_codec_is_closed_again(hall: Hall) -> None:
    session = hall.client()
    hall.tones.renderer.granule_s = None
    original = hall.tones.open

    async def only_float(*args: object) -> object:
        stream = await original(*args)  # type: ignore[arg-type]  # passed on
        stream.codecs = ("f32",)
        return stream

    hall.stage._openers = {"listen": only_float}  # type: ignore[dict-item]  # a house with a narrow door
    with pytest.raises(RealtimeError) as refused:
        await hall.open(session)
    assert refused.value.code == "unsupported_codec"
    assert hall.tones.streams[0].closed == ("refused", 0)


async def test_closing_tells_what_the_kind_knows_better(hall: Hall) -> None:
    owned = await hall.open(hall.client())
    stream = hall.tones.streams[0]

    async def close(reason: str, played_frames: int) -> dict[str, object]:
        return {"heard_s": 7.5, "reason": "limit"}

    stream.close = close  # type: ignore[method-assign]  # a kind that knows better
    outbox = owned.session.line.outbox
    assert outbox is not None
    while outbox.pop() is not None:
        pass
    await hall.stage.close(owned.session, owned.channel, "completed", None)
    data = outbox.pop()
    assert isinstance(data, bytes)
    assert wire.decode_server(data) == wire.StreamEnd(sid=1, reason="limit", played_frames=0, heard_s=7.5)


async def test_opus_is_for_users_on_a_node_that_is_not_loaded(hall: Hall) -> None:
    hall.stage._limits = Limits(capacity=20, streams_by_plan={"guest": 9})
    wish = ("opus", "s16")
    guest = await hall.open(hall.client(1), codec_pref=wish)
    assert guest.channel.codec == "s16"
    user = hall.client(2)
    user.principal = principal(2, "user")
    first = await hall.open(user, codec_pref=wish)
    assert (first.channel.codec, first.channel.cost) == ("opus", 6.0)
    assert hall.stage.load == 7.0
    assert (await hall.open(user, 2, codec_pref=("s16", "opus"))).channel.codec == "s16"
    assert (await hall.open(user, 3, codec_pref=wish)).channel.codec == "opus"
    assert (await hall.open(user, 4, codec_pref=wish)).channel.codec == "s16", "half of its capacity is used"
