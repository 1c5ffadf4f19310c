from __future__ import annotations

import pytest

from server.kit.idempotency import IdempotencyConflict
from server.tokens import posting
from server.tokens.errors import InsufficientTokens
from server.tokens.ledger import ISSUED, MOST_TOKENS, Balance, Move, user_account
from tests.server.tokens.desk import Desk, undone


@pytest.mark.parametrize("amount", [1, MOST_TOKENS])
def test_an_amount_that_makes_sense_passes(amount: int) -> None:
    posting.refuse_odd_amount(amount)


def test_a_shortage_says_what_is_missing() -> None:
    posting.refuse_shortage(Balance(earned=3), 3)
    with pytest.raises(InsufficientTokens) as caught:
        posting.refuse_shortage(Balance(earned=3, debt=2), 3)
    assert caught.value.extra == {"needed": 3, "available": 0, "debt": 2}


async def test_a_transfer_is_entered_and_told_once(desk: Desk) -> None:
    async with undone(desk.database) as conn:
        move = Move(ISSUED, user_account(desk.user), 5, "reward", "k", reason="well done")
        made = await posting.post_and_tell(conn, desk.user, move, Balance(earned=5))
        assert await posting.find_first_result(conn, move, move.target) == made
        with pytest.raises(IdempotencyConflict):
            await posting.find_first_result(conn, move, move.source)
        with pytest.raises(IdempotencyConflict):
            await posting.post(conn, move, Balance(earned=10))
        rows = await conn.fetch("SELECT data FROM events WHERE principal_id = $1", desk.user)
        assert [row["data"] for row in rows] == [
            {"available": 5, "delta": 5, "reason": "well done", "type": "reward"}
        ]
