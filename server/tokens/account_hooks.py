"""What happens to tokens when something happens to an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.tokens import social_store, statement_store, store
from server.tokens.service import describe

if TYPE_CHECKING:
    from server.accounts.hooks import Deleted, Exported
    from server.kit.db import Connection
    from server.tokens.social_store import Claim
    from server.tokens.statement_store import Line


async def delete(conn: Connection, deleted: Deleted) -> None:
    """What was said for a reward goes; the ledger stays, as books must, under a bare id."""
    await social_store.delete_claims_of(conn, deleted.user_id)


async def export(conn: Connection, exported: Exported) -> dict[str, Any]:
    """All of it, as JSON can hold it."""
    balance = await store.find_balance(conn, exported.user_id)
    lines = await statement_store.list_lines(conn, exported.user_id, None, None)
    claims = await social_store.list_claims_of(conn, exported.user_id)
    return {
        "tokens": {
            "balance": describe(balance),
            "transactions": [_line(one) for one in lines],
            "claims": [_claim(one) for one in claims],
        }
    }


def _line(line: Line) -> dict[str, Any]:
    transfer = line.transfer
    return {
        "at": transfer.created_at.isoformat(),
        "type": transfer.type,
        "amount": transfer.amount,
        "available": transfer.available,
        "feature": transfer.feature,
        "reason": transfer.reason,
    }


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "at": claim.created_at.isoformat(),
        "task": claim.task_id,
        "proof": claim.proof,
        "state": claim.state,
        "note": claim.note,
    }
