"""The gateway over real sockets: who may connect, what is answered, how it ends."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
import websockets
from structlog.testing import capture_logs

from server.kit import errors as http
from server.realtime import wire
from server.realtime.limits import Limits
from tests.peers.client import Client, Refused, listener
from tests.peers.house import House, house, principal
from tests.peers.knock import HELLO, knock
from tests.peers.tone import raises, timeline_of, tone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def at(redis_url: str) -> AsyncIterator[House]:
    async with house(redis_url) as running:
        yield running


async def until(condition: object, *, seconds: float = 10) -> None:
    """Wait until a condition holds."""
    assert callable(condition)
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - looks at another object's state from outside
            await asyncio.sleep(0.005)


# Listening


async def test_a_client_hears_what_its_instance_says(at: House) -> None:
    async with listener(at.url) as client:
        stream = await client.open()
        await asyncio.sleep(0.8)
        ack = await client.set(stream, level=7)
        ring = stream.ring
        await until(lambda: ring.play > ack.at + 4_800)
        assert ring.underruns == 0
        wanted = tone(timeline_of(stream.instance), 0, ring.play)
        assert np.array_equal(ring.heard[: ring.play], wanted)


async def test_float_samples_are_sent_to_who_prefers_them(at: House) -> None:
    async with listener(at.url) as client:
        stream = await client.open(codec_pref=("opus", "f32", "s16"))
        await until(lambda: stream.ring.play > 9_600)
        assert stream.ready.codec == "f32"
        assert np.array_equal(stream.ring.heard[:9_600], tone((), 0, 9_600))


async def test_a_timed_stream_ends_on_its_frame_and_its_row_is_written(at: House) -> None:
    async with listener(at.url) as client:
        stream = await client.open(duration_s=0.5)
        ended = await client.expect(wire.StreamEnd)
        assert (ended.reason, ended.played_frames, ended.heard_s) == ("completed", 24_000, 0.5)
        assert stream.ring.underruns == 0
        assert at.tones.streams[0].closed == ("completed", 24_000)
        assert at.tones.streams[0].credited_frames == 24_000


async def test_packets_are_numbered_and_stamped(at: House) -> None:
    async with listener(at.url) as client:
        assert client.welcome is not None
        stream = await client.open()
        await until(lambda: len(stream.ring.packets) > 5)
        assert [packet.seq for packet in stream.ring.packets[:5]] == [0, 1, 2, 3, 4]
        sent_us = stream.ring.packets[0].tx_us
        assert 0 <= (sent_us - client.welcome.now_us) & 0xFFFFFFFF < 60_000_000


async def test_granules_are_made_two_seconds_beyond_the_credit(redis_url: str) -> None:
    async with house(redis_url) as at, listener(at.url) as client:
        at.tones.renderer.granule_s = 0.02
        stream = await client.open()
        await until(lambda: stream.ring.have > 48_000)
        limit_s = stream.ring.have // 48_000
        await until(lambda: set(range(limit_s + 2)) <= at.tones.renderer.made)
        assert np.array_equal(stream.ring.samples[:48_000], tone((), 0, 48_000))


async def test_a_stream_that_cannot_be_rendered_ends_and_the_others_go_on(at: House) -> None:
    async with listener(at.url, "pro") as client:
        good = await client.open()
        with capture_logs() as logged:
            broken = await client.open(broken=True)
            error = await client.expect(wire.Error)
        assert logged[-1]["event"] == "render_failed"
        assert (error.code, error.sid) == ("internal", broken.sid)
        ended = await client.expect(wire.StreamEnd)
        assert (ended.sid, ended.reason) == (broken.sid, "failed")
        play = good.ring.play
        await until(lambda: good.ring.play > play + 24_000)
        assert good.ring.underruns == 0


async def test_a_stream_tells_its_client_what_it_decides_itself(at: House) -> None:
    async with listener(at.url) as client:
        await client.open()
        tone_stream = at.tones.streams[0]
        tone_stream.context.notice("limit_near", "Five minutes are left.")
        tone_stream.context.changed(tone_stream.finish(48_000, 100))
        assert (await client.expect(wire.Notice)).code == "limit_near"
        assert (await client.expect(wire.StreamEnv)).end_pos == 52_800


async def test_goodbye_ends_the_streams_and_closes(at: House) -> None:
    async with listener(at.url) as client:
        await client.open()
        await client.send(wire.Bye())
        assert await client.closed() == 1000
        await until(lambda: at.tones.streams[0].closed is not None)
        assert at.tones.streams[0].closed is not None
        assert at.tones.streams[0].closed[0] == "left"


# Coming back


async def test_a_cut_is_not_heard(at: House) -> None:
    async with listener(at.url) as client:
        stream = await client.open()
        await until(lambda: stream.ring.have - stream.ring.play > 24_000)
        former = client.welcome
        await client.drop()
        welcome = await client.resume()
        assert former is not None
        assert welcome.client == former.client
        assert welcome.resume_token != former.resume_token
        assert (await client.expect(wire.StreamResumed)).gapless
        play = stream.ring.play
        await until(lambda: stream.ring.play > play + 48_000)
        assert stream.ring.underruns == 0
        assert np.array_equal(stream.ring.heard[: stream.ring.play], tone((), 0, stream.ring.play))


async def test_a_request_that_the_cut_lost_is_answered_after_the_resume(at: House) -> None:
    async with listener(at.url) as client:
        stream = await client.open()
        request = wire.SessionFinish(id=client.next_id(), sid=stream.sid, fade_ms=5000)
        await client.send(request)
        await until(lambda: at.tones.streams[0].rev == 2)
        await client.drop()
        await client.resume()
        answer = await client.ask(request)
        assert isinstance(answer, wire.StreamEnv)
        assert (answer.rev, at.tones.streams[0].rev) == (2, 2)


async def test_a_lost_welcome_locks_nobody_out(at: House) -> None:
    async with listener(at.url) as client:
        assert client.welcome is not None
        first = client.welcome.resume_token
        await client.drop()
        seen = set()
        for _ in range(3):
            async with knock(at.url) as socket:
                await socket.send(wire.Hello(v=(1,), resume={"token": first}))
                welcome = await socket.next()
                assert isinstance(welcome, wire.Welcome)
                seen.add(welcome.resume_token)
        assert len(seen) == 1
        async with knock(at.url) as socket:
            await socket.send(wire.Hello(v=(1,), resume={"token": seen.pop()}), wire.TimeProbe(id=1, c0=1.0))
            assert isinstance(await socket.next(), wire.Welcome)
            assert isinstance(await socket.next(), wire.TimeAnswer)
        async with knock(at.url) as socket:
            await socket.send(wire.Hello(v=(1,), resume={"token": first}))
            error, code = await socket.end()
        assert error is not None
        assert (error.code, code) == ("resume_expired", 4410)


async def test_a_second_connection_of_a_session_supersedes_the_first(at: House) -> None:
    async with listener(at.url) as client, knock(at.url) as socket:
        assert client.welcome is not None
        await socket.send(wire.Hello(v=(1,), resume={"token": client.welcome.resume_token}))
        assert isinstance(await socket.next(), wire.Welcome)
        assert await client.closed() == 4409
        assert (await client.expect(wire.Error)).code == "superseded"


async def test_who_does_not_come_back_is_forgotten(redis_url: str) -> None:
    async with house(redis_url, limits=Limits(resume_s=0.2)) as at, listener(at.url) as client:
        await client.open()
        await client.drop()
        await until(lambda: at.tones.streams[0].closed is not None)
        assert at.tones.streams[0].closed is not None
        assert at.tones.streams[0].closed[0] == "lost"
        with pytest.raises(ConnectionError, match="4410"):
            await client.resume()


async def test_a_client_goes_on_from_its_own_instance(at: House) -> None:
    async with listener(at.url) as client:
        stream = await client.open()
        await client.set(stream, level=9)
        await until(lambda: stream.ring.have > 24_000)
        restore = {
            "session": stream.ready.session,
            "instance": stream.instance,
            "from": stream.ring.have,
        }
        have = stream.ring.have
        async with listener(at.url) as other:
            again = await other.open(restore=restore)
            assert again.ready.session == stream.ready.session
            assert again.ready.start_pos == have
            await until(lambda: again.ring.have > again.ring.start + 4_800)
            first = again.ring.samples[:4_800]
            wanted = tone(timeline_of(stream.instance), again.ring.start, 4_800)
            assert np.array_equal(first, wanted)
        ended = await client.expect(wire.StreamEnd)
        assert (ended.reason, ended.by) == ("taken", "a test")


async def test_a_parked_session_goes_on_in_another_process(redis_url: str) -> None:
    async with (
        house(redis_url) as one,
        house(redis_url) as two,
        listener(one.url) as client,
    ):
        stream = await client.open(duration_s=600, marks=[[2_000_000, "break"]])
        ack = await client.set(stream, level=3)
        await until(lambda: stream.ring.have > ack.at + 4_800)
        request = wire.SessionExtend(id=client.next_id(), sid=stream.sid, duration_s=60)
        await client.send(request)
        await until(lambda: one.tones.streams[0].rev == 2)
        await client.drop()
        await until(lambda: one.tones.streams[0].parked)
        await asyncio.sleep(0.1)
        client.url = two.url
        await client.resume()
        resumed = await client.expect(wire.StreamResumed)
        assert (resumed.epoch, resumed.end_pos) == (1, 660 * 48_000)
        answer = await client.ask(request)
        assert isinstance(answer, wire.StreamEnv)
        assert (answer.rev, two.tones.streams[0].rev) == (2, 2)
        play = stream.ring.play
        ack = await client.set(stream, level=4)
        await until(lambda: stream.ring.play > max(play + 24_000, ack.at))
        wanted = tone(timeline_of(stream.instance), 0, stream.ring.have)[play : stream.ring.have]
        assert np.array_equal(stream.ring.samples[play : stream.ring.have], wanted)
        assert two.tones.requests[0].checkpoint is not None
        await until(lambda: one.tones.streams[0].closed is not None)
        assert two.tones.streams[0].closed is None


async def test_a_parked_pause_goes_on_as_a_pause(redis_url: str) -> None:
    async with house(redis_url) as one, house(redis_url) as two, listener(one.url) as client:
        stream = await client.open()
        await until(lambda: stream.ring.play > 4_800)
        pause = await client.transport(stream, "pause")
        stream.ring.is_paused = True
        await client.drop()
        await until(lambda: one.tones.streams[0].parked)
        await asyncio.sleep(0.1)
        client.url = two.url
        await client.resume()
        play = await client.transport(stream, "play")
        assert pause.at <= play.at <= pause.at + 14_400


# Two devices


async def test_a_guest_hears_one_stream_and_may_take_it_over(at: House) -> None:
    async with listener(at.url) as first, listener(at.url) as second:
        stream = await first.open()
        with pytest.raises(Refused) as refused:
            await second.open()
        error = refused.value.error
        assert error.code == "playing_elsewhere"
        (playing,) = cast("list[dict[str, object]]", error.args["sessions"])
        assert playing["session"] == stream.ready.session
        assert playing["device"] == "a test"
        await second.open(take=stream.ready.session)
        ended = await first.expect(wire.StreamEnd)
        assert (ended.reason, ended.by) == ("taken", "a test")


async def test_what_nobody_is_connected_to_gives_way(at: House) -> None:
    async with listener(at.url) as first:
        await first.open()
        await first.drop()
        async with listener(at.url) as second:
            await second.open()
            await until(lambda: at.tones.streams[0].closed is not None)


async def test_a_replaced_stream_does_not_count(at: House) -> None:
    async with listener(at.url) as client:
        stream = await client.open()
        await until(lambda: stream.ring.play > 4_800)
        await client.open(replace=stream.sid)
        assert (await client.expect(wire.StreamEnv)).sid == stream.sid
        ended = await client.expect(wire.StreamEnd)
        assert (ended.sid, ended.reason) == (stream.sid, "stopped")


async def test_another_process_knows_what_plays_here_and_takes_it_over(redis_url: str) -> None:
    limits = Limits(renew_s=0.1)
    async with (
        house(redis_url, limits=limits) as one,
        house(redis_url, limits=limits) as two,
        listener(one.url) as first,
        listener(two.url) as second,
    ):
        stream = await first.open()
        with pytest.raises(Refused, match="playing_elsewhere"):
            await second.open()
        two.tones.streams.append(one.tones.streams[0])
        taken = await second.open(take=stream.ready.session)
        ended = await first.expect(wire.StreamEnd)
        assert (ended.reason, ended.by) == ("taken", "a test")
        await until(lambda: taken.ring.play > 4_800)


async def test_a_lease_that_was_lost_stops_the_stream(redis_url: str) -> None:
    async with house(redis_url, limits=Limits(renew_s=0.05)) as at, listener(at.url) as client:
        stream = await client.open()
        assert await at.bus.acquire_lease(f"stream:{stream.ready.session}", "another process", 99, 10)
        assert (await client.expect(wire.StreamEnd)).reason == "superseded"


async def test_an_older_generation_gets_no_lease(at: House) -> None:
    async with listener(at.url) as client:
        await at.bus.acquire_lease("stream:mine", "another process", 99, 10)
        restore = {"session": "mine", "instance": {"timeline": []}, "from": 0}
        with pytest.raises(Refused, match="superseded"):
            await client.open(restore=restore)
        assert at.tones.streams[0].closed == ("refused", 0)


# Refusals of requests


async def test_what_an_opener_refuses_is_told_in_the_codes_of_the_wire(at: House) -> None:
    raised: list[tuple[Exception, str]] = [
        (http.UpgradeRequired("Not in your plan.", feature="presets"), "upgrade_required"),
        (http.LimitReached("Used up.", resets_at="tomorrow"), "limit_reached"),
        (http.ValidationFailed("No.", field="preset"), "invalid_param"),
        (http.NotFound("No such preset."), "not_found"),
        (http.Forbidden("No."), "forbidden"),
        (http.Unavailable("Away.", retry_after_s=2), "overloaded"),
        (RuntimeError("a defect"), "internal"),
    ]
    async with listener(at.url) as client:
        for error, code in raised:
            with capture_logs(), pytest.raises(Refused) as refused:
                await client.open(**{"raise": raises(code, error)})
            assert refused.value.error.code == code
            assert not refused.value.error.fatal
            told = refused.value.error
            assert told.field == getattr(error, "field", None)
            assert told.args == getattr(error, "extra", {})


async def test_what_the_gateway_itself_refuses_to_open(redis_url: str) -> None:
    async with house(redis_url, limits=Limits(capacity=2)) as at, listener(at.url, "pro") as client:
        with pytest.raises(Refused, match="unsupported_codec"):
            await client.open(codec_pref=("opus",))
        with pytest.raises(Refused) as refused:
            await client.open(kind="preview")
        assert (refused.value.error.code, refused.value.error.field) == ("invalid_param", "kind")
        await client.open(cost=2.0)
        with pytest.raises(Refused) as refused:
            await client.open()
        assert refused.value.error.code == "overloaded"
        assert refused.value.error.retry_ms == 5000


# Who may connect


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://test.evil.example", "https://test"]
)
async def test_a_foreign_origin_gets_403_before_the_handshake(at: House, origin: str) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with knock(at.url, origin=origin):
            pass
    assert refused.value.response.status_code == 403


async def test_a_program_without_origin_may_connect(at: House) -> None:
    async with knock(at.url, origin=None) as socket:
        await socket.send(HELLO)
        assert isinstance(await socket.next(), wire.Welcome)


async def test_welcome_tells_what_a_client_needs(at: House) -> None:
    async with knock(at.url) as socket:
        await socket.send(HELLO)
        welcome = await socket.next()
    assert isinstance(welcome, wire.Welcome)
    assert (welcome.v, welcome.resume_ttl_s, welcome.features) == (1, 120, ("listen", "events"))
    assert welcome.user == {"plan": "guest", "trial_ends": None}
    assert welcome.limits["streams"] == 1
    assert welcome.limits["connections"] == 2


REFUSED_AT_THE_DOOR: list[tuple[wire.Message | bytes | str, str, int]] = [
    ("text", "bad_message", 4400),
    (b"\xc1", "bad_message", 4400),
    (wire.encode(wire.Bye()), "bad_message", 4400),
    (wire.Hello(v=(1,)), "unauthenticated", 4401),
    (wire.Hello(v=(1,), ticket="unknown"), "unauthenticated", 4401),
    (wire.Hello(v=(1,), ticket="expired"), "unauthenticated", 4401),
    (wire.Hello(v=(1,), ticket="upgrade"), "upgrade_required", 4402),
    (wire.Hello(v=(1,), ticket="suspended"), "forbidden", 4403),
    (wire.Hello(v=(1,), ticket="gone"), "not_found", 4404),
    (wire.Hello(v=(1,), resume={"token": "x"}), "resume_expired", 4410),
    (wire.Hello(v=(1,), ticket="guest", caps={"codecs": ("opus",)}), "unsupported_codec", 4415),
    (wire.Hello(v=(2, 3), ticket="guest"), "version", 4426),
    (b"\x81" + b"x" * 4096, "too_big", 4413),
    (wire.Hello(v=(1,), ticket="down"), "overloaded", 4503),
    (wire.Hello(v=(1,), ticket="broken"), "internal", 4500),
]


@pytest.mark.parametrize(("message", "code", "close"), REFUSED_AT_THE_DOOR)
async def test_refusals_at_the_door_are_accept_error_close(
    at: House, message: wire.Message | bytes | str, code: str, close: int
) -> None:
    at.principals.update(
        expired=principal(lives_s=-1),
        upgrade=http.UpgradeRequired("Not in your plan.", feature="realtime"),
        suspended=http.Forbidden("This account is suspended."),
        gone=http.NotFound("This account is gone."),
        down=http.Unavailable("The database is away."),
        broken=RuntimeError("a defect"),
    )
    with capture_logs():
        async with knock(at.url) as socket:
            await socket.send(message)
            error, closed = await socket.end()
    assert error is not None
    assert (error.code, error.fatal, closed) == (code, True, close)


@pytest.mark.parametrize("subprotocols", [(), ("soundwell.v9",)])
async def test_a_subprotocol_that_nobody_knows_is_told(at: House, subprotocols: tuple[str, ...]) -> None:
    async with knock(at.url, subprotocols=subprotocols) as socket:
        error, closed = await socket.end()
    assert error is not None
    assert (error.code, closed) == ("version", 4426)


async def test_without_a_hello_a_socket_is_closed(redis_url: str) -> None:
    async with house(redis_url, limits=Limits(hello_s=0.05)) as at, knock(at.url) as socket:
        error, closed = await socket.end()
    assert error is not None
    assert (error.code, closed) == ("timeout", 4408)


async def test_one_address_has_ten_waiting_sockets(redis_url: str) -> None:
    async with (
        house(redis_url, limits=Limits(waiting_per_address=1)) as at,
        knock(at.url) as first,
        knock(at.url) as second,
    ):
        error, closed = await second.end()
        assert error is not None
        assert (error.code, closed) == ("rate_limited", 4429)
        await first.send(HELLO)
        assert isinstance(await first.next(), wire.Welcome)
        async with knock(at.url) as third:
            await third.send(HELLO)
            assert isinstance(await third.next(), wire.Welcome)


async def test_a_guest_has_two_connections(at: House) -> None:
    async with listener(at.url), listener(at.url), knock(at.url) as third:
        await third.send(HELLO)
        error, closed = await third.end()
    assert error is not None
    assert (error.code, closed) == ("limit_reached", 4429)


async def test_what_is_said_before_the_welcome_is_heard_after_it(at: House) -> None:
    async with knock(at.url) as socket:
        await socket.send(HELLO, *(wire.TimeProbe(id=number, c0=0.0) for number in range(1, 4)))
        assert isinstance(await socket.next(), wire.Welcome)
        answers = [await socket.next() for _ in range(3)]
    assert [answer.re for answer in answers if isinstance(answer, wire.TimeAnswer)] == [1, 2, 3]


# How connections end


async def test_too_long_a_message_ends_the_connection(at: House) -> None:
    async with listener(at.url) as client:
        await client.send_raw(b"\x81" + b"x" * 70_000)
        assert await client.closed() == 4413


async def test_text_ends_the_connection(at: House) -> None:
    async with listener(at.url) as client:
        await client.send_raw("hello")
        assert await client.closed() == 4400


async def test_impossible_credit_ends_the_connection(at: House) -> None:
    async with listener(at.url) as client:
        stream = await client.open()
        stream.is_silent = True
        for _ in range(10):
            await client.send(wire.Flow(sid=stream.sid, play=0, have=0, limit=2**53 - 1))
        assert await client.closed() == 4411
        assert (await client.expect(wire.Error)).code == "flow_violation"


async def test_too_many_messages_end_the_connection(at: House) -> None:
    async with listener(at.url) as client:
        for _ in range(400):
            await client.send(wire.SessionFinish(id=1, sid=9, fade_ms=10))
        assert await client.closed() == 4429


async def test_silence_ends_the_connection(redis_url: str) -> None:
    async with house(redis_url, limits=Limits(silent_s=0.1)) as at, listener(at.url) as client:
        assert await client.closed() == 4408
        assert (await client.expect(wire.Error)).code == "timeout"


async def test_authority_ends_the_connection(at: House) -> None:
    at.principals["short"] = principal(lives_s=0.5)
    async with listener(at.url, "short") as client:
        assert await client.closed() == 4401


async def test_a_revoked_principal_is_put_out_everywhere_at_once(redis_url: str) -> None:
    async with house(redis_url) as one, house(redis_url) as two, listener(two.url) as client:
        await client.open()
        await one.gateway.revoke(uuid.UUID(int=1))
        assert await client.closed() == 4401
        await until(lambda: two.tones.streams[0].closed is not None)
        with pytest.raises(ConnectionError, match="4410"):
            await client.resume()


async def test_who_does_not_read_answers_is_a_slow_consumer(at: House) -> None:
    at.principals["pro"] = principal(2, "user", "pro")
    async with listener(at.url, "pro") as client:
        (session,) = at.gateway._reception.sessions.values()
        assert session.line.outbox is not None
        for _ in range(257):
            session.line.send(wire.Notice(code="x", msg="x"))
        session.line.outbox.flush()
        assert await client.closed() == 4508


async def test_a_shutdown_says_goaway_and_1012(redis_url: str) -> None:
    async with house(redis_url) as at:
        client = Client(at.url)
        await client.connect()
        assert at.server is not None
        at.server.should_exit = True
        goaway = await client.expect(wire.GoAway)
        assert (goaway.reason, goaway.resume) == ("restart", True)
        assert await client.closed() == 1012
        await client.drop()


async def test_a_draining_server_takes_nobody_in(at: House) -> None:
    at.gateway._is_draining = True
    async with knock(at.url) as socket:
        error, closed = await socket.end()
    assert error is not None
    assert (error.code, closed) == ("overloaded", 4503)


# Authority


async def test_a_guest_becomes_the_user_who_claimed_them(at: House) -> None:
    at.principals["claimed"] = principal(1, "user", "free")
    async with listener(at.url) as client:
        stream = await client.open()
        renewed = await client.ask(wire.AuthRenew(id=client.next_id(), ticket="claimed"))
        assert isinstance(renewed, wire.AuthRenewed)
        assert (renewed.user["plan"], renewed.limits["connections"]) == ("free", 5)
        with pytest.raises(Refused, match="forbidden"):
            await client.ask(wire.AuthRenew(id=client.next_id(), ticket="claimed"))
        assert stream.ended is None


@pytest.mark.parametrize(("ticket", "code"), [("pro", "forbidden"), ("unknown", "unauthenticated")])
async def test_nobody_becomes_somebody_else(at: House, ticket: str, code: str) -> None:
    async with listener(at.url) as client:
        with pytest.raises(Refused, match=code):
            await client.ask(wire.AuthRenew(id=client.next_id(), ticket=ticket))


# All codes


def test_every_code_is_provoked_here() -> None:
    here = Path(__file__)
    provoked = here.read_text() + here.with_name("test_session.py").read_text()
    for name in (*wire.ERROR_CODES, *wire.CLOSE_CODES.values(), wire.CLOSE_DONE, wire.CLOSE_RESTART):
        assert str(name) in provoked
