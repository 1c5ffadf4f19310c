"""The SQL of what providers told us."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import datetime as dt

    from server.kit.db import Connection
    from server.providers.payments import InboundEvent, Kind


@dataclass(frozen=True, slots=True)
class EventRow:
    """A message of a provider, and how far we are with it."""

    id: int
    provider: str
    event_id: str
    type: str
    kind: Kind
    object_id: str
    customer_id: str
    reference: str
    status: str
    attempts: int
    last_error: str
    received_at: dt.datetime
    applied_at: dt.datetime | None


_ROW = (
    "id, provider, event_id, type, kind, object_id, customer_id, reference, status, attempts, last_error, "
    "received_at, applied_at"
)


async def insert_event(
    conn: Connection, provider: str, event: InboundEvent, payload: str, now: dt.datetime
) -> int | None:
    """Keep a message; None if it was here before."""
    return cast(
        "int | None",
        await conn.fetchval(
            """INSERT INTO payment_events
                   (provider, event_id, type, kind, object_id, customer_id, reference, payload, received_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
               ON CONFLICT (provider, event_id) DO NOTHING RETURNING id""",
            provider,
            event.id,
            event.type,
            event.kind,
            event.object_id,
            event.customer_id,
            event.reference,
            payload,
            now,
        ),
    )


async def lock_event(conn: Connection, number: int) -> EventRow | None:
    """A message that is still to be applied."""
    row = await conn.fetchrow(
        f"SELECT {_ROW} FROM payment_events WHERE id = $1 AND status <> 'applied' FOR UPDATE",  # noqa: S608 - own constant
        number,
    )
    return None if row is None else EventRow(**row)


async def mark_applied(conn: Connection, number: int, now: dt.datetime) -> None:
    """It has had its effect."""
    await conn.execute(
        """UPDATE payment_events
           SET status = 'applied', attempts = attempts + 1, last_error = '', applied_at = $2
           WHERE id = $1""",
        number,
        now,
    )


async def mark_failed(conn: Connection, number: int, error: str, most: int) -> str | None:
    """One more attempt was in vain; the status that it has then, None if it was applied meanwhile."""
    return cast(
        "str | None",
        await conn.fetchval(
            """UPDATE payment_events SET attempts = attempts + 1, last_error = $2,
                      status = CASE WHEN attempts + 1 >= $3 THEN 'dead' ELSE 'failed' END
               WHERE id = $1 AND status <> 'applied' RETURNING status""",
            number,
            error,
            most,
        ),
    )


async def revive(conn: Connection, numbers: list[int] | None) -> list[int]:
    """Begin again with what failed: all of it, or these."""
    rows = await conn.fetch(
        """UPDATE payment_events SET status = 'received', attempts = 0
           WHERE status IN ('failed', 'dead') AND ($1::bigint[] IS NULL OR id = ANY ($1)) RETURNING id""",
        numbers,
    )
    return [row["id"] for row in rows]


async def count_by_status(conn: Connection) -> dict[str, int]:
    """How many messages there are of each status."""
    rows = await conn.fetch("SELECT status, count(*) AS number FROM payment_events GROUP BY status")
    return {row["status"]: row["number"] for row in rows}


async def list_undone(conn: Connection, limit: int) -> list[EventRow]:
    """What is not applied, newest first."""
    rows = await conn.fetch(
        f"SELECT {_ROW} FROM payment_events WHERE status <> 'applied' ORDER BY id DESC LIMIT $1",  # noqa: S608 - own constant
        limit,
    )
    return [EventRow(**row) for row in rows]
