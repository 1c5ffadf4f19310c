"""When a stream is Opus and when it is PCM; positions go on through every change between them."""

from __future__ import annotations

from server.realtime import wire
from server.realtime.wire import FLAG_PRE_ROLL, FLAG_RESET
from tests.peers.wired import Packet, Wired


def played(packets: list[Packet]) -> list[tuple[int, str]]:
    """(end, codec) of the stretches of one codec; nothing is missing or twice."""
    found: list[tuple[int, str]] = []
    pos = next(one.pos for one in packets if not one.flags & FLAG_PRE_ROLL)
    for packet in packets:
        if packet.flags & FLAG_PRE_ROLL:
            continue
        assert packet.pos == pos
        pos += packet.frames
        if found and found[-1][1] == packet.codec:
            found.pop()
        found.append((pos, packet.codec))
    return found


async def test_an_opus_stream_is_sent_in_packets_of_20_ms_of_which_nothing_is_to_be_dropped() -> None:
    wired = Wired()
    channel = await wired.open(codec="opus")
    ready = channel.ready(1, wired.now)
    assert (ready.codec, ready.codec_delay) == ("opus", 0)
    packets = wired.render(channel)
    assert {(one.frames, one.codec) for one in packets} == {(960, "opus")}
    assert [one.flags for one in packets] == [FLAG_RESET] + [0] * 9
    wired.flow(channel, 0, 96_000)
    more = wired.render(channel)
    assert played(packets + more) == [(96_000, "opus")]
    assert not any(one.flags for one in more)


async def test_while_a_hand_is_on_a_knob_it_is_pcm_and_a_second_later_opus_again() -> None:
    wired = Wired()
    channel = await wired.open(codec="opus")
    wired.render(channel)
    wired.set(channel, 0, level=5)
    wired.pass_time(0.010)
    first = wired.render(channel)
    assert {one.codec for one in first} == {"s16"}
    assert first[0].flags == wire.FLAG_SPLICE
    wired.pass_time(0.9)
    wired.flow(channel, 9_600, 48_000)
    still = wired.render(channel)
    assert {one.codec for one in still} == {"s16"}
    wired.pass_time(0.1)
    wired.flow(channel, 19_200, 72_000)
    after = wired.render(channel)
    assert after[0].flags == FLAG_RESET | FLAG_PRE_ROLL
    assert played(first + still + after) == [(48_000, "s16"), (72_000, "opus")]


async def test_a_resume_begins_with_a_new_feed_on_the_grid() -> None:
    wired = Wired()
    channel = await wired.open(codec="opus", limit=48_000)
    wired.render(channel)
    wired.session.detach()
    wired.session.attach(wired.outbox, wired.now)
    wired.session.resume([{"sid": channel.sid, "have": 24_100, "play": 0, "epoch": 0}], wired.now)
    wired.flow(channel, 0, 48_000)
    packets = wired.render(channel)
    assert played(packets) == [(24_960, "s16"), (48_000, "opus")]
    assert [one.flags for one in packets[1:6]] == [FLAG_RESET | FLAG_PRE_ROLL, *[FLAG_PRE_ROLL] * 3, 0]


async def test_what_opus_would_blur_is_pcm() -> None:
    wired = Wired()
    channel = await wired.open(codec="opus")
    wired.tones.streams[0].is_exact = True
    assert {one.codec for one in wired.render(channel)} == {"s16"}
    assert channel.cost > channel.stream.cost


async def test_the_last_packet_reaches_beyond_the_end_and_says_so() -> None:
    wired = Wired()
    channel = await wired.open(codec="opus", duration_s=0.05, limit=48_000)
    packets = wired.render(channel)
    assert played(packets) == [(2_880, "opus")]
    assert packets[-1].flags == wire.FLAG_END
    assert channel.next_pos == 2_400
    assert not channel.is_wanting
