"""The SQL of the statistics: sums over one person's listenings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from uuid import UUID

    from server.kit.db import Connection


@dataclass(frozen=True, slots=True)
class ModeRow:
    """All listenings of one mode."""

    mode: str
    sessions: int
    heard_s: float
    ended: int
    successes: int
    rated: int
    stars: int
    """Sum of the ratings."""


async def sum_by_mode(conn: Connection, principal: UUID) -> list[ModeRow]:
    """One row for each mode that was ever heard."""
    rows = await conn.fetch(
        """SELECT mode, count(*) AS sessions, sum(heard_s) AS heard_s, count(ended_at) AS ended,
                  count(*) FILTER (WHERE success) AS successes, count(rating) AS rated,
                  coalesce(sum(rating), 0) AS stars
           FROM listening_sessions WHERE principal_id = $1 GROUP BY mode ORDER BY mode""",
        principal,
    )
    return [ModeRow(**row) for row in rows]


async def sum_by_day(
    conn: Connection, principal: UUID, midnights: Sequence[dt.datetime], since: dt.datetime
) -> tuple[dict[int, tuple[int, float]], float]:
    """(sessions, seconds) of each day that has some, 1 being the first, and the seconds heard `since`.

    A listening belongs to the day, and to the time, at which it began.
    """
    rows = await conn.fetch(
        """SELECT width_bucket(started_at, $2::timestamptz[]) AS day, count(*) AS sessions,
                  sum(heard_s) AS heard_s,
                  coalesce(sum(heard_s) FILTER (WHERE started_at >= $3), 0) AS recent_s
           FROM listening_sessions
           WHERE principal_id = $1 AND started_at >= least($2[1], $3) GROUP BY day""",
        principal,
        midnights,
        since,
    )
    days = {row["day"]: (row["sessions"], row["heard_s"]) for row in rows}
    return days, sum(row["recent_s"] for row in rows)
