"""One person's tokens, each act in a transaction of its own."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from server.tokens import service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from uuid import UUID

    from server.kit.db import Connection, Database, Record
    from server.tokens.ledger import Balance, CreditKind, Hold, Transfer
    from server.tokens.store import Grant

NOW: Final = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
MONTH: Final = dt.timedelta(days=30)


class _UndoError(Exception):
    """Takes back a transaction."""


@contextlib.asynccontextmanager
async def undone(database: Database) -> AsyncIterator[Connection]:
    """A transaction of which nothing is left."""
    with contextlib.suppress(_UndoError):
        async with database.transaction() as conn:
            yield conn
            raise _UndoError


@dataclass(frozen=True)
class Desk:
    """Where a test gives and takes."""

    database: Database
    user: UUID

    async def give(self, kind: CreditKind, amount: int, key: str = "", ends: dt.datetime = NOW) -> Transfer:
        expires_at = ends if kind == "granted" else None
        async with self.database.transaction() as conn:
            return await service.credit(
                conn,
                self.user,
                kind,
                amount,
                key=key or uuid.uuid4().hex,
                reason="given",
                expires_at=expires_at,
            )

    async def use(self, amount: int, key: str = "", feature: str = "voice") -> Transfer:
        async with self.database.transaction() as conn:
            return await service.use(
                conn, self.user, amount, feature=feature, key=key or uuid.uuid4().hex, reason="used"
            )

    async def reserve(self, amount: int, job: UUID | None = None, **more: Any) -> Hold:
        async with self.database.transaction() as conn:
            return await service.reserve(
                conn, self.user, job or uuid.uuid4(), amount, **{"feature": "song", **more}
            )

    async def settle(self, job: UUID, amount: int | None = None) -> Hold:
        async with self.database.transaction() as conn:
            return await service.settle(conn, job, amount)

    async def release(self, job: UUID) -> Hold:
        async with self.database.transaction() as conn:
            return await service.release(conn, job, "failed")

    async def refund(self, key: str, total: int | None = None) -> Transfer | None:
        async with self.database.transaction() as conn:
            return await service.reverse_purchase(conn, self.user, key, reason="refunded", total=total)

    async def lapse(self, now: dt.datetime) -> Transfer | None:
        async with self.database.transaction() as conn:
            return await service.lapse(conn, self.user, now)

    async def balance(self) -> Balance:
        async with self.database.connection() as conn:
            return await service.balance_of(conn, self.user)

    async def grants(self) -> list[Grant]:
        async with self.database.connection() as conn:
            return await service.grants_of(conn, self.user)

    async def rows(self, sql: str, *args: object) -> Sequence[Record]:
        async with self.database.connection() as conn:
            return await conn.fetch(sql, *args)

    async def types(self) -> list[str]:
        """The kinds of all transfers of this person, in their order."""
        rows = await self.rows(
            """SELECT type FROM token_entries WHERE amount > 0 AND transfer_id IN (
                   SELECT transfer_id FROM token_entries WHERE account IN ('user:' || $1, 'held:' || $1)
               ) ORDER BY id""",
            str(self.user),
        )
        return [row["type"] for row in rows]
