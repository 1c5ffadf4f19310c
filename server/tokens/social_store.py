"""The SQL of tasks that earn tokens, and of who claims to have done them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    from server.kit.db import Connection

ClaimState = Literal["pending", "approved", "rejected"]

_TASK = "id, title, line, amount, proof, review"
_CLAIM = "id, task_id, user_id, proof, state, note, created_at, reviewed_at"


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do for tokens."""

    id: str
    title: str
    line: str
    """What to do, in a sentence."""
    amount: int
    proof: Literal["url", "text"]
    """What shows that it was done."""
    review: Literal["manual", "auto"]
    """Whether somebody looks at the proof."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A person says that they did a task."""

    id: UUID
    task_id: str
    user_id: UUID
    proof: str
    state: ClaimState
    note: str
    """What the reviewer says to the person."""
    created_at: dt.datetime
    reviewed_at: dt.datetime | None


async def list_tasks(conn: Connection) -> list[Task]:
    """What can be done, in its order."""
    rows = await conn.fetch(f"SELECT {_TASK} FROM social_tasks WHERE is_open ORDER BY place, id")  # noqa: S608 - own constant
    return [Task(**row) for row in rows]


async def find_task(conn: Connection, task: str) -> Task | None:
    """A task, whether it is open or not."""
    row = await conn.fetchrow(f"SELECT {_TASK} FROM social_tasks WHERE id = $1", task)  # noqa: S608 - own constant
    return None if row is None else Task(**row)


async def list_claims_of(conn: Connection, user_id: UUID) -> list[Claim]:
    """What a person says to have done."""
    rows = await conn.fetch(
        f"SELECT {_CLAIM} FROM social_claims WHERE user_id = $1 ORDER BY created_at, id",  # noqa: S608 - own constant
        user_id,
    )
    return [Claim(**row) for row in rows]


async def list_pending(conn: Connection, most: int) -> list[Claim]:
    """What somebody has to look at, the oldest first."""
    rows = await conn.fetch(
        f"SELECT {_CLAIM} FROM social_claims WHERE state = 'pending' ORDER BY created_at, id LIMIT $1",  # noqa: S608 - own constant
        most,
    )
    return [Claim(**row) for row in rows]


async def insert_claim(
    conn: Connection, claim_id: UUID, task_id: str, user_id: UUID, proof: str, state: ClaimState
) -> Claim | None:
    """Keep a claim; None if this person has one for this task that was not rejected."""
    row = await conn.fetchrow(
        f"""INSERT INTO social_claims (id, task_id, user_id, proof, state, reviewed_at)
            VALUES ($1, $2, $3, $4, $5, CASE WHEN $5 <> 'pending' THEN now() END)
            ON CONFLICT (user_id, task_id) DO UPDATE
            SET id = EXCLUDED.id, proof = EXCLUDED.proof, state = EXCLUDED.state, note = '',
                reviewer_id = NULL, created_at = now(), reviewed_at = EXCLUDED.reviewed_at
            WHERE social_claims.state = 'rejected' RETURNING {_CLAIM}""",  # noqa: S608 - own constant
        claim_id,
        task_id,
        user_id,
        proof,
        state,
    )
    return None if row is None else Claim(**row)


async def lock_claim(conn: Connection, claim_id: UUID) -> Claim | None:
    """A claim that nobody else reviews before the end of the transaction."""
    row = await conn.fetchrow(
        f"SELECT {_CLAIM} FROM social_claims WHERE id = $1 FOR UPDATE",  # noqa: S608 - own constant
        claim_id,
    )
    return None if row is None else Claim(**row)


async def mark_reviewed(
    conn: Connection, claim_id: UUID, state: ClaimState, note: str, reviewer_id: UUID
) -> Claim:
    """The reviewer's word on a claim that is locked."""
    row = await conn.fetchrow(
        f"""UPDATE social_claims SET state = $2, note = $3, reviewer_id = $4, reviewed_at = now()
            WHERE id = $1 RETURNING {_CLAIM}""",  # noqa: S608 - own constant
        claim_id,
        state,
        note,
        reviewer_id,
    )
    assert row is not None
    return Claim(**row)


async def delete_claims_of(conn: Connection, user_id: UUID) -> None:
    """Forget what a person said; that they were rewarded stays in the ledger."""
    await conn.execute("DELETE FROM social_claims WHERE user_id = $1", user_id)
