from __future__ import annotations

from typing import TYPE_CHECKING

from server.accounts.hooks import Deleted, Exported
from server.tokens import account_hooks, social

if TYPE_CHECKING:
    from tests.server.tokens.desk import Desk


async def test_all_of_it_comes_along_and_what_was_said_goes(desk: Desk) -> None:
    await desk.give("bought", 10)
    await desk.use(4)
    async with desk.database.transaction() as conn:
        await social.submit(conn, desk.user, "follow", "@jo")
        data = (await account_hooks.export(conn, Exported(desk.user)))["tokens"]
        assert (data["balance"]["bought"], data["balance"]["earned"]) == (6, 5)
        assert [(one["type"], one["amount"]) for one in data["transactions"]] == [
            ("reward", 5),
            ("use", -4),
            ("purchase", 10),
        ]
        assert [(one["task"], one["proof"], one["state"]) for one in data["claims"]] == [
            ("follow", "@jo", "approved")
        ]
        await account_hooks.delete(conn, Deleted(desk.user, "jo@example.org"))
        left = (await account_hooks.export(conn, Exported(desk.user)))["tokens"]
        assert left == {**data, "claims": []}
