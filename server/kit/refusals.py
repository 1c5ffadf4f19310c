"""Refused requests that tell of an attack, or of a mistake that looks like one: noted for the audit log.

They are written a second later, together, beside the requests: a flood of them must cost neither time nor
room. An address has its share of lines a minute; what is beyond it is counted in the next line.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog
from starlette.datastructures import Headers

from server.kit import audit
from server.kit.audit import Origin
from server.kit.errors import Unavailable
from server.kit.limits import address_key

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.types import Scope

    from server.kit.audit import Severity
    from server.kit.clock import Clock
    from server.kit.db import Database
    from server.kit.errors import SoundwellError

MOST_WAITING: Final = 1_000
"""The oldest go first."""
PER_ADDRESS: Final = 20
"""Lines a minute."""
MINUTE_S: Final = 60.0
WRITE_EVERY_S: Final = 1.0

ACTIONS: Final[dict[str, tuple[str, Severity]]] = {
    "unauthenticated": ("security.bad_token", "notice"),
    "signed_out": ("security.ended_login", "notice"),
    "csrf_failed": ("security.csrf_failed", "warning"),
    "forbidden": ("security.forbidden", "notice"),
    "too_big": ("security.too_big", "notice"),
    "rate_limited": ("security.rate_limited", "notice"),
    "foreign_host": ("security.foreign_host", "warning"),
    "forged_address": ("security.forged_address", "warning"),
}
"""What is noted, by code."""

log = structlog.stdlib.get_logger("soundwell.security")


@dataclass(frozen=True, slots=True)
class _Line:
    action: str
    severity: Severity
    origin: Origin
    method: str
    path: str
    unwritten: int
    """Refusals of this address before it that have no line."""


class Refusals:
    """What the requests of one process were refused for."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: deque[_Line] = deque(maxlen=MOST_WAITING)
        self._seen: Counter[str] = Counter()
        self._since = clock.monotonic()

    def refused(self, error: SoundwellError, scope: Scope, request_id: str) -> None:
        """Note it if it belongs to what is noted; a request without any credentials does not."""
        if error.code == "unauthenticated" and "authorization" not in Headers(scope=scope):
            return
        if error.field == "Host":
            self.note("foreign_host", scope, request_id)
        elif error.code in ACTIONS:
            self.note(error.code, scope, request_id)

    def note(self, code: str, scope: Scope, request_id: str) -> None:
        """Something of `ACTIONS` was tried."""
        if self._clock.monotonic() - self._since >= MINUTE_S:
            self._seen.clear()
            self._since = self._clock.monotonic()
        address = scope["client"][0] if scope.get("client") else ""
        caller = address_key(address)
        self._seen[caller] += 1
        beyond = self._seen[caller] - PER_ADDRESS
        if beyond > 0 and beyond & (beyond - 1):
            return  # one line for each doubling
        action, severity = ACTIONS[code]
        origin = Origin(address, request_id, Headers(scope=scope).get("user-agent", ""))
        method, path = scope.get("method", "GET"), scope["path"]
        self._waiting.append(_Line(action, severity, origin, method, path[:200], max(0, beyond)))

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Write what is noted until the block ends, and the rest then."""
        task = asyncio.get_running_loop().create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            await self.write()

    async def write(self) -> None:
        """Everything that waits; while the database is away it waits on."""
        if not self._waiting:
            return
        lines, self._waiting = list(self._waiting), deque(maxlen=MOST_WAITING)
        try:
            async with self._database.transaction() as conn:
                for line in lines:
                    await audit.record(
                        conn,
                        line.action,
                        "security",
                        line.origin,
                        principal_id=None,
                        severity=line.severity,
                        method=line.method,
                        path=line.path,
                        unwritten=line.unwritten,
                    )
        except Unavailable:
            self._waiting.extendleft(reversed(lines))
            log.warning("refusals wait", lines=len(self._waiting))

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(WRITE_EVERY_S)
            await self.write()
