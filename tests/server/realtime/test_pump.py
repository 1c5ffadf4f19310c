from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from server.kit.clock import Clock
from server.kit.codecs import PACKET_BYTES
from server.realtime import wire
from server.realtime.channel import Channel
from server.realtime.line import Line
from server.realtime.outbox import Outbox, Packets
from server.realtime.pump import BATCH_FRAMES, Pump
from server.realtime.stream import OpenContext, WireCodec
from tests.peers.tone import ToneRenderer, ToneStream
from tests.peers.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Hashable

CONTEXT = OpenContext("a test", "127.0.0.1", lambda _: None, lambda _, __: None)


class Hall:
    """A running pump and streams to feed it with."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.failed: list[Channel] = []
        self.pump = Pump(self.clock, self.failed.append)
        self.renderer = ToneRenderer()
        self.written: list[bytes | Packets] = []

    def channel(
        self, limit: int = 9_600, codec: WireCodec = "s16", renderer: ToneRenderer | None = None
    ) -> Channel:
        stream = ToneStream(renderer or self.renderer, "session", CONTEXT)
        line = Line()
        outbox = Outbox(lambda: self.write(outbox))
        line.outbox = outbox
        return Channel(1, stream, codec, line, play=0, limit=limit, now=self.clock.monotonic())

    def write(self, outbox: Outbox) -> None:
        while (item := outbox.pop()) is not None:
            self.written.append(item)

    async def rendered(self, channel: Channel, pos: int) -> None:
        await until(lambda: channel.next_pos >= pos)


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    found = Hall()
    task = asyncio.create_task(found.pump.run())
    yield found
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await found.pump.close()


async def test_what_is_due_together_is_rendered_in_one_call(hall: Hall) -> None:
    channels = [hall.channel() for _ in range(20)]
    for channel in channels:
        hall.pump.feed(channel)
    for channel in channels:
        await hall.rendered(channel, 9_600)
    assert hall.renderer.batches[0] == len(channels)
    assert hall.pump.is_idle


async def test_streams_of_another_codec_or_renderer_get_calls_of_their_own(hall: Hall) -> None:
    other = ToneRenderer()
    channels = [hall.channel(), hall.channel(codec="f32"), hall.channel(renderer=other)]
    for channel in channels:
        hall.pump.feed(channel)
    for channel in channels:
        await hall.rendered(channel, 9_600)
    assert len(hall.renderer.batches) >= 2
    assert len(other.batches) >= 1


async def test_opus_is_encoded_behind_the_renderer_and_levels_are_measured_of_the_samples(hall: Hall) -> None:
    channel = hall.channel(limit=24_000, codec="opus")
    channel.subscribe_meters(wire.MetersSub(id=1, sid=1, hz=10))
    hall.pump.feed(channel)
    await hall.rendered(channel, 24_000)
    packets = [one for one in hall.written if isinstance(one, Packets)]
    assert {one.header.codec for one in packets} == {"opus"}
    for one in packets:
        assert len(one.buffer) == len(one.flags) * (28 + PACKET_BYTES)
    meters = [one for one in hall.written if isinstance(one, bytes) and one[0] == wire.KIND_METERS]
    assert wire.parse_meters(meters[0], 4)[0].pos == 0


async def test_a_batch_has_a_bound_and_the_rest_comes_after_it(hall: Hall) -> None:
    channels = [hall.channel(limit=96_000) for _ in range(40)]
    for channel in channels:
        hall.pump.feed(channel)
    for channel in channels:
        await hall.rendered(channel, 96_000)
    assert max(hall.renderer.batches) <= BATCH_FRAMES / 1_920 + 50


async def test_a_stream_without_its_granule_holds_nobody_up(hall: Hall) -> None:
    slow = ToneRenderer(granule_s=0.2)
    waiting, ready = hall.channel(renderer=slow), hall.channel()
    hall.pump.feed(waiting)
    hall.pump.feed(ready)
    await hall.rendered(ready, 9_600)
    assert waiting.next_pos == 0
    await hall.rendered(waiting, 9_600)


async def test_a_granule_that_cannot_be_made_is_left_to_the_render_call(hall: Hall) -> None:
    class Broken(ToneRenderer):
        def fill(self, key: Hashable) -> None:
            raise ValueError("cannot be made")

    channel = hall.channel(renderer=Broken(granule_s=0.0))
    with capture_logs() as logged:
        hall.pump.feed(channel)
        await hall.rendered(channel, 9_600)
    assert logged[0]["event"] == "granule_failed"


async def test_what_was_overtaken_while_it_waited_is_not_rendered(hall: Hall) -> None:
    slow = ToneRenderer(granule_s=0.1)
    channel = hall.channel(renderer=slow)
    hall.pump.feed(channel)
    await asyncio.sleep(0.02)
    channel.park()
    channel.is_parked = True
    await asyncio.sleep(0.2)
    assert slow.batches == []
    assert hall.pump.is_idle


@pytest.mark.req("S3-230")
async def test_a_stream_that_fails_fails_alone(hall: Hall) -> None:
    good, broken = hall.channel(), hall.channel()
    assert isinstance(broken.stream, ToneStream)
    broken.stream.is_broken = True
    with capture_logs() as logged:
        for channel in (good, broken):
            hall.pump.feed(channel)
        await hall.rendered(good, 9_600)
        await until(lambda: bool(hall.failed))
    assert {one["event"] for one in logged} == {"render_failed"}
    assert hall.failed == [broken]


async def test_a_stream_that_cannot_even_be_planned_fails_alone(hall: Hall) -> None:
    class Unplanned(ToneStream):
        def span(self, start: int, frames: int, packets: int = 1) -> object:  # type: ignore[override]  # it never returns
            raise ValueError("no plan")

    good, broken = hall.channel(), hall.channel()
    broken.stream = Unplanned(hall.renderer, "session", CONTEXT)
    with capture_logs() as logged:
        for channel in (broken, good):
            hall.pump.feed(channel)
        await hall.rendered(good, 9_600)
    assert logged[0]["event"] == "stream_failed"
    assert hall.failed == [broken]


async def test_deep_streams_gather_and_shallow_ones_do_not_wait(hall: Hall) -> None:
    deep = hall.channel(limit=480_000)
    await asyncio.sleep(0)
    hall.pump.feed(deep)
    await hall.rendered(deep, 480_000)
    deep.credit.limit += 9_600
    hall.pump.feed(deep)
    await asyncio.sleep(0)
    assert deep.next_pos == 480_000
    hall.pump.feed(deep)
    await hall.rendered(deep, 489_600)


async def test_a_starved_stream_is_looked_at_again(hall: Hall) -> None:
    channel = hall.channel(limit=20 * 48_000)
    channel._budget.take(channel._budget.size, hall.clock.monotonic())
    hall.pump.feed(channel)
    await hall.rendered(channel, 9_600)


async def test_a_forgotten_stream_is_not_rendered(hall: Hall) -> None:
    channel = hall.channel()
    hall.pump.feed(channel)
    hall.pump.forget(channel)
    await asyncio.sleep(0.03)
    assert channel.next_pos == 0


async def test_packets_have_room_for_their_headers(hall: Hall) -> None:
    channel = hall.channel()
    hall.pump.feed(channel)
    await hall.rendered(channel, 9_600)
    packet = hall.written[0]
    assert isinstance(packet, Packets)
    assert len(packet.buffer) == len(packet.flags) * (28 + packet.header.frames * 4)
