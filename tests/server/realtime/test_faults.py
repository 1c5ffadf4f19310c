"""Bad networks and bad clients, in real time: who is let go, and that nobody else hears it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from server.realtime import wire
from tests.peers.client import Client, Listening, listener
from tests.peers.hostile import MANNERS, besiege, comes_as_strangers
from tests.peers.house import House, house, principal
from tests.peers.proxy import Proxy, proxy
from tests.peers.tone import timeline_of, tone

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


@contextlib.asynccontextmanager
async def behind_proxy(redis_url: str) -> AsyncGenerator[tuple[House, Proxy, Client]]:
    async with house(redis_url) as at, proxy(at.url) as (between, url), listener(url) as client:
        yield at, between, client


async def play_until(stream: Listening, pos: int, seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while stream.ring.play < pos:  # noqa: ASYNC110 - looks at another object's state from outside
            await asyncio.sleep(0.01)


async def open_deep(client: Client) -> Listening:
    """A stream with three seconds in its buffer."""
    stream = await client.open()
    stream.horizon = 3 * 48_000
    async with asyncio.timeout(20):
        while stream.ring.have - stream.ring.play < 2.5 * 48_000:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
    stream.ring.underruns = 0  # what a busy machine did to the first 150 ms is not asked here
    return stream


def heard_right(stream: Listening) -> bool:
    ring = stream.ring
    wanted = tone(timeline_of(stream.instance), ring.start, ring.play - ring.start)
    return np.array_equal(ring.heard[: len(wanted)], wanted)


async def test_delay_and_jitter_of_a_hundred_milliseconds_are_not_heard(redis_url: str) -> None:
    async with behind_proxy(redis_url) as (_, between, client):
        stream = await open_deep(client)
        between.delay_s = between.jitter_s = 0.05
        ack = await client.set(stream, level=5)
        await play_until(stream, ack.at + 48_000)
        assert stream.ring.underruns == 0
        assert heard_right(stream)


async def test_every_byte_may_come_alone(redis_url: str) -> None:
    async with house(redis_url) as at, proxy(at.url) as (between, url):
        between.chunk_bytes = [1, 1]
        async with listener(url) as client:
            between.chunk_bytes = [1, 97]
            stream = await client.open()
            await play_until(stream, 9_600)
            ack = await client.set(stream, level=5)
            await play_until(stream, ack.at + 9_600)
            assert ack.at < stream.ring.play
            assert np.array_equal(stream.ring.samples[:9_600], tone((), 0, 9_600))
            assert timeline_of(stream.instance) == ((ack.at, 5),)


async def test_a_stall_within_the_buffer_is_not_heard(redis_url: str) -> None:
    async with behind_proxy(redis_url) as (_, between, client):
        stream = await open_deep(client)
        depth_s = (stream.ring.have - stream.ring.play) / 48_000
        between.stall()
        await asyncio.sleep(depth_s / 2)
        between.flow()
        await play_until(stream, stream.ring.play + 96_000)
        assert stream.ring.underruns == 0
        assert heard_right(stream)


async def test_cuts_at_random_moments_between_knobs_leave_the_right_sound(redis_url: str) -> None:
    async with behind_proxy(redis_url) as (_, between, client):
        stream = await open_deep(client)
        for level in range(1, 5):
            await client.set(stream, level=level)
            between.cut()
            await client.closed()
            await client.resume()
            await client.expect(wire.StreamResumed)
            play = stream.ring.play
            await play_until(stream, play + 12_000)
        assert stream.ring.underruns == 0
        have = stream.ring.have
        wanted = tone(timeline_of(stream.instance), 0, have)[stream.ring.play : have]
        assert np.array_equal(stream.ring.samples[stream.ring.play : have], wanted)


async def test_a_line_that_swallows_everything_is_given_up_by_the_client_and_resumed(redis_url: str) -> None:
    async with behind_proxy(redis_url) as (_, between, client):
        stream = await open_deep(client)
        between.half_open()
        await asyncio.sleep(0.5)
        between.cut()
        await client.resume()
        await play_until(stream, stream.ring.play + 144_000)
        assert stream.ring.underruns == 0
        assert heard_right(stream)


async def test_hostile_clients_are_bounded_and_honest_listeners_hear_no_gap(redis_url: str) -> None:
    async with house(redis_url) as at:
        for number, manner in enumerate(MANNERS, 20):
            at.principals[manner.__name__] = principal(number, "user", "pro")
        at.principals["friend"] = principal(40)
        async with listener(at.url) as client, listener(at.url, "friend") as friend:
            honest = await asyncio.gather(open_deep(client), open_deep(friend))
            begun = time.monotonic()
            siege = [asyncio.create_task(besiege(at.url, one.__name__, one)) for one in MANNERS]
            strangers = asyncio.create_task(comes_as_strangers(at.url))
            for heard in honest:
                await play_until(heard, heard.ring.play + 3 * 48_000)
                assert heard.ring.underruns == 0
                assert heard_right(heard)
            assert siege[0].done()
            assert siege[0].result() == 4411
            assert not strangers.done(), "they are let in, and cost nobody anything"
            for one in (*siege, strangers):
                one.cancel()
            await asyncio.gather(*siege, strangers, return_exceptions=True)
        sent_s = [stream.credited_frames / 48_000 for stream in at.tones.streams[2:]]
        believed_s = 2 + 1.01 * (time.monotonic() - begun)
        assert max(sent_s) <= 20 + believed_s


@pytest.mark.req("S0-50")
async def test_who_stops_reading_and_who_is_silent_are_freed_within_fifteen_seconds(redis_url: str) -> None:
    """In real time, with the limits of production, while another listener hears no gap."""
    async with house(redis_url) as at:
        for number, name in enumerate(("honest", "stalled", "silent"), 10):
            at.principals[name] = principal(number)
        async with (
            listener(at.url, "honest") as honest,
            listener(at.url, "stalled") as stalled,
            listener(at.url, "silent") as silent,
        ):
            heard = await open_deep(honest)
            await stalled.open()
            mute = await silent.open()
            await asyncio.sleep(1)
            stalled.stall()
            mute.is_silent = True
            begun = time.monotonic()
            unread, unheard = at.tones.streams[1:]
            freed_s: dict[str, float] = {}
            async with asyncio.timeout(15):
                while len(freed_s) < 2:
                    await asyncio.sleep(0.05)
                    if unread.parked:
                        freed_s.setdefault("stalled", time.monotonic() - begun)
                    if unheard.parked:
                        freed_s.setdefault("silent", time.monotonic() - begun)
            assert len(at.gateway._reception.connected) == 2
            assert freed_s["silent"] >= 9
            assert heard.ring.underruns == 0
            assert heard_right(heard)
