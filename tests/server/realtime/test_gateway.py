"""The gateway over real sockets: what listeners hear, and how connections end."""

from __future__ import annotations

import asyncio
import dataclasses
import uuid
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from server.realtime import wire
from server.realtime.gateway import _for_ever
from server.realtime.limits import Limits
from tests.peers.client import Client, Refused, listener
from tests.peers.house import House, house, principal
from tests.peers.knock import knock
from tests.peers.tone import ToneSpan, timeline_of, tone
from tests.peers.waiting import until

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


async def test_what_the_next_may_want_is_made_while_somebody_is_there(redis_url: str) -> None:
    async with house(redis_url) as at:
        at.tones.renderer.granule_s = 0.001
        at.tones.standby = [ToneSpan((), 480_000, 96_000)]
        await asyncio.sleep(1.2)
        assert not at.tones.renderer.made
        async with listener(at.url):
            await until(lambda: at.tones.renderer.made == {10, 11})


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
        for _ in range(2_000):
            await client.send(wire.SessionFinish(id=1, sid=9, fade_ms=10))
        assert await client.closed() == 4429


async def test_a_defect_ends_one_connection_and_is_logged(at: House) -> None:
    async with listener(at.url, "pro") as unlucky, listener(at.url) as other:
        (session,) = [one for one in at.gateway._reception.sessions.values() if one.principal.plan == "pro"]
        session.receive = None  # type: ignore[method-assign, assignment]  # a defect
        with capture_logs() as logged:
            await unlucky.send(wire.TimeProbe(id=99, c0=0.0))
            assert await unlucky.closed() == 4500
        assert logged[0]["event"] == "message_failed"
        await other.open()


async def test_work_that_failed_begins_again() -> None:
    begun = asyncio.Event()
    attempts = 0

    async def work() -> None:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise ValueError("a defect")
        begun.set()
        await asyncio.Event().wait()

    with capture_logs() as logged:
        task = asyncio.create_task(_for_ever(work))
        async with asyncio.timeout(5):
            await begun.wait()
    task.cancel()
    assert logged[0]["event"] == "background_failed"


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


async def test_the_end_of_a_login_closes_its_connections_alone(at: House) -> None:
    login = uuid.uuid4()
    at.principals["phone"] = dataclasses.replace(principal(), proof=login)
    at.principals["desk"] = dataclasses.replace(principal(), proof=uuid.uuid4())
    async with listener(at.url, "phone") as phone, listener(at.url, "desk") as desk:
        await at.gateway.revoke(login)
        assert await phone.closed() == 4401
        assert desk.close_code is None


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
    here = Path(__file__).parent
    names = ("test_gateway.py", "test_door.py", "test_return.py", "test_session.py")
    provoked = "".join((here / name).read_text() for name in names)
    for name in (*wire.ERROR_CODES, *wire.CLOSE_CODES.values(), wire.CLOSE_DONE, wire.CLOSE_RESTART):
        assert str(name) in provoked
