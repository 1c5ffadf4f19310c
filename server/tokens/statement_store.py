"""The SQL that only reads: statements, use by feature and day, packs, and whether the books balance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.tokens.ledger import HoldState, Transfer, held_account, user_account

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from uuid import UUID

    from server.kit.db import Connection


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a person's statement."""

    transfer: Transfer
    hold: HoldState | None
    """What became of a reservation; None on other lines."""


@dataclass(frozen=True, slots=True)
class UseRow:
    """What one feature used on one day."""

    day: int
    """1 is the first."""
    feature: str
    amount: int
    uses: int


@dataclass(frozen=True, slots=True)
class Pack:
    """Tokens for sale."""

    id: str
    title: str
    amount: int
    price_minor: int
    """In the smallest unit of the currency."""
    currency: str


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Two numbers of the books that should be the same."""

    account: str
    kept: int
    counted: int


async def list_lines(conn: Connection, user_id: UUID, before: UUID | None, most: int | None) -> list[Line]:
    """A person's statement, newest first, behind the line of the transfer `before`; so many lines or all."""
    rows = await conn.fetch(
        """SELECT transfer_id AS id, account, amount, type, entry.feature, reason, entry.job_id, available,
                  created_at, hold.state AS hold
           FROM token_entries AS entry
           LEFT JOIN token_holds AS hold ON entry.type = 'reserve' AND hold.job_id = entry.job_id
           WHERE account = $1 AND ($2::uuid IS NULL OR entry.id < (
               SELECT id FROM token_entries WHERE transfer_id = $2 AND account = $1
           ))
           ORDER BY entry.id DESC LIMIT $3""",
        user_account(user_id),
        before,
        most,
    )
    return [
        Line(Transfer(**{name: value for name, value in row.items() if name != "hold"}), row["hold"])
        for row in rows
    ]


async def sum_by_feature_and_day(
    conn: Connection, user_id: UUID, midnights: Sequence[dt.datetime]
) -> list[UseRow]:
    """What was used, or reserved and spent, from the first midnight on; days without use have no row."""
    rows = await conn.fetch(
        """SELECT width_bucket(created_at, $2::timestamptz[]) AS day, feature,
                  (-sum(amount))::bigint AS amount, count(*) AS uses
           FROM token_entries
           WHERE account = ANY($1) AND type IN ('use', 'settle') AND created_at >= $2[1]
           GROUP BY day, feature ORDER BY day, feature""",
        [user_account(user_id), held_account(user_id)],
        midnights,
    )
    return [UseRow(**row) for row in rows]


async def list_packs(conn: Connection) -> list[Pack]:
    """What is sold, in its order."""
    rows = await conn.fetch(
        "SELECT id, title, amount, price_minor, currency FROM token_packs WHERE is_sold ORDER BY place, id"
    )
    return [Pack(**row) for row in rows]


async def find_pack(conn: Connection, pack: str) -> Pack | None:
    """A pack that is sold."""
    row = await conn.fetchrow(
        "SELECT id, title, amount, price_minor, currency FROM token_packs WHERE is_sold AND id = $1", pack
    )
    return None if row is None else Pack(**row)


async def list_discrepancies(conn: Connection) -> list[Discrepancy]:
    """Where accounts differ from their entries, or from their parts; empty while the books balance."""
    rows = await conn.fetch(
        """WITH counted AS (
               SELECT account, sum(amount) AS amount FROM token_entries
               WHERE account ~ '^(user|held):' GROUP BY account
           ), kept AS (
               SELECT 'user:' || user_id AS account, granted + earned + bought - debt AS amount
               FROM token_accounts
               UNION ALL SELECT 'held:' || user_id, held FROM token_accounts
           ), compared AS (
               SELECT account, coalesce(kept.amount, 0) AS kept, coalesce(counted.amount, 0) AS counted
               FROM kept FULL JOIN counted USING (account)
               UNION ALL SELECT 'all', 0, coalesce(sum(amount), 0) FROM token_entries
               UNION ALL SELECT 'grants of ' || user_id, granted, coalesce(
                   (SELECT sum(left_amount) FROM token_grants WHERE user_id = own.user_id), 0)
               FROM token_accounts AS own
               UNION ALL SELECT 'holds of ' || user_id, held, coalesce(
                   (SELECT sum(granted + earned + bought) FROM token_holds
                    WHERE user_id = own.user_id AND state = 'open'), 0)
               FROM token_accounts AS own
           )
           SELECT account, kept::bigint, counted::bigint FROM compared
           WHERE kept <> counted ORDER BY account"""
    )
    return [Discrepancy(**row) for row in rows]
