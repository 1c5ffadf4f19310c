"""All SQL of accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server.kit.db import Connection
    from server.kit.principal import Principal


async def insert_principal(conn: Connection, principal: Principal) -> bool:
    """Keep a principal; whether this was the first time."""
    inserted = await conn.fetchval(
        """INSERT INTO principals (id, kind, zone) VALUES ($1, $2, $3)
           ON CONFLICT (id) DO NOTHING RETURNING true""",
        principal.id,
        principal.kind,
        principal.zone,
    )
    return inserted is True
