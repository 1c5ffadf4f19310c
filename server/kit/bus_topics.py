"""Subscriptions of one process: one connection to Redis, any number of followers."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from redis.asyncio import Redis
    from redis.asyncio.client import PubSub

ANCHOR = "soundwell:anchor"
"""Always subscribed, so that the connection exists before the first follower."""

BEGUN = b""
QUEUE_SIZE = 256
SWEEP_S = 5.0
RETRY_S = 0.25


class Topics:
    """Delivers what Redis publishes; connects again by itself, and then wakes every follower."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._followers: dict[str, set[asyncio.Queue[bytes]]] = defaultdict(set)
        self._pubsub: PubSub | None = None
        self._subscribed: set[str] = set()
        self._changing = asyncio.Lock()
        self._reader: asyncio.Task[None] | None = None
        self._is_closing = False

    def start(self) -> None:
        self._reader = asyncio.create_task(self._read_forever(), name="bus-topics")

    async def close(self) -> None:
        # The flag as well: redis-py now and then turns a cancellation into its own timeout.
        self._is_closing = True
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader

    async def follow(self, channel: str) -> AsyncGenerator[bytes]:
        """Payloads of one channel; `BEGUN` at once, when Redis confirms, and after every gap.

        A follower who does not read loses the oldest beyond 256.
        """
        queue: asyncio.Queue[bytes] = asyncio.Queue(QUEUE_SIZE)
        queue.put_nowait(BEGUN)
        self._followers[channel].add(queue)
        try:
            await self._subscribe(channel)
            while True:
                yield await queue.get()
        finally:
            self._followers[channel].discard(queue)
            if not self._followers[channel]:
                del self._followers[channel]

    def deliver(self, channel: str, payload: bytes) -> None:
        """Hand a payload to this process's followers."""
        for queue in self._followers.get(channel, ()):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(payload)

    async def _subscribe(self, channel: str) -> None:
        # Also when it is subscribed already: the confirmation wakes the new follower at the right moment.
        async with self._changing:
            self._subscribed.add(channel)
            if self._pubsub is not None:
                # A broken connection is the reader's to notice; it subscribes to everything again.
                with contextlib.suppress(RedisError, OSError):
                    await self._pubsub.subscribe(channel)

    async def _read_forever(self) -> None:
        while not self._is_closing:
            pubsub = self._redis.pubsub()
            try:
                await self._begin(pubsub)
                await self._read(pubsub)
            except (RedisError, OSError):
                await asyncio.sleep(RETRY_S)
            finally:
                self._pubsub = None
                with contextlib.suppress(RedisError, OSError):
                    await pubsub.aclose()  # type: ignore[no-untyped-call]  # redis-py leaves it bare

    async def _begin(self, pubsub: PubSub) -> None:
        async with self._changing:
            self._subscribed = {ANCHOR, *self._followers}
            await pubsub.subscribe(*self._subscribed)
            self._pubsub = pubsub

    async def _read(self, pubsub: PubSub) -> None:
        swept = time.monotonic()
        while not self._is_closing:
            message = await pubsub.get_message(timeout=SWEEP_S)
            if message is not None and message["type"] in {"message", "subscribe"}:
                payload = message["data"] if message["type"] == "message" else BEGUN
                self.deliver(message["channel"].decode(), payload)
            if time.monotonic() - swept >= SWEEP_S:
                await self._sweep(pubsub)
                swept = time.monotonic()

    async def _sweep(self, pubsub: PubSub) -> None:
        """Leave the channels that nobody follows any more."""
        async with self._changing:
            left = self._subscribed - self._followers.keys() - {ANCHOR}
            if left:
                self._subscribed -= left
                await pubsub.unsubscribe(*left)
