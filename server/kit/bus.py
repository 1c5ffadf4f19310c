"""Redis: wake-ups, single-use marks, counters that expire, leases and parked state.

Nothing here is the only copy of anything that must not be lost. When Redis is away no call raises; each
says below what it does instead. What was published meanwhile is lost, so a subscriber is woken whenever its
subscription begins again, and reads what it follows from the database.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from server.kit.bus_memory import Memory
from server.kit.bus_topics import Topics

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence

PREFIX = "soundwell:"
CONNECTIONS = 32
COMMAND_TIMEOUT_S = 1.0
QUEUE_TIMEOUT_S = 5.0
"""A burst waits for a connection: that our own process is busy is no outage."""
PORTION = 200
"""Keys of one call."""
REST_S = COMMAND_TIMEOUT_S
"""After a failure Redis is left alone for this long, so that an outage costs requests no waiting."""

_AWAY: Final = object()
_V = TypeVar("_V")

_INCREMENT = """
local total = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return total
"""
_TAKE_TOKENS = """
local capacity, per_s, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local held = redis.call('HMGET', KEYS[1], 'level', 'at')
local level = math.min(capacity, (held[1] or capacity) + math.max(0, now - (held[2] or now)) * per_s)
if level >= cost then
    redis.call('HSET', KEYS[1], 'level', level - cost, 'at', string.format('%.6f', now))
    redis.call('PEXPIRE', KEYS[1], math.ceil((capacity / per_s + 1) * 1000))
end
return string.format('%.6f', level - cost)
"""
_LEASE_ACQUIRE = """
local held = redis.call('HMGET', KEYS[1], 'owner', 'generation')
if held[1] and held[1] ~= ARGV[1] and tonumber(held[2]) >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'generation', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""
_LEASES_RENEW = """
local kept = {}
for i, key in ipairs(KEYS) do
    local held, generation = redis.call('HMGET', key, 'owner', 'generation'), ARGV[i + 2]
    if held[1] and (held[1] ~= ARGV[1] or held[2] ~= generation) then
        kept[i] = 0
    else
        redis.call('HSET', key, 'owner', ARGV[1], 'generation', generation)
        redis.call('PEXPIRE', key, ARGV[2])
        kept[i] = 1
    end
end
return kept
"""
_PUT_FIELDS = """
for i, key in ipairs(KEYS) do
    redis.call('HSET', key, ARGV[1], ARGV[i + 2])
    redis.call('PEXPIRE', key, ARGV[2])
end
return 1
"""
_LEASE_RELEASE = """
local held = redis.call('HMGET', KEYS[1], 'owner', 'generation')
if held[1] == ARGV[1] and held[2] == ARGV[2] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class Bus:
    """The connections of one process to Redis, and what stands in for them."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._memory = Memory()
        self._topics = Topics(redis)
        self._rest_until = 0.0

    @classmethod
    async def connect(cls, url: str) -> Self:
        """Connections open when they are first needed, so Redis may come up later."""
        pool = BlockingConnectionPool.from_url(
            url,
            socket_timeout=COMMAND_TIMEOUT_S,
            socket_connect_timeout=COMMAND_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
            max_connections=CONNECTIONS,
            timeout=QUEUE_TIMEOUT_S,
        )
        bus = cls(Redis.from_pool(pool))
        bus._topics.start()
        return bus

    @property
    def healthy(self) -> bool:
        """Whether the last call reached Redis."""
        return self._rest_until == 0.0

    async def ping(self) -> bool:
        """Ask Redis now, whatever the last call met."""
        return await self._try("PING") is not _AWAY

    async def close(self) -> None:
        await self._topics.close()
        await self._redis.aclose()

    async def publish(self, channel: str, payload: bytes) -> None:
        """Wake who follows `channel`; away: those of this process."""
        if await self._call("PUBLISH", PREFIX + channel, payload) is _AWAY:
            self._topics.deliver(PREFIX + channel, payload)

    def subscribe(self, channel: str) -> AsyncGenerator[bytes]:
        """Payloads as they come; an empty one whenever the subscription begins: read the source now."""
        return self._topics.follow(PREFIX + channel)

    async def put_once(self, key: str, value: bytes, ttl_s: float) -> bool:
        """Whether `key` was free, and is now taken; away: within this process."""
        if self._memory.get(key) is not None:
            return False
        answer = await self._call("SET", PREFIX + key, value, "NX", "PX", _ms(ttl_s))
        return self._memory.put_once(key, value, ttl_s) if answer is _AWAY else bool(answer)

    async def take(self, key: str) -> bytes | None:
        """The value, for the one caller that comes first; away: what this process put meanwhile."""
        return self._memory.take(key) or _value(await self._call("GETDEL", PREFIX + key))

    async def get(self, key: str) -> bytes | None:
        """The value, if it is there; away: what this process put meanwhile."""
        return self._memory.get(key) or _value(await self._call("GET", PREFIX + key))

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        """Keep for a while; away: in this process."""
        if await self._call("SET", PREFIX + key, value, "PX", _ms(ttl_s)) is _AWAY:
            self._memory.put(key, value, ttl_s)
        else:
            self._memory.delete(key)

    async def delete(self, key: str) -> None:
        """Forget it; away: in this process, elsewhere it ends with its time."""
        self._memory.delete(key)
        await self._call("DEL", PREFIX + key)

    async def incr(self, key: str, amount: int, ttl_s: float) -> int:
        """Add to a counter that ends `ttl_s` after its first use; away: counted in this process."""
        answer = await self._run(_INCREMENT, key, amount, _ms(ttl_s))
        return self._memory.incr(key, amount, ttl_s) if answer is _AWAY else int(answer)

    async def take_tokens(self, key: str, *, capacity: float, per_s: float, cost: float = 1.0) -> float:
        """Tokens left in a bucket that refills steadily; below zero nothing was taken, so many were missing.

        Away: from a bucket of this process.
        """
        answer = await self._run(_TAKE_TOKENS, key, capacity, per_s, cost)
        if answer is _AWAY:
            return self._memory.take_tokens(key, capacity=capacity, per_s=per_s, cost=cost)
        return float(answer)

    async def acquire_lease(self, key: str, owner: str, generation: int, ttl_s: float) -> bool:
        """Whether `owner` now holds it: free, its own or of an older generation; away: yes."""
        answer = await self._run(_LEASE_ACQUIRE, key, owner, generation, _ms(ttl_s))
        return answer is _AWAY or bool(answer)

    async def renew_leases(self, owner: str, generations: Mapping[str, int], ttl_s: float) -> set[str]:
        """Those keys that somebody else holds now; one lost with Redis is written again; away: none."""
        taken: set[str] = set()
        for some in _portions(generations):
            answer = await self._run_on(_LEASES_RENEW, list(some), owner, _ms(ttl_s), *some.values())
            if answer is not _AWAY:
                taken.update(key for key, kept in zip(some, answer, strict=True) if not kept)
        return taken

    async def release_lease(self, key: str, owner: str, generation: int) -> None:
        """Give up what is still one's own; away: it ends with its time."""
        await self._run(_LEASE_RELEASE, key, owner, generation)

    async def put_fields(self, field: str, values: Mapping[str, bytes], ttl_s: float) -> None:
        """Keep one's own field under each of many keys; away: nobody else would read it."""
        for some in _portions(values):
            await self._run_on(_PUT_FIELDS, list(some), field, _ms(ttl_s), *some.values())

    async def fields(self, key: str) -> list[bytes]:
        """What all have put under a key; away: nothing."""
        answer = await self._call("HVALS", PREFIX + key)
        return list(answer) if isinstance(answer, list) else []

    async def delete_field(self, key: str, field: str) -> None:
        """Take back one's own field; away: it ends with its time."""
        await self._call("HDEL", PREFIX + key, field)

    async def _run(self, script: str, key: str, *args: float | str) -> Any:
        return await self._run_on(script, [key], *args)

    async def _run_on(self, script: str, keys: Sequence[str], *args: bytes | float | str) -> Any:
        return await self._call("EVAL", script, len(keys), *(PREFIX + key for key in keys), *args)

    async def _call(self, *command: bytes | float | str) -> Any:
        """The answer of Redis, or `_AWAY`. In an outage one call at a time finds out whether it is over."""
        if self._rest_until:
            if time.monotonic() < self._rest_until:
                return _AWAY
            self._rest()
        return await self._try(*command)

    async def _try(self, *command: bytes | float | str) -> Any:
        asked_to_end = _cancellations()
        try:
            answer = await self._redis.execute_command(*command)  # type: ignore[no-untyped-call]  # left bare there
        except (RedisError, OSError):
            self._rest()
            answer = _AWAY
        else:
            self._rest_until = 0.0
        # The client makes an answer of a cancellation that meets it while connecting; the task must end.
        if _cancellations() > asked_to_end:
            raise asyncio.CancelledError
        return answer

    def _rest(self) -> None:
        self._rest_until = time.monotonic() + REST_S


def _cancellations() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task is not None else 0


def _portions(values: Mapping[str, _V]) -> Iterator[Mapping[str, _V]]:
    """Few enough at a time that Redis answers others in between."""
    items = list(values.items())
    for start in range(0, len(items), PORTION):
        yield dict(items[start : start + PORTION])


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _value(answer: object) -> bytes | None:
    return answer if isinstance(answer, bytes) else None
