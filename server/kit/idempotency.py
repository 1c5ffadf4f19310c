"""Requests that may be sent again: with the same `Idempotency-Key` they get the answer of the first time."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from pydantic import BaseModel

from server.kit.errors import Conflict, ValidationFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from server.kit.api import Call
    from server.kit.db import Connection, Database

HEADER: Final = "Idempotency-Key"
KEY: Final = "^[!-~]{1,200}$"
"""ASCII that can be seen."""
KEPT: Final = dt.timedelta(hours=24)
LONGEST_RUN: Final = dt.timedelta(seconds=60)
"""A request that is not answered by then has died with its process."""

Reply = TypeVar("Reply", bound=BaseModel)


class IdempotencyConflict(Conflict):
    """A key names one request, not two."""

    code = "idempotency_conflict"
    message = "This key belongs to another request."


class RequestRunning(Conflict):
    """The first request with this key has not been answered yet."""

    code = "request_running"
    message = "The same request is being worked on. Please ask again in a moment."


async def answered_once(call: Call, reply: type[Reply], work: Callable[[], Awaitable[Reply]]) -> Reply:
    """The answer of `work`, or, to a request that comes again, that of the first time.

    A request that was refused leaves nothing: it may be tried again with the same key.
    """
    key = key_of(call)
    if key is None:
        return await work()
    now = dt.datetime.fromtimestamp(call.state["clock"].now(), dt.UTC)
    claim = _Claim(call.state["db"], call.known.id, key, await _hash(call), now)
    stored = await claim.take()
    if stored is not None:
        return reply.model_validate_json(stored)
    try:
        answer = await work()
    except BaseException:
        await claim.drop()
        raise
    await claim.keep(answer.model_dump_json())
    return answer


def key_of(call: Call) -> str | None:
    """What the caller names this request, if anything."""
    key = call.request.headers.get(HEADER)
    if key is not None and re.fullmatch(KEY, key) is None:
        raise ValidationFailed(f"An {HEADER} has 1 to 200 visible characters.", field=HEADER)
    return key


async def forget_old(conn: Connection, now: dt.datetime) -> None:
    """Drop answers that nobody may ask for any more."""
    await conn.execute("DELETE FROM idempotent_answers WHERE created_at < $1", now - KEPT)


async def _hash(call: Call) -> bytes:
    request = call.request
    head = f"{request.method} {request.scope['path']}?{request.url.query}\n".encode()
    return hashlib.sha256(head + await request.body()).digest()


@dataclass(frozen=True, slots=True)
class _Claim:
    """One person's key, for one request."""

    db: Database
    principal_id: UUID
    key: str
    request_hash: bytes
    now: dt.datetime

    async def take(self) -> str | None:
        """The answer that was given; None if this is the request that has to find it."""
        async with self.db.transaction() as conn:
            is_first = await conn.fetchval(
                """INSERT INTO idempotent_answers AS old (principal_id, key, request_hash, created_at)
                   VALUES ($1, $2, $3, $4)
                   ON CONFLICT (principal_id, key) DO UPDATE
                       SET request_hash = $3, answer = NULL, created_at = $4
                       WHERE old.created_at < $5 OR (old.answer IS NULL AND old.created_at < $6)
                   RETURNING true""",
                self.principal_id,
                self.key,
                self.request_hash,
                self.now,
                self.now - KEPT,
                self.now - LONGEST_RUN,
            )
            if is_first:
                return None
            row = await conn.fetchrow(
                "SELECT request_hash, answer FROM idempotent_answers WHERE principal_id = $1 AND key = $2",
                self.principal_id,
                self.key,
            )
        if row is None or row["request_hash"] == self.request_hash:
            if row is None or row["answer"] is None:
                raise RequestRunning
            return str(row["answer"])
        raise IdempotencyConflict

    async def keep(self, answer: str) -> None:
        """Write down the answer."""
        await self._change("UPDATE idempotent_answers SET answer = $4", answer)

    async def drop(self) -> None:
        """Forget the request: it was refused."""
        await self._change("DELETE FROM idempotent_answers")

    async def _change(self, what: str, *more: str) -> None:
        """Of our own claim only: another request may have taken it over meanwhile."""
        async with self.db.connection() as conn:
            await conn.execute(
                f"{what} WHERE principal_id = $1 AND key = $2 AND created_at = $3",
                self.principal_id,
                self.key,
                self.now,
                *more,
            )
