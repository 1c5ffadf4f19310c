"""The SQL that moves tokens: accounts, entries, grants, purchases. The account's lock comes first."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.tokens.ledger import Balance, Buckets, Move, Transfer

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    from server.kit.db import Connection, Record


@dataclass(frozen=True, slots=True)
class Grant:
    """Tokens of a plan that end together."""

    left_amount: int
    ends_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Purchase:
    """Tokens that were bought."""

    key: str
    amount: int
    reversed: int
    """How many of them were taken back so far."""


_BALANCE = "granted, earned, bought, held, debt"
_TRANSFER = "transfer_id AS id, account, amount, type, feature, reason, job_id, available, created_at"
_NOTHING = Buckets()


async def lock_account(conn: Connection, user_id: UUID) -> Balance:
    """A person's account until the end of the transaction; it begins when it is first asked for."""
    row = await conn.fetchrow(
        f"""INSERT INTO token_accounts (user_id) VALUES ($1)
            ON CONFLICT (user_id) DO UPDATE SET held = token_accounts.held RETURNING {_BALANCE}""",  # noqa: S608 - own constant
        user_id,
    )
    assert row is not None
    return Balance(**row)


async def find_balance(conn: Connection, user_id: UUID) -> Balance:
    """What a person has; nothing, if there never was anything."""
    row = await conn.fetchrow(f"SELECT {_BALANCE} FROM token_accounts WHERE user_id = $1", user_id)  # noqa: S608 - own constant
    return Balance() if row is None else Balance(**row)


async def change_account(
    conn: Connection, user_id: UUID, buckets: Buckets = _NOTHING, *, held: int = 0, debt: int = 0
) -> Balance:
    """Add differences to a locked account; nothing in it falls below zero."""
    row = await conn.fetchrow(
        f"""UPDATE token_accounts
            SET granted = granted + $2, earned = earned + $3, bought = bought + $4,
                held = held + $5, debt = debt + $6
            WHERE user_id = $1 AND granted + $2 >= 0 AND earned + $3 >= 0 AND bought + $4 >= 0
              AND held + $5 >= 0 AND debt + $6 >= 0
            RETURNING {_BALANCE}""",  # noqa: S608 - own constant
        user_id,
        buckets.granted,
        buckets.earned,
        buckets.bought,
        held,
        debt,
    )
    assert row is not None, "the account was not locked when this was computed"
    return Balance(**row)


async def insert_transfer(conn: Connection, move: Move, available: int) -> Transfer | None:
    """Both rows of a transfer; None if its key is taken. `available` is written on the person's row."""
    transfer_id = uuid.uuid4()
    rows = await conn.fetch(
        f"""WITH moment AS MATERIALIZED (SELECT clock_timestamp() AS at)
           INSERT INTO token_entries
               (transfer_id, account, amount, type, key, feature, reason, job_id, available, created_at)
           SELECT $1, leg.account, leg.amount, $5, $6, $7, $8, $9,
                  CASE WHEN starts_with(leg.account, 'user:') THEN $10::bigint END, moment.at
           FROM moment, (VALUES ($2, -$4::bigint), ($3, $4::bigint)) AS leg (account, amount)
           ON CONFLICT (key) WHERE amount > 0 DO NOTHING
           RETURNING {_TRANSFER}""",  # noqa: S608 - own constant
        transfer_id,
        move.source,
        move.target,
        move.amount,
        move.type,
        move.key,
        move.feature,
        move.reason,
        move.job_id,
        available,
    )
    if len(rows) < 2:
        return None
    return _transfer(max(rows, key=lambda row: row["available"] is not None))


async def find_transfer(conn: Connection, key: str) -> Transfer | None:
    """The transfer of a key, as it stands on the person's own account."""
    row = await conn.fetchrow(
        f"""SELECT {_TRANSFER} FROM token_entries
           WHERE starts_with(account, 'user:')
             AND transfer_id = (SELECT transfer_id FROM token_entries WHERE key = $1 AND amount > 0)""",  # noqa: S608 - own constant
        key,
    )
    return None if row is None else _transfer(row)


async def insert_grant(conn: Connection, user_id: UUID, left_amount: int, ends_at: dt.datetime) -> None:
    """Begin a grant."""
    await conn.execute(
        "INSERT INTO token_grants (id, user_id, left_amount, ends_at) VALUES ($1, $2, $3, $4)",
        uuid.uuid4(),
        user_id,
        left_amount,
        ends_at,
    )


async def take_from_grants(conn: Connection, user_id: UUID, amount: int) -> list[tuple[UUID, int]]:
    """Take granted tokens, those that end soonest first; how many from which."""
    rows = await conn.fetch(
        """WITH queue AS (
               SELECT id, left_amount,
                      (sum(left_amount) OVER (ORDER BY ends_at, id) - left_amount)::bigint AS before
               FROM token_grants WHERE user_id = $1 AND left_amount > 0
           ), taken AS (
               SELECT id, least(left_amount, $2::bigint - before) AS amount FROM queue WHERE before < $2
           )
           UPDATE token_grants AS own SET left_amount = own.left_amount - taken.amount
           FROM taken WHERE own.id = taken.id RETURNING taken.id, taken.amount""",
        user_id,
        amount,
    )
    return [(row["id"], row["amount"]) for row in rows]


async def end_grants(conn: Connection, user_id: UUID, now: dt.datetime) -> int:
    """Take everything that is left of the grants that have ended."""
    taken = await conn.fetchval(
        """WITH ended AS (
               SELECT id, left_amount FROM token_grants
               WHERE user_id = $1 AND left_amount > 0 AND ends_at <= $2
           ), emptied AS (
               UPDATE token_grants SET left_amount = 0 FROM ended WHERE token_grants.id = ended.id
           )
           SELECT coalesce(sum(left_amount), 0)::bigint FROM ended""",
        user_id,
        now,
    )
    return int(taken)


async def list_grants(conn: Connection, user_id: UUID) -> list[Grant]:
    """What is left of a person's grants, those that end soonest first."""
    rows = await conn.fetch(
        """SELECT sum(left_amount)::bigint AS left_amount, ends_at FROM token_grants
           WHERE user_id = $1 AND left_amount > 0 GROUP BY ends_at ORDER BY ends_at""",
        user_id,
    )
    return [Grant(**row) for row in rows]


async def list_with_ended_grants(conn: Connection, now: dt.datetime, most: int) -> list[UUID]:
    """Who has something left of a grant that has ended."""
    rows = await conn.fetch(
        """SELECT DISTINCT user_id FROM token_grants
           WHERE left_amount > 0 AND ends_at <= $1 ORDER BY user_id LIMIT $2""",
        now,
        most,
    )
    return [row["user_id"] for row in rows]


async def insert_purchase(conn: Connection, user_id: UUID, key: str, amount: int) -> None:
    """Keep what was bought, in case it is refunded."""
    await conn.execute(
        "INSERT INTO token_purchases (key, user_id, amount) VALUES ($1, $2, $3)", key, user_id, amount
    )


async def find_purchase(conn: Connection, user_id: UUID, key: str) -> Purchase | None:
    """What this person bought under a key."""
    row = await conn.fetchrow(
        "SELECT key, amount, reversed FROM token_purchases WHERE key = $1 AND user_id = $2", key, user_id
    )
    return None if row is None else Purchase(**row)


async def mark_reversed(conn: Connection, key: str, reversed_amount: int) -> None:
    """So much of a purchase has been taken back, in all."""
    await conn.execute("UPDATE token_purchases SET reversed = $2 WHERE key = $1", key, reversed_amount)


def _transfer(row: Record) -> Transfer:
    return Transfer(**row)
