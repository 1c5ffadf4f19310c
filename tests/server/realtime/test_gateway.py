"""The gateway over real sockets."""

from __future__ import annotations

import asyncio

import numpy as np

from tests.peers.client import listener
from tests.peers.house import house
from tests.peers.tone import timeline_of, tone


async def test_a_client_hears_what_the_instance_says(redis_url: str) -> None:
    async with house(redis_url) as at, listener(at.url) as client:
        stream = await client.open()
        await asyncio.sleep(1.0)
        ack = await client.set(stream, level=7)
        await asyncio.sleep(1.0)
        ring = stream.ring
        assert ring.play > ack.at + 4800
        assert ring.underruns == 0
        wanted = tone(timeline_of(stream.instance), 0, ring.play)
        assert np.array_equal(ring.heard[: ring.play], wanted)
