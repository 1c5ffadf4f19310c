"""All SQL of listening: sessions and the daily use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from server.kit.db import Connection, Record

_ROW = """id, principal_id, generation, mode, title, preset, device, planned_s, heard_s, underruns,
          credited_pos, started_at, ended_at, reason, success, rating, note"""


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One listening, as kept; the instance is read apart."""

    id: UUID
    principal_id: UUID
    generation: int
    mode: str
    title: str
    preset: str | None
    device: str
    planned_s: float
    heard_s: float
    underruns: int
    credited_pos: int
    started_at: dt.datetime
    ended_at: dt.datetime | None
    reason: str | None
    success: bool | None
    rating: int | None
    """1 to 5, by the person, afterwards."""
    note: str


@dataclass(frozen=True, slots=True)
class NewSession:
    """What is known when a listening begins."""

    id: UUID
    principal_id: UUID
    mode: str
    title: str
    preset: str | None
    device: str
    planned_s: float
    instance: Mapping[str, Any]
    started_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Keep:
    """The newest state of a listening that goes on."""

    id: UUID
    generation: int
    planned_s: float
    heard_s: float
    underruns: int
    credited_pos: int
    instance: Mapping[str, Any] | None
    """None: as it was last kept."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a listening ended."""

    id: UUID
    generation: int
    reason: str
    success: bool


@dataclass(frozen=True, slots=True)
class Use:
    """Frames to add to a day."""

    principal_id: UUID
    day: dt.date
    frames: int


@dataclass(frozen=True, slots=True)
class UsageRow:
    """What a principal has used of one day, in frames."""

    credited_frames: int
    warned: bool
    reached: bool


async def insert_session(conn: Connection, new: NewSession) -> None:
    await conn.execute(
        """INSERT INTO listening_sessions
           (id, principal_id, mode, title, preset, device, planned_s, instance, started_at, kept_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)""",
        new.id,
        new.principal_id,
        new.mode,
        new.title,
        new.preset,
        new.device,
        new.planned_s,
        new.instance,
        new.started_at,
    )


async def take_session(
    conn: Connection, session: UUID, principal: UUID, now: dt.datetime
) -> SessionRow | None:
    """The unfinished session of this principal, one generation further: earlier owners write to no row."""
    row = await conn.fetchrow(
        f"""UPDATE listening_sessions SET generation = generation + 1, kept_at = $3
            WHERE id = $1 AND principal_id = $2 AND ended_at IS NULL RETURNING {_ROW}""",  # noqa: S608 - own constant
        session,
        principal,
        now,
    )
    return None if row is None else SessionRow(**row)


async def find_unfinished(
    conn: Connection, session: UUID | None, principal: UUID
) -> tuple[SessionRow, Mapping[str, Any]] | None:
    """A session that has not ended and its instance, both as they were last kept."""
    row = await conn.fetchrow(
        f"""SELECT {_ROW}, instance FROM listening_sessions
            WHERE id = $1 AND principal_id = $2 AND ended_at IS NULL""",  # noqa: S608 - own constant
        session,
        principal,
    )
    return None if row is None else _with_instance(row)


async def find_session(
    conn: Connection, session: UUID, principal: UUID
) -> tuple[SessionRow, Mapping[str, Any]] | None:
    """A session, over or not, and its instance."""
    row = await conn.fetchrow(
        f"SELECT {_ROW}, instance FROM listening_sessions WHERE id = $1 AND principal_id = $2",  # noqa: S608 - own constant
        session,
        principal,
    )
    return None if row is None else _with_instance(row)


async def find_latest(conn: Connection, principal: UUID) -> SessionRow | None:
    """The session that goes on (the newest of several); where none does, the one that was played last."""
    row = await conn.fetchrow(
        f"""(SELECT {_ROW} FROM listening_sessions WHERE principal_id = $1 AND ended_at IS NULL
             ORDER BY started_at DESC LIMIT 1)
            UNION ALL
            (SELECT {_ROW} FROM listening_sessions WHERE principal_id = $1
             ORDER BY started_at DESC, id DESC LIMIT 1)
            LIMIT 1""",  # noqa: S608 - own constant
        principal,
    )
    return None if row is None else SessionRow(**row)


async def rate_session(
    conn: Connection, session: UUID, principal: UUID, opinion: Mapping[str, Any]
) -> SessionRow | None:
    """Write the rating and the note that `opinion` holds; None unless the session is over."""
    row = await conn.fetchrow(
        f"""UPDATE listening_sessions
            SET rating = CASE WHEN $3 THEN $4::smallint ELSE rating END, note = coalesce($5, note)
            WHERE id = $1 AND principal_id = $2 AND ended_at IS NOT NULL RETURNING {_ROW}""",  # noqa: S608 - own constant
        session,
        principal,
        "rating" in opinion,
        opinion.get("rating"),
        opinion.get("note"),
    )
    return None if row is None else SessionRow(**row)


async def keep_sessions(conn: Connection, keeps: Sequence[Keep], now: dt.datetime) -> None:
    """Write the newest state of many sessions; rows of another generation stay as they are."""
    await conn.execute(
        """UPDATE listening_sessions AS s
           SET planned_s = k.planned_s, heard_s = k.heard_s, underruns = k.underruns,
               credited_pos = k.credited_pos, instance = coalesce(k.instance, s.instance), kept_at = $8
           FROM unnest($1::uuid[], $2::int[], $3::float8[], $4::float8[], $5::int[], $6::int8[], $7::jsonb[])
                AS k (id, generation, planned_s, heard_s, underruns, credited_pos, instance)
           WHERE s.id = k.id AND s.generation = k.generation AND s.ended_at IS NULL""",
        [keep.id for keep in keeps],
        [keep.generation for keep in keeps],
        [keep.planned_s for keep in keeps],
        [keep.heard_s for keep in keeps],
        [keep.underruns for keep in keeps],
        [keep.credited_pos for keep in keeps],
        [keep.instance for keep in keeps],
        now,
    )


async def end_sessions(conn: Connection, ends: Sequence[Ended], now: dt.datetime) -> list[SessionRow]:
    """Close sessions; returns the rows that this closed, each once for ever."""
    rows = await conn.fetch(
        """UPDATE listening_sessions AS s
           SET ended_at = $5, kept_at = $5, reason = e.reason, success = e.success
           FROM unnest($1::uuid[], $2::int[], $3::text[], $4::bool[]) AS e (id, generation, reason, success)
           WHERE s.id = e.id AND s.generation = e.generation AND s.ended_at IS NULL
           RETURNING s.id, s.principal_id, s.generation, s.mode, s.title, s.preset, s.device, s.planned_s,
                     s.heard_s, s.underruns, s.credited_pos, s.started_at, s.ended_at, s.reason, s.success,
                     s.rating, s.note""",
        [end.id for end in ends],
        [end.generation for end in ends],
        [end.reason for end in ends],
        [end.success for end in ends],
        now,
    )
    return [SessionRow(**row) for row in rows]


async def list_abandoned(conn: Connection, kept_before: dt.datetime, most: int) -> list[SessionRow]:
    """Unfinished sessions that no process has kept since; locked, and not those that another sweep holds."""
    rows = await conn.fetch(
        f"""SELECT {_ROW} FROM listening_sessions WHERE ended_at IS NULL AND kept_at < $1
            ORDER BY kept_at LIMIT $2 FOR UPDATE SKIP LOCKED""",  # noqa: S608 - own constant
        kept_before,
        most,
    )
    return [SessionRow(**row) for row in rows]


async def list_sessions(
    conn: Connection, principal: UUID, before: tuple[dt.datetime, UUID] | None, most: int
) -> list[SessionRow]:
    """Own sessions, newest first, after the cursor."""
    started_at, session = before or (None, None)
    rows = await conn.fetch(
        f"""SELECT {_ROW} FROM listening_sessions
            WHERE principal_id = $1 AND ($2::timestamptz IS NULL OR (started_at, id) < ($2, $3::uuid))
            ORDER BY started_at DESC, id DESC LIMIT $4""",  # noqa: S608 - own constant
        principal,
        started_at,
        session,
        most,
    )
    return [SessionRow(**row) for row in rows]


async def list_unfinished(conn: Connection, principal: UUID) -> list[SessionRow]:
    """Own sessions that have not ended."""
    rows = await conn.fetch(
        f"""SELECT {_ROW} FROM listening_sessions
            WHERE principal_id = $1 AND ended_at IS NULL ORDER BY started_at""",  # noqa: S608 - own constant
        principal,
    )
    return [SessionRow(**row) for row in rows]


async def find_usage(conn: Connection, principal: UUID, day: dt.date) -> UsageRow:
    """What was used of that day so far."""
    row = await conn.fetchrow(
        """SELECT credited_frames, warned_at IS NOT NULL AS warned, reached_at IS NOT NULL AS reached
           FROM usage_daily WHERE principal_id = $1 AND day = $2""",
        principal,
        day,
    )
    return UsageRow(0, warned=False, reached=False) if row is None else UsageRow(**row)


async def add_usage(conn: Connection, batch: UUID, uses: Sequence[Use]) -> dict[tuple[UUID, dt.date], int]:
    """Add frames to days and return each day's total; a batch that was committed before adds nothing.

    Rows are taken in one order, so that two processes never wait for one another in a circle.
    """
    ordered = sorted(uses, key=lambda use: (use.principal_id, use.day))
    totals = await conn.fetch(
        """INSERT INTO usage_daily AS u (principal_id, day, credited_frames, batch)
           SELECT principal_id, day, frames, $4
           FROM unnest($1::uuid[], $2::date[], $3::int8[]) AS n (principal_id, day, frames)
           ON CONFLICT (principal_id, day) DO UPDATE
           SET credited_frames = CASE WHEN u.batch = EXCLUDED.batch THEN u.credited_frames
                                      ELSE u.credited_frames + EXCLUDED.credited_frames END,
               batch = EXCLUDED.batch
           RETURNING principal_id, day, credited_frames""",
        [use.principal_id for use in ordered],
        [use.day for use in ordered],
        [use.frames for use in ordered],
        batch,
    )
    return {(row["principal_id"], row["day"]): row["credited_frames"] for row in totals}


async def mark_warned(conn: Connection, principal: UUID, day: dt.date, now: dt.datetime) -> bool:
    """Whether this call is the first to say that little is left."""
    return await _mark(conn, "warned_at", principal, day, now)


async def mark_reached(conn: Connection, principal: UUID, day: dt.date, now: dt.datetime) -> bool:
    """Whether this call is the first to say that nothing is left."""
    return await _mark(conn, "reached_at", principal, day, now)


async def _mark(conn: Connection, column: str, principal: UUID, day: dt.date, now: dt.datetime) -> bool:
    marked = await conn.fetchval(
        f"""UPDATE usage_daily SET {column} = $3
            WHERE principal_id = $1 AND day = $2 AND {column} IS NULL RETURNING true""",  # noqa: S608 - own constant
        principal,
        day,
        now,
    )
    return marked is True


def _with_instance(row: Record) -> tuple[SessionRow, Mapping[str, Any]]:
    fields = dict(row)
    instance = fields.pop("instance")
    return SessionRow(**fields), instance


async def move_sessions(conn: Connection, former: UUID, to: UUID) -> None:
    """Listenings, also one that goes on, and what was used of each day."""
    await conn.execute("UPDATE listening_sessions SET principal_id = $2 WHERE principal_id = $1", former, to)
    await conn.execute(
        """INSERT INTO usage_daily AS u (principal_id, day, credited_frames, batch)
           SELECT $2, day, credited_frames, batch FROM usage_daily WHERE principal_id = $1
           ON CONFLICT (principal_id, day)
           DO UPDATE SET credited_frames = u.credited_frames + excluded.credited_frames""",
        former,
        to,
    )
    await conn.execute("DELETE FROM usage_daily WHERE principal_id = $1", former)


async def delete_sessions(conn: Connection, principal: UUID) -> None:
    """All that says when this person listened to what."""
    await conn.execute("DELETE FROM listening_sessions WHERE principal_id = $1", principal)
    await conn.execute("DELETE FROM usage_daily WHERE principal_id = $1", principal)


async def all_sessions(conn: Connection, principal: UUID) -> list[SessionRow]:
    """Every listening, oldest first."""
    rows = await conn.fetch(
        f"SELECT {_ROW} FROM listening_sessions WHERE principal_id = $1 ORDER BY started_at",  # noqa: S608 - own constant
        principal,
    )
    return [SessionRow(**row) for row in rows]
