"""One client's state machine, with the clock turned by hand."""

from __future__ import annotations

import msgpack  # type: ignore[import-untyped]  # writes what the own codec would refuse to write
import pytest

from server.realtime import wire
from server.realtime.actions import CloseStream, Leave, OpenStream, Renew, Subscribe, Wake
from server.realtime.errors import RealtimeError
from server.realtime.limits import Limits
from server.realtime.session import MESSAGES_BURST, MOST_REFUSED
from tests.peers.wired import Wired, tone_of


async def test_a_stream_is_opened_and_answered() -> None:
    wired = Wired()
    channel = await wired.open(duration_s=10)
    ready = wired.last(wire.StreamReady)
    assert (ready.sid, ready.kind, ready.codec, ready.start_pos) == (channel.sid, "listen", "s16", 0)
    assert (ready.end_pos, ready.rev, ready.epoch, ready.lookahead) == (480_000, 1, 0, 480)
    assert ready.guard_ms == 60.0
    assert wired.is_fed


async def test_a_repeated_request_gets_the_same_bytes_and_is_done_once() -> None:
    wired = Wired()
    channel = await wired.open()
    request = wire.SessionFinish(id=wired.next_id(), sid=channel.sid, fade_ms=100)
    first = wired.say(request)
    wired.clock.advance(1)
    assert wired.say(request) == first
    assert tone_of(channel).rev == 2


async def test_a_request_under_way_is_not_begun_twice() -> None:
    wired = Wired()
    request = wire.StreamOpen(id=1, kind="listen")
    assert wired.say(request) == []
    assert wired.say(request) == []
    wired.action(OpenStream)


def test_ids_rise() -> None:
    wired = Wired()
    wired.say(wire.EventsSub(id=5, topics=()))
    (error,) = wired.say(wire.EventsSub(id=4, topics=()))
    assert isinstance(error, wire.Error)
    assert (error.re, error.code, error.field, error.fatal) == (4, "bad_message", "id", False)


def test_results_that_the_client_has_are_forgotten_and_others_repeated() -> None:
    wired = Wired()
    first = wire.SessionFinish(id=1, sid=9, fade_ms=100)
    answers = wired.say(first)
    wired.session.detach()
    wired.session.attach(wired.outbox, wired.now)
    assert wired.say(first) == answers
    wired.session.line.replies.forget_until(1)
    (error,) = wired.say(first)
    assert isinstance(error, wire.Error)
    assert error.field == "id"


def test_an_unknown_type_is_answered_and_not_fatal() -> None:
    wired = Wired()
    (error,) = wired.say_raw(msgpack.packb({"t": "nonsense", "id": 3}))
    assert isinstance(error, wire.Error)
    assert (error.re, error.code, error.fatal) == (3, "unknown_type", False)
    assert wired.is_cut is None


def test_a_wrong_field_of_a_request_is_answered() -> None:
    wired = Wired()
    (error,) = wired.say_raw(msgpack.packb({"t": "session.finish", "id": 3, "sid": 1}))
    assert isinstance(error, wire.Error)
    assert (error.re, error.code, error.field) == (3, "bad_message", "fade_ms")
    assert wired.is_cut is None


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x10audio", b"\x93\x01\x02\x03"])
def test_bytes_that_are_no_message_end_the_connection(data: bytes) -> None:
    wired = Wired()
    wired.say_raw(data)
    assert wired.is_cut == "bad_message"


def test_a_second_hello_ends_the_connection() -> None:
    wired = Wired()
    wired.say(wire.Hello(v=(1,), ticket="x"))
    assert wired.is_cut == "bad_message"


def test_a_message_over_the_rate_is_refused_and_insisting_ends_the_connection() -> None:
    wired = Wired()
    for number in range(int(MESSAGES_BURST)):
        (error,) = wired.say(wire.SessionFinish(id=number + 1, sid=1, fade_ms=10))
        assert isinstance(error, wire.Error)
        assert error.code == "not_found"
    (error,) = wired.say(wire.SessionFinish(id=1000, sid=1, fade_ms=10))
    assert isinstance(error, wire.Error)
    assert (error.code, error.re, error.retry_ms) == ("rate_limited", 1000, 1000)
    wired.clock.advance(0.011)
    (error,) = wired.say(wire.SessionFinish(id=1000, sid=1, fade_ms=10))
    assert isinstance(error, wire.Error)
    assert error.code == "not_found"
    for _ in range(MOST_REFUSED):
        assert wired.is_cut is None
        wired.say(wire.SessionFinish(id=2000, sid=1, fade_ms=10))
    assert wired.is_cut == "rate_limited"


async def test_reports_have_a_rate_of_their_own() -> None:
    wired = Wired(Limits(streams_per_connection=1))
    channel = await wired.open()
    for _ in range(60):
        wired.flow(channel, 0, 9_600)
    wired.actions.clear()
    wired.flow(channel, 0, 20_000)
    assert channel.credit.limit == 9_600
    assert not wired.is_fed
    wired.clock.advance(1 / 60 + 0.001)
    wired.flow(channel, 0, 20_000)
    assert channel.credit.limit == 20_000


def test_unknown_types_count_too() -> None:
    wired = Wired()
    answers = [wired.say_raw(msgpack.packb({"t": "x", "id": 1})) for _ in range(int(MESSAGES_BURST) + 1)]
    assert answers[-1] == []


def test_a_probe_is_answered_at_once_and_makes_the_guard() -> None:
    wired = Wired()
    (answer,) = wired.say(wire.TimeProbe(id=1, c0=12.5, srtt_us=40_000, rttvar_us=1_000))
    assert answer == wire.TimeAnswer(re=1, c0=12.5, now_us=round(wired.now * 1e6))
    assert wired.session.line.guard.ms(wired.now) == 59.0
    wired.say(wire.TimeProbe(id=2, c0=12.5))
    assert wired.session.line.guard.ms(wired.now) == 59.0


def test_a_request_for_a_stream_that_is_not_there_is_refused() -> None:
    wired = Wired()
    requests: list[wire.Request] = [
        wire.ParamSet(id=1, sid=7, p={"level": 1}, play=0, limit=0),
        wire.Transport(id=2, sid=7, op="pause", play=0, limit=0),
        wire.SessionExtend(id=3, sid=7, duration_s=1),
        wire.SessionFinish(id=4, sid=7, fade_ms=10),
    ]
    for request in requests:
        (error,) = wired.say(request)
        assert isinstance(error, wire.Error)
        assert (error.code, error.re, error.sid) == ("not_found", request.id, 7)


def test_reports_of_a_stream_that_has_ended_are_ignored() -> None:
    wired = Wired()
    assert wired.say(wire.Flow(sid=7, play=0, have=0, limit=0)) == []
    assert wired.say(wire.Played(sid=7, play=0)) == []
    assert wired.is_cut is None


def test_an_error_that_a_client_reports_is_taken() -> None:
    wired = Wired()
    assert wired.say(wire.Error(code="internal", msg="The ring broke.")) == []
    assert wired.is_cut is None


async def test_a_connection_carries_four_streams_and_a_replacement_is_not_counted() -> None:
    wired = Wired()
    channels = [await wired.open() for _ in range(4)]
    (error,) = wired.say(wire.StreamOpen(id=wired.next_id(), kind="listen"))
    assert isinstance(error, wire.Error)
    assert error.code == "limit_reached"
    await wired.open(replace=channels[0].sid)
    assert tone_of(channels[0]).end_pos is not None


async def test_streams_that_are_being_opened_count() -> None:
    wired = Wired(Limits(streams_per_connection=1))
    wired.say(wire.StreamOpen(id=1, kind="listen"))
    (error,) = wired.say(wire.StreamOpen(id=2, kind="listen"))
    assert isinstance(error, wire.Error)
    assert error.code == "limit_reached"
    wired.session.open_failed(wired.action(OpenStream).request, RealtimeError("forbidden", "No."))
    (error,) = wired.read()
    assert isinstance(error, wire.Error)
    assert (error.re, error.code) == (1, "forbidden")
    assert wired.say(wire.StreamOpen(id=3, kind="listen")) == []


async def test_a_replaced_stream_fades_out_in_300_ms() -> None:
    wired = Wired()
    former = await wired.open()
    wired.flow(former, 0, 48_000)
    wired.render(former)
    wired.flow(former, 0, 48_000)
    await wired.open(replace=former.sid)
    envelope = wired.last(wire.StreamEnv)
    assert (envelope.sid, envelope.re) == (former.sid, None)
    assert envelope.end_pos == 2_880 + 14_400


async def test_changes_wait_and_are_answered_together() -> None:
    wired = Wired()
    channel = await wired.open()
    first, second = wired.set(channel, 0, level=3), wired.set(channel, 0, level=4)
    wake = wired.actions[-1]
    assert isinstance(wake, Wake)
    assert wake.at == wired.now + 0.010
    assert wired.pass_time(0.009) == []
    acks = wired.pass_time(0.002)
    assert [ack.re for ack in acks if isinstance(ack, wire.ParamAck)] == [first, second]
    assert tone_of(channel).entries[-1]["p"] == {"level": 4}
    assert wired.is_fed


async def test_a_change_that_is_refused_changes_nothing() -> None:
    wired = Wired()
    channel = await wired.open()
    wired.set(channel, 0, loudness=3)
    error = wired.last(wire.Error)
    assert (error.code, error.field) == ("invalid_param", "loudness")
    assert wired.pass_time(1.0) == []


async def test_silence_for_a_minute_ends_the_connection() -> None:
    wired = Wired()
    wired.clock.advance(59.9)
    assert wired.session.watch(wired.now) == []
    wired.clock.advance(0.2)
    wired.actions = wired.session.watch(wired.now)
    assert wired.is_cut == "timeout"


def test_nobody_is_watched_while_nobody_is_connected() -> None:
    wired = Wired()
    wired.session.detach()
    wired.clock.advance(1000)
    assert wired.session.watch(wired.now) == []


async def test_flow_that_cannot_be_ends_the_connection() -> None:
    wired = Wired()
    channel = await wired.open()
    for _ in range(10):
        assert wired.is_cut is None
        wired.flow(channel, 0, 2**53 - 1)
    assert wired.is_cut == "flow_violation"


async def test_a_stream_that_reached_its_end_is_closed_once() -> None:
    wired = Wired()
    channel = await wired.open(duration_s=1)
    wired.clock.advance(1)
    wired.actions.clear()
    wired.flow(channel, 48_000, 96_000)
    wired.flow(channel, 48_000, 96_000)
    assert wired.action(CloseStream).reason == "completed"
    assert wired.session.opening == 0
    wired.session.closed(
        channel, wire.StreamEnd(sid=channel.sid, reason="completed", played_frames=1, heard_s=1)
    )
    assert isinstance(wired.read()[0], wire.StreamEnd)
    assert wired.session.channels == {}


async def test_goodbye_ends_all_streams() -> None:
    wired = Wired()
    await wired.open()
    wired.actions.clear()
    wired.say(wire.Bye())
    wired.action(Leave)
    wired.actions += wired.session.leave("left", wired.now)
    assert wired.ending == "left"
    assert wired.session.leave("left", wired.now) == []


async def test_a_taken_stream_ends_with_the_name_of_the_device() -> None:
    wired = Wired()
    channel = await wired.open()
    assert wired.session.take_away(channel, "taken", "a phone") == [CloseStream(channel, "taken", "a phone")]
    assert wired.session.take_away(channel, "superseded", None) == []
    assert wired.session.watch(wired.now) == []
    (error,) = wired.say(wire.SessionFinish(id=wired.next_id(), sid=channel.sid, fade_ms=10))
    assert isinstance(error, wire.Error)
    assert error.code == "not_found"


async def test_a_stream_that_cannot_be_rendered_ends_alone() -> None:
    wired = Wired()
    channel, other = await wired.open(), await wired.open()
    wired.actions = wired.session.fail(channel)
    assert wired.action(CloseStream).reason == "failed"
    error = wired.last(wire.Error) if wired.read() else None
    assert error is not None
    assert (error.code, error.sid, error.fatal) == ("internal", channel.sid, False)
    assert other.end_reason is None


async def test_resume_goes_on_with_what_the_client_still_has_and_ends_the_rest() -> None:
    wired = Wired()
    kept, dropped = await wired.open(), await wired.open()
    wired.session.detach()
    assert kept.is_parked
    wired.session.attach(wired.outbox, wired.now)
    heard = [
        {"sid": kept.sid, "have": 0, "play": 0, "epoch": 0},
        {"sid": 99, "have": 0, "play": 0, "epoch": 0},
    ]
    wired.actions = wired.session.resume(heard, wired.now)
    resumed, error = wired.read()
    assert isinstance(resumed, wire.StreamResumed)
    assert isinstance(error, wire.Error)
    assert (error.code, error.sid) == ("not_found", 99)
    close = wired.action(CloseStream)
    assert (close.channel, close.reason) == (dropped, "dropped")


async def test_a_stream_opened_while_nobody_is_connected_waits_parked() -> None:
    wired = Wired()
    wired.say(wire.StreamOpen(id=wired.next_id(), kind="listen", limit=9_600))
    request = wired.action(OpenStream).request
    channel = await Wired().open()
    wired.session.detach()
    opened, _ = wired.session.opened(request, channel.stream, "s16", wired.now)
    assert opened.is_parked


def test_other_requests_become_actions() -> None:
    wired = Wired()
    wired.say(wire.EventsSub(id=1, topics=("listen",)))
    wired.say(wire.AuthRenew(id=2, ticket="x"))
    assert wired.action(Subscribe).request.topics == ("listen",)
    assert wired.action(Renew).request.ticket == "x"


def test_answers_that_nobody_reads_overflow_the_outbox() -> None:
    wired = Wired()
    for number in range(257):
        wired.clock.advance(0.02)
        request = wire.SessionFinish(id=number + 1, sid=1, fade_ms=10)
        assert wired.session.receive(wire.encode(request), wired.now) == []
    assert wired.outbox.has_overflowed
