"""The SQL of API keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from uuid import UUID

    from server.kit.db import Connection

TOUCH_S: Final = 60
"""When a key was used is kept to the minute: a busy program must not write with every request."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key, without the key."""

    id: UUID
    user_id: UUID
    name: str
    scopes: Sequence[str]
    created_at: dt.datetime
    expires_at: dt.datetime | None
    used_at: dt.datetime | None


_KEYS: Final = "SELECT id, user_id, name, scopes, created_at, expires_at, used_at FROM api_keys"


async def insert_key(conn: Connection, key: KeyRow, key_hash: bytes, most: int) -> bool:
    """Keep a key; whether there was room. The lock keeps two from taking one place."""
    await conn.execute("SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE", key.user_id)
    made = await conn.fetchval(
        """INSERT INTO api_keys (id, user_id, name, hash, scopes, created_at, expires_at)
           SELECT $1, $2, $3, $4, $5, $6, $7
           WHERE (SELECT count(*) FROM api_keys WHERE user_id = $2) < $8 RETURNING true""",
        key.id,
        key.user_id,
        key.name,
        key_hash,
        key.scopes,
        key.created_at,
        key.expires_at,
        most,
    )
    return made is True


async def list_keys(conn: Connection, user: UUID) -> list[KeyRow]:
    rows = await conn.fetch(
        f"{_KEYS} WHERE user_id = $1 ORDER BY created_at",
        user,
    )
    return [KeyRow(**row) for row in rows]


async def find_key(conn: Connection, key_hash: bytes, now: dt.datetime) -> KeyRow | None:
    """The key with that hash, if it is good; remembers that it was used."""
    row = await conn.fetchrow(
        f"{_KEYS} WHERE hash = $1 AND (expires_at IS NULL OR expires_at > $2)",
        key_hash,
        now,
    )
    if row is None:
        return None
    key = KeyRow(**row)
    if key.used_at is None or (now - key.used_at).total_seconds() >= TOUCH_S:
        await conn.execute("UPDATE api_keys SET used_at = $2 WHERE id = $1", key.id, now)
    return key


async def delete_key(conn: Connection, user: UUID, key: UUID) -> bool:
    """Whether there was such a key of this person."""
    gone = await conn.fetchval(
        "DELETE FROM api_keys WHERE user_id = $1 AND id = $2 RETURNING true", user, key
    )
    return gone is True
