"""Coming back: resume, restore, another process, another device."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from server.kit import errors as http
from server.realtime import wire
from server.realtime.limits import Limits
from tests.peers.client import Refused, listener
from tests.peers.house import House, house
from tests.peers.knock import knock
from tests.peers.tone import ToneStream, timeline_of, tone
from tests.peers.waiting import until

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kit.principal import Principal

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
        await until(lambda: one.tones.streams[0].parked > 0)
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


async def test_a_parked_session_whose_streams_cannot_be_opened_is_gone(redis_url: str) -> None:
    async with house(redis_url) as one, house(redis_url) as two, listener(one.url) as client:
        await client.open()
        await client.drop()
        await until(lambda: one.tones.streams[0].parked > 0)
        await asyncio.sleep(0.1)

        async def refuse(*_: object) -> None:
            raise http.Unavailable

        two.gateway._stage._openers = {"listen": refuse}  # type: ignore[dict-item]  # it never returns
        client.url = two.url
        with pytest.raises(ConnectionError, match="4410"):
            await client.resume()


async def test_a_connection_that_is_gone_before_its_welcome_takes_nothing_along(at: House) -> None:
    async with listener(at.url) as client:
        await client.open()
        assert client.welcome is not None
        await client.drop()
        describe = at.gateway._reception._describe

        async def slowly(who: Principal) -> Mapping[str, object]:
            await asyncio.sleep(0.2)
            return await describe(who)

        at.gateway._reception._describe = slowly
        async with knock(at.url) as socket:
            await socket.send(wire.Hello(v=(1,), resume={"token": client.welcome.resume_token}))
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)
        assert at.gateway._reception.connected == {}
        await client.resume()
        assert (await client.expect(wire.StreamResumed)).epoch == 0


async def test_a_stream_that_opens_after_its_client_left_is_closed(at: House) -> None:
    opener = at.tones.open

    async def slowly(*args: Any) -> ToneStream:
        await asyncio.sleep(0.2)
        return await opener(*args)

    at.gateway._stage._openers = {"listen": slowly}
    async with listener(at.url) as client:
        await client.send(wire.StreamOpen(id=client.next_id(), kind="listen", limit=9_600))
        await client.send(wire.Bye())
        assert await client.closed() == 1000
        await until(lambda: len(at.tones.streams) == 1)
        await until(lambda: at.tones.streams[0].closed is not None)
        assert at.tones.streams[0].closed == ("left", 0)


async def test_a_parked_pause_goes_on_as_a_pause(redis_url: str) -> None:
    async with house(redis_url) as one, house(redis_url) as two, listener(one.url) as client:
        stream = await client.open()
        await until(lambda: stream.ring.play > 4_800)
        pause = await client.transport(stream, "pause")
        stream.ring.is_paused = True
        await client.drop()
        await until(lambda: one.tones.streams[0].parked > 0)
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
    async with (
        house(redis_url) as one,
        house(redis_url) as two,
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
