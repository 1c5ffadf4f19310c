from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from server.kit import bus_topics
from server.kit.bus import PREFIX, Bus

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import pytest

    from tests.server.kit.conftest import Mortal

WAIT_S = 20.0


async def next_news(follower: AsyncGenerator[bytes]) -> bytes:
    """The next payload that is not a wake-up."""
    async with asyncio.timeout(WAIT_S):
        async for payload in follower:
            if payload:
                return payload
    raise AssertionError("the subscription ended")


async def confirmed(follower: AsyncGenerator[bytes]) -> None:
    """Wait until Redis itself has said that the subscription stands: the second wake-up."""
    async with asyncio.timeout(WAIT_S):
        assert await anext(follower) == b""
        assert await anext(follower) == b""


async def test_a_follower_is_woken_first_and_then_gets_what_is_published(bus: Bus, redis_url: str) -> None:
    other = await Bus.connect(redis_url)
    async with aclosing(bus.subscribe("news")) as follower, aclosing(bus.subscribe("else")) as stranger:
        await confirmed(follower)
        await confirmed(stranger)
        for number in range(3):
            await other.publish("news", b"%d" % number)
        await other.publish("else", b"other")

        assert [await next_news(follower) for _ in range(3)] == [b"0", b"1", b"2"]
        assert await next_news(stranger) == b"other"
    await other.close()


async def test_all_followers_of_a_channel_hear_it(bus: Bus) -> None:
    followers = [bus.subscribe("news") for _ in range(5)]
    for follower in followers:
        await confirmed(follower)
    await bus.publish("news", b"hello")

    assert [await next_news(follower) for follower in followers] == [b"hello"] * 5
    for follower in followers:
        await follower.aclose()


async def test_followers_are_woken_when_redis_comes_back_and_hear_again(mortal_bus: Mortal) -> None:
    bus, other = await Bus.connect(mortal_bus.url), await Bus.connect(mortal_bus.url)
    async with aclosing(bus.subscribe("news")) as follower:
        await confirmed(follower)
        mortal_bus.kill()
        await other.publish("news", b"lost: another process, and Redis is away")
        mortal_bus.revive()
        async with asyncio.timeout(WAIT_S):
            assert await anext(follower) == b""
        assert await other.ping()
        await other.publish("news", b"back")
        assert await next_news(follower) == b"back"
    await bus.close()
    await other.close()


async def test_a_follower_that_begins_during_an_outage_is_served_afterwards(mortal_bus: Mortal) -> None:
    bus = await Bus.connect(mortal_bus.url)
    mortal_bus.kill()
    async with aclosing(bus.subscribe("news")) as follower:
        assert await anext(follower) == b""
        await bus.publish("news", b"within the process")
        assert await next_news(follower) == b"within the process"
        mortal_bus.revive()
        async with asyncio.timeout(WAIT_S):
            assert await anext(follower) == b""
        assert await bus.ping()
        await bus.publish("news", b"through Redis")
        assert await next_news(follower) == b"through Redis"
    await bus.close()


async def test_a_follower_that_does_not_read_loses_the_oldest(bus: Bus) -> None:
    async with aclosing(bus.subscribe("news")) as follower:
        await confirmed(follower)
        for number in range(bus_topics.QUEUE_SIZE + 10):
            bus._topics.deliver(PREFIX + "news", b"%d" % number)

        assert await next_news(follower) == b"10"


async def test_channels_that_nobody_follows_are_left(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus_topics, "SWEEP_S", 0.02)
    async with aclosing(bus.subscribe("stays")) as follower:
        await confirmed(follower)
        async with aclosing(bus.subscribe("goes")) as leaver:
            await confirmed(leaver)
        async with asyncio.timeout(WAIT_S):
            while PREFIX.encode() + b"goes" in await bus._redis.pubsub_channels():
                await bus.publish("stays", b"")
                await asyncio.sleep(0.01)

        assert PREFIX.encode() + b"stays" in await bus._redis.pubsub_channels()
