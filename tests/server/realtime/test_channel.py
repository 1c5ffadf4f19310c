"""One stream's rules, with the clock turned by hand."""

from __future__ import annotations

import numpy as np
import pytest

from server.realtime import wire
from server.realtime.outbox import Packets
from tests.peers.tone import tone
from tests.peers.wired import HEAD, Packet, Wired, tone_of

RATE = 48_000


def samples(packet: Packet) -> np.ndarray[tuple[int, int], np.dtype[np.int16]]:
    return np.frombuffer(packet.buffer[HEAD:], np.int16).reshape(-1, 2)


def spans(packets: list[Packet]) -> list[tuple[int, int]]:
    return [(packet.pos, packet.frames) for packet in packets]


async def test_the_first_credit_is_filled_with_packets_of_the_rendered_sound() -> None:
    wired = Wired()
    channel = await wired.open()
    packets = wired.render(channel)
    assert spans(packets) == [(pos, 1_920) for pos in range(0, 9_600, 1_920)]
    heard = np.concatenate([samples(packet) for packet in packets])
    assert np.array_equal(heard, tone((), 0, 9_600))
    assert [packet.flags for packet in packets] == [0] * 5
    assert tone_of(channel).credited_frames == 9_600


async def test_long_packets_need_a_deep_buffer() -> None:
    wired = Wired()
    channel = await wired.open(limit=48_000 + 960)
    assert {packet.frames for packet in wired.render(channel)} == {1_920, 960}
    wired.flow(channel, 0, 96_000)
    assert [packet.frames for packet in wired.render(channel)] == [1_920] * 2 + [4_800] * 9


async def test_nothing_is_sent_beyond_the_limit_or_the_end() -> None:
    wired = Wired()
    channel = await wired.open(duration_s=0.5, limit=9_601)
    assert spans(wired.render(channel))[-1] == (7_680, 1_920)
    wired.flow(channel, 0, 96_000)
    packets = wired.render(channel)
    assert sum(spans(packets)[-1]) == 24_000
    assert packets[-1].flags == wire.FLAG_END
    assert wired.render(channel) == []


async def test_a_change_is_heard_a_guard_and_the_lookahead_after_the_playhead() -> None:
    wired = Wired()
    channel = await wired.open()
    wired.flow(channel, 0, 48_000)
    wired.render(channel)
    wired.flow(channel, 0, 48_000)
    request = wired.set(channel, 4_800, level=5)
    (ack,) = wired.pass_time(0.010)
    assert isinstance(ack, wire.ParamAck)
    assert (ack.re, ack.epoch) == (request, 1)
    moved = 480
    assert ack.at == pytest.approx(4_800 + moved + 2_880 + 480, abs=1)
    assert ack.entry == {"pos": ack.at, "kind": "param", "p": {"level": 5}, "ramp": 1440}
    assert ack.clamped is None


async def test_a_splice_begins_the_lookahead_before_the_change_and_ends_on_the_grid() -> None:
    wired = Wired()
    channel = await wired.open()
    wired.flow(channel, 0, 48_000)
    wired.render(channel)
    wired.flow(channel, 0, 48_000)
    wired.set(channel, 5_000, level=5)
    (ack,) = wired.pass_time(0.010)
    assert isinstance(ack, wire.ParamAck)
    packets = wired.render(channel)
    start = ack.at - 480
    assert spans(packets)[0] == (start, 960 - start % 960)
    assert [packet.flags & wire.FLAG_SPLICE for packet in packets] == [1] + [0] * (len(packets) - 1)
    assert {packet.epoch for packet in packets} == {1}
    heard = np.concatenate([samples(packet) for packet in packets])
    assert np.array_equal(heard, tone(((ack.at, 5),), start, len(heard)))


async def test_a_splice_drops_what_was_not_written_and_sends_it_again() -> None:
    wired = Wired()
    channel = await wired.open(limit=48_000)
    for most in (1_920, 46_080):
        works = channel.plan(wired.now, most)
        arrays = channel.stream.renderer.render([work.span for work in works], "s16", HEAD)
        channel.rendered(works, [array.reshape(-1).data for array in arrays])
    written = wired.outbox.pop()
    request = wire.ParamSet(id=9, sid=channel.sid, p={"level": 5}, play=0, limit=48_000)
    wired.session.receive(wire.encode(request), wired.now)
    (ack,) = wired.pass_time(0.010)
    assert isinstance(written, Packets)
    assert isinstance(ack, wire.ParamAck)
    assert ack.at - 480 > written.header.frames
    assert wired.packets == []
    first = wired.render(channel)[0]
    assert (first.pos, first.epoch) == (written.header.frames, 1)


async def test_what_was_rendered_before_a_splice_is_thrown_away() -> None:
    wired = Wired()
    channel = await wired.open(limit=48_000)
    works = channel.plan(wired.now, 48_000)
    assert channel.plan(wired.now, 48_000) == []
    wired.set(channel, 0, level=5)
    wired.pass_time(0.010)
    assert not channel.is_current(works)
    arrays = channel.stream.renderer.render([work.span for work in works], "s16", HEAD)
    channel.rendered(works, [array.reshape(-1).data for array in arrays])
    assert wired.outbox.pop() is None
    assert channel.next_pos == 0
    assert wired.render(channel)[0].epoch == 1


async def test_a_clamped_value_is_told() -> None:
    wired = Wired()
    channel = await wired.open()
    wired.set(channel, 0, level=400)
    (ack,) = wired.pass_time(0.010)
    assert isinstance(ack, wire.ParamAck)
    assert ack.clamped == {"level": 100}


async def test_everyone_who_asked_is_told_when_a_merged_change_fails() -> None:
    wired = Wired()
    channel = await wired.open()
    asked = [wired.set(channel, 0, level=1), wired.set(channel, 0, level=-1)]
    errors = wired.pass_time(0.010)
    assert [(error.re, error.code) for error in errors if isinstance(error, wire.Error)] == [
        (asked[0], "invalid_param"),
        (asked[1], "invalid_param"),
    ]
    assert channel.splices.epoch == 0


async def test_entries_never_go_back() -> None:
    wired = Wired()
    channel = await wired.open(limit=96_000)
    wired.render(channel)
    wired.say(wire.TimeProbe(id=900, c0=0, srtt_us=1_000_000, rttvar_us=0))
    wired.set(channel, 0, level=1)
    wired.pass_time(0.010)
    first = wired.last(wire.ParamAck).at
    wired.say(wire.TimeProbe(id=901, c0=0, srtt_us=1_000, rttvar_us=0))
    wired.pass_time(0.050)
    wired.set(channel, 0, level=2)
    wired.pass_time(0.010)
    assert wired.last(wire.ParamAck).at == first


async def test_splices_are_fifty_milliseconds_apart() -> None:
    wired = Wired()
    channel = await wired.open()
    acks = []
    for number in range(100):
        wired.set(channel, 0, level=number % 50)
        acks += wired.pass_time(0.010)
    assert channel.splices.epoch == 20
    assert len(tone_of(channel).entries) == 20
    assert len([ack for ack in acks if isinstance(ack, wire.ParamAck)]) >= 96


async def test_without_render_budget_changes_wait_and_so_does_the_sound() -> None:
    wired = Wired()
    channel = await wired.open(limit=20 * RATE)
    for _ in range(7):
        wired.render(channel)
        wired.flow(channel, 0, 20 * RATE)
        wired.set(channel, 0, level=1)
        wired.say(wire.Flow(sid=channel.sid, play=0, have=channel.next_pos, limit=20 * RATE))
        wired.pass_time(0.060)
    assert channel.is_starved
    wired.set(channel, 0, level=2)
    assert wired.pass_time(0.010) == []
    assert channel.changes.due_at is not None
    answers = wired.pass_time(channel.changes.due_at - wired.now)
    assert isinstance(answers[-1], wire.ParamAck)
    assert wired.render(channel) != []


async def test_seeking_on_and_on_is_refused_once_the_budget_is_gone() -> None:
    wired = Wired()
    channel = await wired.open(limit=20 * RATE)
    for _ in range(7):
        wired.render(channel)
        wired.transport(channel, "seek", 0, to=480_000)
        wired.clock.advance(0.25)
        wired.flow(channel, 0, 20 * RATE)
    wired.render(channel)
    (error,) = wired.transport(channel, "seek", 0, to=480_000)
    assert isinstance(error, wire.Error)
    assert error.code == "rate_limited"
    assert error.retry_ms is not None
    assert error.retry_ms > 0


async def test_transport_is_limited_to_five_a_second() -> None:
    wired = Wired()
    channel = await wired.open()
    answers = [wired.transport(channel, "seek", 0, to=960)[0] for _ in range(6)]
    assert isinstance(answers[4], wire.TransportAck)
    assert isinstance(answers[5], wire.Error)
    assert answers[5].code == "rate_limited"


async def test_a_pause_stands_at_the_playhead_and_changes_no_sample() -> None:
    wired = Wired()
    channel = await wired.open(limit=48_000)
    wired.render(channel)
    wired.clock.advance(0.2)
    (ack,) = wired.transport(channel, "pause", 7_777)
    assert isinstance(ack, wire.TransportAck)
    assert (ack.at, ack.epoch, ack.entry["op"]) == (7_777, 0, "pause")
    assert wired.render(channel) == []
    wired.clock.advance(20)
    (ack,) = wired.transport(channel, "play", 7_777 + 14_400)
    assert isinstance(ack, wire.TransportAck)
    assert (ack.at, ack.epoch) == (7_777 + 14_400, 0)


async def test_play_stands_where_the_client_came_to_rest() -> None:
    wired = Wired()
    channel = await wired.open()
    wired.render(channel)
    wired.transport(channel, "pause", 4_800)
    (ack,) = wired.transport(channel, "play", 9_600)
    assert isinstance(ack, wire.TransportAck)
    assert ack.at == 9_600


async def test_after_a_long_pause_what_changes_begins_after_the_guard() -> None:
    wired = Wired()
    channel = await wired.open(limit=96_000)
    wired.render(channel)
    wired.transport(channel, "pause", 4_800)
    for _ in range(61):
        wired.clock.advance(1)
        wired.flow(channel, 19_200, 96_000)
    (ack,) = wired.transport(channel, "play", 19_200)
    assert isinstance(ack, wire.TransportAck)
    assert (ack.at, ack.epoch) == (19_200, 1)
    assert channel.next_pos == 19_200 + 2_880


async def test_pausing_twice_and_playing_twice_is_refused() -> None:
    wired = Wired()
    channel = await wired.open()
    (error,) = wired.transport(channel, "play", 0)
    assert isinstance(error, wire.Error)
    assert (error.code, error.field) == ("invalid_param", "op")
    wired.transport(channel, "pause", 0)
    (error,) = wired.transport(channel, "pause", 0)
    assert isinstance(error, wire.Error)
    assert (error.code, error.field) == ("invalid_param", "op")


async def test_a_seek_is_a_splice() -> None:
    wired = Wired()
    channel = await wired.open(limit=48_000)
    wired.render(channel)
    (ack,) = wired.transport(channel, "seek", 0, to=480_000)
    assert isinstance(ack, wire.TransportAck)
    assert (ack.at, ack.epoch) == (2_880 + 480, 1)
    assert ack.media_map == ((ack.at, 480_000, 1.0),)
    assert channel.next_pos == 2_880


async def test_a_stop_is_a_short_fade() -> None:
    wired = Wired()
    channel = await wired.open(limit=48_000)
    wired.render(channel)
    envelope, ack = wired.transport(channel, "stop", 0)
    assert isinstance(envelope, wire.StreamEnv)
    assert isinstance(ack, wire.TransportAck)
    assert (envelope.re, envelope.end_pos, ack.at) == (None, 2_880 + 14_400, 2_880)
    wired.clock.advance(1)
    wired.flow(channel, 2_880 + 14_400, 48_000)
    assert wired.ending == "stopped"


@pytest.mark.parametrize("op", ["stop", "finish"])
async def test_ending_in_a_pause_ends_at_once(op: str) -> None:
    wired = Wired()
    channel = await wired.open()
    wired.transport(channel, "pause", 0)
    if op == "stop":
        wired.transport(channel, "stop", 0)
    else:
        wired.say(wire.SessionFinish(id=wired.next_id(), sid=channel.sid, fade_ms=3000))
    assert wired.ending == "stopped"


async def test_extend_and_finish_answer_with_the_envelope() -> None:
    wired = Wired()
    channel = await wired.open(duration_s=1)
    request = wired.next_id()
    (envelope,) = wired.say(wire.SessionExtend(id=request, sid=channel.sid, duration_s=2))
    assert isinstance(envelope, wire.StreamEnv)
    assert (envelope.re, envelope.rev, envelope.end_pos) == (request, 2, 144_000)
    request = wired.next_id()
    (envelope,) = wired.say(wire.SessionFinish(id=request, sid=channel.sid, fade_ms=100))
    assert isinstance(envelope, wire.StreamEnv)
    assert (envelope.re, envelope.rev, envelope.end_pos) == (request, 3, 2_880 + 4_800)


async def test_an_extended_stream_is_rendered_to_its_new_end() -> None:
    wired = Wired()
    channel = await wired.open(duration_s=0.1)
    assert sum(spans(wired.render(channel))[-1]) == 4_800
    wired.say(wire.SessionExtend(id=wired.next_id(), sid=channel.sid, duration_s=1))
    assert spans(wired.render(channel)) == [(4_800, 1_920), (6_720, 1_920), (8_640, 960)]


async def test_an_envelope_that_the_stream_changed_itself_is_told() -> None:
    wired = Wired()
    channel = await wired.open()
    channel.envelope_changed(tone_of(channel).finish(9_600, 1000))
    (envelope,) = wired.read()
    assert isinstance(envelope, wire.StreamEnv)
    assert envelope.re is None


async def test_marks_are_told_when_they_are_passed() -> None:
    wired = Wired()
    channel = await wired.open(marks=[[4_800, "work"], [9_600, "break"]], limit=48_000)
    wired.render(channel)
    wired.clock.advance(0.2)
    assert wired.flow(channel, 4_799, 48_000) == []
    assert wired.flow(channel, 9_600, 48_000) == [
        wire.StreamMark(sid=channel.sid, pos=4_800, name="work"),
        wire.StreamMark(sid=channel.sid, pos=9_600, name="break"),
    ]
    assert wired.flow(channel, 9_700, 48_000) == []


async def test_have_is_not_believed_beyond_what_was_sent() -> None:
    wired = Wired()
    channel = await wired.open()
    wired.render(channel)
    wired.flow(channel, 0, 9_600, have=2**53 - 1)
    assert channel.credit.have == 9_600


async def test_statistics_reach_the_stream() -> None:
    wired = Wired()
    channel = await wired.open()
    wired.flow(channel, 480, 9_600)
    wired.say(wire.Played(sid=channel.sid, play=480, underruns=2, late=1))
    assert tone_of(channel).heard == (480, 2, 1)


async def test_late_splices_widen_the_guard() -> None:
    wired = Wired()
    channel = await wired.open()
    wired.flow(channel, 0, 9_600, late_ms=2.5)
    assert wired.session.line.guard.ms(wired.now) == 90
