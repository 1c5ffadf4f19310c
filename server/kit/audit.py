"""The audit log: every security, money and admin action, written in the transaction that it tells of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from uuid import UUID

    from server.kit.db import Connection

Category = Literal["auth", "account", "billing", "tokens", "admin", "security"]
Severity = Literal["info", "notice", "warning", "alert"]

LONGEST_AGENT: Final = 200
PAGE: Final = 100

_COLUMNS: Final = "id, at, principal_id, action, category, severity, address, agent, request_id, metadata"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from."""

    address: str
    request_id: str
    agent: str = ""

    @classmethod
    def system(cls, name: str) -> Origin:
        """A schedule or a job of ours."""
        return cls(address="", request_id="", agent=name)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log."""

    id: int
    at: dt.datetime
    principal_id: UUID | None
    action: str
    """Dotted: `billing.subscription_cancelled`."""
    category: Category
    severity: Severity
    address: str
    agent: str
    request_id: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Search:
    """Which lines an admin looks for; None asks for all."""

    principal_id: UUID | None = None
    category: str | None = None
    action: str | None = None
    request_id: str | None = None
    before: int | None = None
    """Only lines with a smaller id, which are older."""


async def record(
    conn: Connection,
    action: str,
    category: Category,
    origin: Origin,
    *,
    principal_id: UUID | None,
    severity: Severity = "info",
    **metadata: object,
) -> None:
    """Write one line; nothing secret belongs into it."""
    await conn.execute(
        """INSERT INTO audit_logs
           (principal_id, action, category, severity, address, agent, request_id, metadata)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
        principal_id,
        action,
        category,
        severity,
        origin.address,
        origin.agent[:LONGEST_AGENT],
        origin.request_id,
        metadata,
    )


async def find(conn: Connection, search: Search, limit: int = PAGE) -> list[Entry]:
    """The newest lines that fit."""
    rows = await conn.fetch(
        f"""SELECT {_COLUMNS} FROM audit_logs
            WHERE ($1::uuid IS NULL OR principal_id = $1)
              AND ($2::text IS NULL OR category = $2)
              AND ($3::text IS NULL OR action = $3)
              AND ($4::text IS NULL OR request_id = $4)
              AND ($5::bigint IS NULL OR id < $5)
            ORDER BY id DESC LIMIT $6""",  # noqa: S608 - own constant
        search.principal_id,
        search.category,
        search.action,
        search.request_id,
        search.before,
        limit,
    )
    return [Entry(**row) for row in rows]


async def trim(conn: Connection, keep_days: int) -> int:
    """Drop what is older, and return how many lines went."""
    tag = await conn.execute("DELETE FROM audit_logs WHERE at < now() - make_interval(days => $1)", keep_days)
    return int(tag.split()[-1])
