"""What stands in for Redis within one process while it is away: values, counters and buckets that expire."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

CAPACITY = 20_000
"""Keys at most; the oldest go first. A fallback must not become the leak that ends the process."""


@dataclass(slots=True)
class _Entry:
    value: bytes | int
    until: float


@dataclass(slots=True)
class _Level:
    tokens: float
    at: float


class Memory:
    """Same meaning as the bus's calls of the same name; times on the monotonic clock, in seconds."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._entries: dict[str, _Entry] = {}
        self._levels: dict[str, _Level] = {}

    def get(self, key: str) -> bytes | None:
        entry = self._live(key)
        return entry.value if entry is not None and isinstance(entry.value, bytes) else None

    def put(self, key: str, value: bytes, ttl_s: float) -> None:
        self._keep(key, _Entry(value, self._monotonic() + ttl_s))

    def put_once(self, key: str, value: bytes, ttl_s: float) -> bool:
        if self._live(key) is not None:
            return False
        self.put(key, value, ttl_s)
        return True

    def take(self, key: str) -> bytes | None:
        value = self.get(key)
        self.delete(key)
        return value

    def delete(self, key: str) -> None:
        self._entries.pop(key, None)

    def incr(self, key: str, amount: int, ttl_s: float) -> int:
        entry = self._live(key)
        if entry is None or isinstance(entry.value, bytes):
            entry = _Entry(0, self._monotonic() + ttl_s)
            self._keep(key, entry)
        entry.value = int(entry.value) + amount
        return entry.value

    def take_tokens(self, key: str, *, capacity: float, per_s: float, cost: float) -> float:
        now = self._monotonic()
        level = self._levels.pop(key, None) or _Level(capacity, now)
        level.tokens = min(capacity, level.tokens + (now - level.at) * per_s)
        level.at = now
        left = level.tokens - cost
        if left >= 0:
            level.tokens = left
        if len(self._levels) >= CAPACITY:
            self._levels.pop(next(iter(self._levels)))
        self._levels[key] = level
        return left

    def _live(self, key: str) -> _Entry | None:
        entry = self._entries.get(key)
        if entry is not None and entry.until <= self._monotonic():
            del self._entries[key]
            return None
        return entry

    def _keep(self, key: str, entry: _Entry) -> None:
        self._entries.pop(key, None)
        if len(self._entries) >= CAPACITY:
            self._entries.pop(next(iter(self._entries)))
        self._entries[key] = entry
