"""What every change of the ledger ends with: the transfer, and the event that tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from server.kit import events
from server.kit.idempotency import IdempotencyConflict
from server.tokens import store
from server.tokens.errors import InsufficientTokens
from server.tokens.ledger import MOST_TOKENS

if TYPE_CHECKING:
    from uuid import UUID

    from server.kit.db import Connection
    from server.tokens.ledger import Balance, Move, Transfer, TransferType

TOPIC: Final = "tokens"
CHANGED: Final = "tokens.changed"


def refuse_odd_amount(amount: int) -> None:
    """An amount is positive and not absurd; bodies are checked before, so this is a mistake of ours."""
    if not 0 < amount <= MOST_TOKENS:
        raise ValueError(f"{amount} tokens cannot be moved")


def refuse_shortage(balance: Balance, amount: int) -> None:
    """Raise InsufficientTokens unless so much can be used."""
    if balance.available < amount:
        raise InsufficientTokens(needed=amount, available=balance.available, debt=balance.debt)


async def find_first_result(conn: Connection, move: Move, account: str) -> Transfer | None:
    """What came of the same request before; raises IdempotencyConflict if it was another one."""
    found = await store.find_transfer(conn, move.key)
    if found is None:
        return None
    if (found.account, abs(found.amount), found.feature) != (account, move.amount, move.feature):
        raise IdempotencyConflict
    return found


async def post(conn: Connection, move: Move, after: Balance) -> Transfer:
    """Enter a transfer; raises IdempotencyConflict if somebody else has used its key."""
    transfer = await store.insert_transfer(conn, move, after.available)
    if transfer is None:
        raise IdempotencyConflict
    return transfer


async def tell(
    conn: Connection, user_id: UUID, after: Balance, *, delta: int, kind: TransferType, reason: str
) -> None:
    """Append the event of a change: the last step of its transaction."""
    data = {"available": after.available, "delta": delta, "reason": reason, "type": kind}
    await events.append(conn, user_id, TOPIC, CHANGED, data)


async def post_and_tell(conn: Connection, user_id: UUID, move: Move, after: Balance) -> Transfer:
    """Enter a transfer of the person's own account, and tell of it."""
    transfer = await post(conn, move, after)
    await tell(conn, user_id, after, delta=transfer.amount, kind=move.type, reason=move.reason)
    return transfer
