"""The SQL of a person's library: own presets and favourites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from server.kit.db import Connection


@dataclass(frozen=True, slots=True)
class PresetRow:
    """An own preset; its program is titled like it."""

    id: UUID
    title: str
    minutes: int
    program: Mapping[str, Any]
    created_at: dt.datetime


_ROW = "id, title, minutes, program, created_at"


async def list_presets(conn: Connection, principal: UUID) -> list[PresetRow]:
    """Own presets in the person's order."""
    rows = await conn.fetch(
        f"SELECT {_ROW} FROM presets WHERE principal_id = $1 ORDER BY place, id",  # noqa: S608 - own constant
        principal,
    )
    return [PresetRow(**row) for row in rows]


async def insert_preset(conn: Connection, principal: UUID, preset: PresetRow, most: int) -> bool:
    """Keep a preset behind the others; whether there was room. The lock keeps two from taking one place."""
    await conn.execute("SELECT FROM principals WHERE id = $1 FOR NO KEY UPDATE", principal)
    made = await conn.fetchval(
        """INSERT INTO presets (id, principal_id, title, minutes, program, place, created_at)
           SELECT $2, $1, $3, $4, $5, coalesce(max(place), 0) + 1, $6
           FROM presets WHERE principal_id = $1 HAVING count(*) < $7 RETURNING true""",
        principal,
        preset.id,
        preset.title,
        preset.minutes,
        preset.program,
        preset.created_at,
        most,
    )
    return made is True


async def rename_preset(
    conn: Connection, principal: UUID, preset: UUID, title: str, minutes: int
) -> PresetRow | None:
    """Title and length of an own preset; None if it is not one."""
    row = await conn.fetchrow(
        f"""UPDATE presets SET title = $3, minutes = $4,
                   program = jsonb_set(program, '{{title}}', to_jsonb($3::text))
            WHERE id = $2 AND principal_id = $1 RETURNING {_ROW}""",  # noqa: S608 - own constant
        principal,
        preset,
        title,
        minutes,
    )
    return None if row is None else PresetRow(**row)


async def delete_preset(conn: Connection, principal: UUID, preset: UUID) -> bool:
    """Whether there was one; a favourite of it goes too."""
    gone = await conn.fetchval(
        "DELETE FROM presets WHERE id = $2 AND principal_id = $1 RETURNING true", principal, preset
    )
    return gone is True


async def order_presets(conn: Connection, principal: UUID, order: Sequence[UUID]) -> None:
    """Give each its place; those that are not named keep theirs."""
    await conn.execute(
        """UPDATE presets SET place = o.place
           FROM unnest($2::uuid[]) WITH ORDINALITY AS o (id, place)
           WHERE presets.id = o.id AND principal_id = $1""",
        principal,
        order,
    )


async def lock_presets(conn: Connection, principal: UUID) -> set[UUID]:
    """The ids of all own presets, which nobody adds to or takes from before the end of the transaction."""
    await conn.execute("SELECT FROM principals WHERE id = $1 FOR NO KEY UPDATE", principal)
    rows = await conn.fetch("SELECT id FROM presets WHERE principal_id = $1 FOR NO KEY UPDATE", principal)
    return {row["id"] for row in rows}


async def list_favourites(conn: Connection, principal: UUID) -> list[str]:
    """Ids of presets, built-in or own, newest first."""
    rows = await conn.fetch(
        "SELECT preset FROM favourites WHERE principal_id = $1 ORDER BY added_at DESC, preset", principal
    )
    return [row["preset"] for row in rows]


async def add_favourite(conn: Connection, principal: UUID, preset: str, now: dt.datetime) -> None:
    """Mark a built-in preset; twice is once."""
    await conn.execute(
        """INSERT INTO favourites (principal_id, preset, added_at) VALUES ($1, $2, $3)
           ON CONFLICT DO NOTHING""",
        principal,
        preset,
        now,
    )


async def add_own_favourite(conn: Connection, principal: UUID, preset: UUID, now: dt.datetime) -> bool:
    """Mark an own preset; whether it is one."""
    found = await conn.fetchval(
        """INSERT INTO favourites (principal_id, preset, own_id, added_at)
           SELECT principal_id, id::text, id, $3 FROM presets WHERE id = $2 AND principal_id = $1
           ON CONFLICT (principal_id, preset) DO UPDATE SET own_id = EXCLUDED.own_id RETURNING true""",
        principal,
        preset,
        now,
    )
    return found is True


async def delete_favourite(conn: Connection, principal: UUID, preset: str) -> None:
    """Take a mark away; it need not be there."""
    await conn.execute("DELETE FROM favourites WHERE principal_id = $1 AND preset = $2", principal, preset)


async def move_library(conn: Connection, former: UUID, to: UUID) -> None:
    """Presets behind those that are there, and favourites, as old as they are."""
    await conn.execute(
        """UPDATE presets SET principal_id = $2,
               place = place + (SELECT coalesce(max(place), 0) FROM presets WHERE principal_id = $2)
           WHERE principal_id = $1""",
        former,
        to,
    )
    await conn.execute(
        """INSERT INTO favourites (principal_id, preset, own_id, added_at)
           SELECT $2, preset, own_id, added_at FROM favourites WHERE principal_id = $1
           ON CONFLICT DO NOTHING""",
        former,
        to,
    )
    await conn.execute("DELETE FROM favourites WHERE principal_id = $1", former)


async def delete_library(conn: Connection, principal: UUID) -> None:
    """All of it."""
    await conn.execute("DELETE FROM favourites WHERE principal_id = $1", principal)
    await conn.execute("DELETE FROM presets WHERE principal_id = $1", principal)
