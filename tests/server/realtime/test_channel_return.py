"""One stream that is parked, lost and resumed, with the clock turned by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from server.realtime import wire
from server.realtime.limits import Limits
from tests.peers.tone import timeline_of, tone
from tests.peers.wired import HEAD, Wired, tone_of

if TYPE_CHECKING:
    from server.realtime.channel import Channel
    from tests.peers.wired import Packet

RATE = 48_000


def samples(packet: Packet) -> np.ndarray[tuple[int, int], np.dtype[np.int16]]:
    return np.frombuffer(packet.buffer[HEAD:], np.int16).reshape(-1, 2)


def spans(packets: list[Packet]) -> list[tuple[int, int]]:
    return [(packet.pos, packet.frames) for packet in packets]


async def test_a_silent_stream_is_parked_after_ten_seconds_and_comes_back() -> None:
    wired = Wired()
    channel = await wired.open()
    wired.render(channel)
    wired.clock.advance(9.9)
    wired.session.watch(wired.now)
    assert not channel.is_parked
    wired.clock.advance(0.2)
    wired.session.watch(wired.now)
    wired.session.watch(wired.now)
    assert tone_of(channel).parked == 1
    assert channel.plan(wired.now, 48_000) == []
    wired.flow(channel, 9_600, 19_200)
    assert not bool(channel.is_parked)
    assert spans(wired.render(channel))[0] == (9_600, 1_920)


async def test_a_silent_stream_that_was_heard_out_is_over() -> None:
    wired = Wired()
    channel = await wired.open(duration_s=0.2)
    wired.render(channel)
    wired.flow(channel, 0, 9_600)
    wired.clock.advance(10)
    wired.actions = wired.session.watch(wired.now)
    assert wired.ending == "completed"


async def test_a_client_that_heard_the_end_alone_and_never_came_back_completed() -> None:
    wired = Wired()
    heard, unheard = await wired.open(duration_s=0.2), await wired.open(duration_s=600)
    for channel in (heard, unheard):
        wired.render(channel)
        wired.flow(channel, 0, 9_600)
    wired.session.detach()
    wired.clock.advance(120)
    wired.session.leave("lost", wired.now)
    assert (heard.end_reason, unheard.end_reason) == ("completed", "lost")


async def test_a_paused_stream_is_parked_after_thirty_seconds_though_it_reports() -> None:
    wired = Wired(Limits(park_paused_s=3))
    channel = await wired.open()
    wired.transport(channel, "pause", 0)
    for _ in range(4):
        assert not channel.is_parked
        wired.clock.advance(0.9)
        wired.flow(channel, 0, 9_600)
        wired.session.watch(wired.now)
    assert bool(channel.is_parked)


async def test_parking_drops_what_was_not_written_and_sends_it_again_later() -> None:
    wired = Wired()
    channel = await wired.open()
    works = channel.plan(wired.now, 48_000)
    arrays = channel.stream.renderer.render([work.span for work in works], "s16", HEAD)
    channel.rendered(works, [array.reshape(-1).data for array in arrays])
    channel.park()
    assert wired.outbox.pop() is None
    assert channel.next_pos == 0


async def test_audio_that_is_not_read_stops_the_rendering() -> None:
    wired = Wired()
    channel = await wired.open(limit=20 * RATE)
    for _ in range(20):
        works = channel.plan(wired.now, 48_000)
        if not works:
            break
        arrays = channel.stream.renderer.render([work.span for work in works], "s16", HEAD)
        channel.rendered(works, [array.reshape(-1).data for array in arrays])
    assert channel.next_pos < 3 * RATE
    assert wired.outbox.media_bytes < 2 * 262_144


async def test_a_client_resumes_at_what_it_has() -> None:
    wired = Wired()
    channel = await wired.open(limit=48_000)
    wired.render(channel)
    wired.session.detach()
    wired.session.attach(wired.outbox, wired.now)
    resumed = channel.resume(0, 24_000, 4_800, wired.now)
    assert (resumed.from_, resumed.epoch, resumed.gapless) == (24_000, 0, True)
    assert channel.plan(wired.now, 48_000) == []
    wired.flow(channel, 4_800, 48_000)
    packets = wired.render(channel)
    assert spans(packets)[0][0] == 24_000
    assert packets[0].flags == 0


async def test_a_client_that_missed_a_splice_resumes_where_it_began() -> None:
    wired = Wired()
    channel = await wired.open(limit=48_000)
    wired.render(channel)
    wired.set(channel, 0, level=5)
    wired.pass_time(0.010)
    ack = wired.last(wire.ParamAck)
    wired.session.detach()
    wired.session.attach(wired.outbox, wired.now)
    resumed = channel.resume(0, 48_000, 960, wired.now)
    assert resumed.from_ == ack.at - 480
    wired.flow(channel, 960, 48_000)
    assert wired.render(channel)[0].flags == wire.FLAG_SPLICE


async def test_a_client_that_ran_dry_is_told() -> None:
    wired = Wired()
    channel = await wired.open()
    wired.render(channel)
    assert not channel.resume(0, 9_600, 9_600, wired.now).gapless


async def test_a_resume_is_not_believed_beyond_what_was_sent() -> None:
    wired = Wired()
    channel = await wired.open()
    wired.render(channel)
    assert channel.resume(0, 2**53 - 1, 0, wired.now).from_ == 9_600


async def test_old_entries_are_folded_every_five_seconds() -> None:
    wired = Wired()
    channel = await wired.open(limit=RATE)
    wired.set(channel, 0, level=5)
    wired.pass_time(0.010)
    for second in range(1, 70):
        wired.clock.advance(1)
        wired.flow(channel, second * RATE, second * RATE + 9_600)
    bases = [one for one in wired.told if isinstance(one, wire.StreamBase)]
    assert [base.entry["p"] for base in bases] == [{"level": 5}, {"level": 5}] or len(bases) == 1
    assert tone_of(channel).entries[0]["kind"] == "base"


steps = some.lists(
    some.tuples(
        some.sampled_from(["set", "flow", "flow", "seek", "wait", "lose", "park"]), some.integers(0, 96_000)
    ),
    max_size=40,
)


class Ring:
    """The newest plane of a listener who never plays on."""

    def __init__(self) -> None:
        self.samples = np.full((20 * RATE, 2), -1, np.int16)
        self.have = 0
        self.epoch = 0

    def take(self, packets: list[Packet]) -> None:
        for packet in packets:
            if packet.epoch < self.epoch:
                continue
            if packet.epoch > self.epoch:
                self.epoch, self.have = packet.epoch, min(self.have, packet.pos)
            end = packet.pos + packet.frames
            self.samples[packet.pos : end] = samples(packet)
            if packet.pos <= self.have < end:
                self.have = end


def happen(wired: Wired, channel: Channel, ring: Ring, step: str, number: int) -> None:
    match step:
        case "set":
            wired.set(channel, 0, level=number % 100)
        case "seek":
            wired.transport(channel, "seek", 0, to=number)
        case "wait":
            wired.pass_time(0.030)
        case "lose":
            wired.render(channel)
            wired.session.detach()
            wired.session.attach(wired.outbox, wired.now)
            channel.resume(ring.epoch, ring.have, 0, wired.now)
        case "park":
            channel.park()
        case _:
            wired.flow(channel, 0, number, have=ring.have)
            ring.take(wired.render(channel))


@given(steps)
@settings(max_examples=60, deadline=None)
async def test_whatever_happens_the_client_ends_up_with_the_sound_of_its_instance(
    steps: list[tuple[str, int]],
) -> None:
    """Knobs, seeks, lost packets and resumes in any order: each position holds what the timeline says."""
    wired = Wired()
    channel = await wired.open()
    ring = Ring()
    for step, number in steps:
        happen(wired, channel, ring, step, number)
    wired.pass_time(1.0)
    wired.flow(channel, 0, 96_000, have=ring.have)
    ring.take(wired.render(channel))
    assert ring.have >= 96_000 - 1_920
    wanted = tone(timeline_of(tone_of(channel).instance()), 0, ring.have)
    assert np.array_equal(ring.samples[: ring.have], wanted)
