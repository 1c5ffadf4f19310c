"""The SQL of reservations. They are changed by who holds the account's lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.tokens.ledger import Buckets, Hold, HoldState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from server.kit.db import Connection

_ROW = "job_id, user_id, feature, granted, earned, bought, state, settled"


async def find_hold(conn: Connection, job_id: UUID) -> Hold | None:
    """A job's reservation, whatever became of it."""
    row = await conn.fetchrow(f"SELECT {_ROW} FROM token_holds WHERE job_id = $1", job_id)  # noqa: S608 - own constant
    return None if row is None else Hold(**row)


async def insert_hold(
    conn: Connection,
    user_id: UUID,
    job_id: UUID,
    feature: str,
    buckets: Buckets,
    grants: Sequence[tuple[UUID, int]],
    lease_s: float,
) -> Hold | None:
    """Keep from where tokens are held, and until when the job must be done; None if the job has its own."""
    row = await conn.fetchrow(
        f"""INSERT INTO token_holds (job_id, user_id, feature, granted, earned, bought, lease_until)
            VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))
            ON CONFLICT DO NOTHING RETURNING {_ROW}""",  # noqa: S608 - own constant
        job_id,
        user_id,
        feature,
        buckets.granted,
        buckets.earned,
        buckets.bought,
        lease_s,
    )
    if row is None:
        return None
    await conn.executemany(
        "INSERT INTO token_hold_grants (job_id, grant_id, amount) VALUES ($1, $2, $3)",
        [(job_id, grant_id, amount) for grant_id, amount in grants],
    )
    return Hold(**row)


async def return_to_grants(conn: Connection, job_id: UUID, spent: int) -> None:
    """Give a job's granted tokens back where they came from, but for the first `spent`."""
    await conn.execute(
        """WITH queue AS (
               SELECT part.grant_id, part.amount,
                      (sum(part.amount) OVER (ORDER BY own.ends_at, own.id) - part.amount)::bigint AS before
               FROM token_hold_grants AS part JOIN token_grants AS own ON own.id = part.grant_id
               WHERE part.job_id = $1
           )
           UPDATE token_grants
           SET left_amount = left_amount + amount - least(amount, greatest($2::bigint - before, 0))
           FROM queue WHERE token_grants.id = queue.grant_id AND before + amount > $2""",
        job_id,
        spent,
    )


async def close_hold(conn: Connection, job_id: UUID, state: HoldState, settled: int) -> Hold:
    """The end of an open reservation."""
    row = await conn.fetchrow(
        f"""UPDATE token_holds SET state = $2, settled = $3
            WHERE job_id = $1 AND state = 'open' RETURNING {_ROW}""",  # noqa: S608 - own constant
        job_id,
        state,
        settled,
    )
    assert row is not None, "the account was not locked when this was decided"
    return Hold(**row)


async def list_overdue(conn: Connection, most: int) -> list[UUID]:
    """The jobs whose time is over, the longest dead first."""
    rows = await conn.fetch(
        """SELECT job_id FROM token_holds WHERE state = 'open' AND lease_until <= now()
           ORDER BY lease_until LIMIT $1""",
        most,
    )
    return [row["job_id"] for row in rows]
