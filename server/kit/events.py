"""The per-principal event log: one order, no gaps, written with the state that it tells of.

`append` belongs at the end of the transaction: it locks the principal's head until the commit.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from uuid import UUID

    from server.kit.bus import Bus
    from server.kit.db import Connection, Database, Record

VERSION = 1
EPOCH_BITS = 52  # what JavaScript's numbers hold

_APPEND = """
WITH head AS (
    INSERT INTO event_heads (principal_id, epoch, seq) VALUES ($1, $2, 1)
    ON CONFLICT (principal_id) DO UPDATE SET seq = event_heads.seq + 1
    RETURNING epoch, seq
)
INSERT INTO events (principal_id, seq, topic, type, data, v)
SELECT $1, head.seq, $3, $4, $5, $6 FROM head
RETURNING (SELECT epoch FROM head) AS epoch, seq, ts, topic, type, data, v
"""
_READ = """
SELECT head.epoch, head.seq AS head, event.seq, event.ts, event.topic, event.type, event.data, event.v
FROM event_heads AS head
LEFT JOIN LATERAL (
    SELECT * FROM events WHERE principal_id = head.principal_id AND seq > $2 ORDER BY seq LIMIT $3
) AS event ON true
WHERE head.principal_id = $1
ORDER BY event.seq
"""
# Up to the newest that is old: were the clock set back, a hole in the middle would look like a loss.
_TRIM_BY_AGE = """
DELETE FROM events USING (
    SELECT principal_id, max(seq) AS seq FROM events
    WHERE ts < now() - make_interval(days => $1) GROUP BY principal_id
) AS old
WHERE events.principal_id = old.principal_id AND events.seq <= old.seq
"""
_TRIM_BY_ROWS = """
DELETE FROM events USING event_heads AS head
WHERE events.principal_id = head.principal_id AND events.seq <= head.seq - $1
"""
_RENEW_EPOCHS = "UPDATE event_heads SET epoch = 1 + floor(random() * 4503599627370495)::bigint"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a principal's work."""

    epoch: int
    seq: int
    ts: float
    """Unix seconds."""
    topic: str
    type: str
    """Topic and past participle: `listen.ended`."""
    data: Mapping[str, Any]
    v: int = VERSION


@dataclass(frozen=True, slots=True)
class Page:
    """What a reader gets for its cursor."""

    recovered: bool
    """False: something is missing behind the cursor, so begin from a snapshot, then follow `head`."""
    epoch: int
    head: int
    events: tuple[Event, ...]


async def append(
    conn: Connection,
    principal_id: UUID,
    topic: str,
    event_type: str,
    data: Mapping[str, Any],
) -> Event:
    """Write one event as the last step of a transaction."""
    row = await conn.fetchrow(_APPEND, principal_id, _random_epoch(), topic, event_type, data, VERSION)
    assert row is not None
    return _event(row)


async def append_each(
    conn: Connection,
    principal_ids: Iterable[UUID],
    topic: str,
    event_type: str,
    data: Mapping[str, Any],
) -> tuple[Event, ...]:
    """Write the same event to several principals, heads in ascending id: else two writers deadlock."""
    return tuple([await append(conn, one, topic, event_type, data) for one in sorted(set(principal_ids))])


async def read_after(db: Database, principal_id: UUID, epoch: int | None, seq: int, limit: int = 100) -> Page:
    """The events behind a cursor. No epoch: a reader who knows nothing and only wants the head."""
    async with db.connection() as connection:
        rows = await connection.fetch(_READ, principal_id, seq, 0 if epoch is None else limit)
    if not rows:
        return Page(recovered=epoch is not None and seq == 0, epoch=epoch or 0, head=0, events=())
    head_epoch, head = rows[0]["epoch"], rows[0]["head"]
    events = tuple(_event(row) for row in rows if row["seq"] is not None)
    recovered = epoch is not None and _is_whole(seq, head, events) and (seq == 0 or epoch == head_epoch)
    return Page(recovered, head_epoch, head, events if recovered else ())


async def notify(bus: Bus, principal_id: UUID) -> None:
    """Wake this principal's readers; call it after the commit."""
    await bus.publish(channel(principal_id), b"new")


def channel(principal_id: UUID) -> str:
    """Where readers listen for the wake-up."""
    return f"events:{principal_id}"


async def trim(db: Database, *, keep_days: int, keep_rows: int) -> int:
    """Drop what is older or beyond the newest rows, and return how many went.

    A cursor that points before what is left is not recovered: its next event would not be `seq + 1`.
    """
    async with db.transaction() as connection:
        tags = (
            await connection.execute(_TRIM_BY_AGE, keep_days),
            await connection.execute(_TRIM_BY_ROWS, keep_rows),
        )
    return sum(int(tag.split()[-1]) for tag in tags)


async def renew_epochs(conn: Connection) -> None:
    """After a restore: cursors into the lost future are no longer valid."""
    await conn.execute(_RENEW_EPOCHS)


class Snapshots:
    """What a reader needs to begin from nothing: one source per topic, from the slice that owns it."""

    def __init__(self) -> None:
        self._sources: dict[str, Callable[[Database, UUID], Awaitable[Mapping[str, Any]]]] = {}

    def register(self, topic: str, source: Callable[[Database, UUID], Awaitable[Mapping[str, Any]]]) -> None:
        self._sources[topic] = source

    async def take(
        self, db: Database, principal_id: UUID, topics: Iterable[str]
    ) -> dict[str, Mapping[str, Any]]:
        """The present state of each topic that has one."""
        wanted = [topic for topic in topics if topic in self._sources]
        return {topic: await self._sources[topic](db, principal_id) for topic in wanted}


def _is_whole(seq: int, head: int, events: tuple[Event, ...]) -> bool:
    return seq == head if not events else events[0].seq == seq + 1


def _event(row: Record) -> Event:
    return Event(
        row["epoch"], row["seq"], row["ts"].timestamp(), row["topic"], row["type"], row["data"], row["v"]
    )


def _random_epoch() -> int:
    return 1 + secrets.randbelow(2**EPOCH_BITS - 1)
