"""Passwords: Argon2id in threads, and what is refused as one.

Parameters are the second of OWASP's equal choices for Argon2id (19 MiB, 2 passes, 1 lane); rules for what a
person may choose follow NIST SP 800-63B §5.1.1.2: length, no composition, nothing that everybody tries.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]  # lists of words, no types

from server.accounts.errors import WeakPassword
from server.kit.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

LEAST_LENGTH: Final = 8
MOST_LENGTH: Final = 128
THREADS: Final = 2
MOST_WAITING: Final = 64
"""Hashes that may wait; whoever comes then is asked to come again, or a flood would hold every request."""
RETRY_S: Final = 2.0
OURS: Final = "soundwell"
SHORTEST_PART: Final = 4
"""Of an address: a shorter one may well be part of a good password."""


@cache
def _common() -> frozenset[str]:
    """What everybody tries first, of at least the least length."""
    return frozenset(word for word in FREQUENCY_LISTS["passwords"] if len(word) >= LEAST_LENGTH)


def check(password: str, email: str) -> None:
    """Raise `WeakPassword` with the reason; the length is the route's business."""
    plain = password.casefold()
    if plain in _common() or len(set(plain)) <= 2:
        raise WeakPassword(
            "This password is one of those that are tried first. Choose another.", field="password"
        )
    local = email.partition("@")[0].casefold()
    if OURS in plain or (len(local) >= SHORTEST_PART and local in plain):
        raise WeakPassword("A password must not hold your address or our name.", field="password")


class Passwords:
    """Hashes and compares beside the event loop, in few threads with a bounded queue."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._threads = ThreadPoolExecutor(THREADS, "password")
        self._waiting = 0
        self._nobody = self._hasher.hash("whoever knocks without an account waits as long as the others")

    async def hash(self, password: str) -> str:
        """To be kept."""
        return str(await self._run(self._hasher.hash, password))

    async def is_right(self, kept: str | None, password: str) -> bool:
        """Whether it is the password; None, for nobody, takes as long and is never right."""
        matches = await self._run(self._matches, kept or self._nobody, password)
        return bool(matches) and kept is not None

    def needs_rehash(self, kept: str) -> bool:
        """Whether it was hashed with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)

    def _matches(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[..., object], *arguments: str) -> object:
        if self._waiting >= MOST_WAITING:
            raise Unavailable(
                "Very many people log in at this moment. Please try again.", retry_after_s=RETRY_S
            )
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        finally:
            self._waiting -= 1
