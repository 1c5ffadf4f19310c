"""The worker dies at each statement of an application in turn: nothing is half done, or done twice."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server.kit.errors import Unavailable
from tests.server.tokens.test_failpoints import MortalConnection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from server.billing.webhooks import Inbox
    from server.kit.db import Connection, Database
    from tests.server.billing.house import House

TABLES = (
    *("subscriptions", "invoices", "orders", "payment_customers", "audit_logs", "events", "event_heads"),
    *("token_accounts", "token_entries", "token_grants", "token_purchases"),
)

MADE = {"id", "ts", "at", "created_at", "epoch"}


class MortalDatabase:
    """Its first transaction loses its server after some statements, or before its commit."""

    def __init__(self, database: Database, statements: int) -> None:
        self._database = database
        self._statements = statements
        self.reached_commit = False

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        async with self._database.transaction() as conn:
            yield MortalConnection(conn.driver, self._statements)
            self.reached_commit = True
            conn.driver.terminate()


async def tables(house: House) -> dict[str, list[str]]:
    """Everything that an application writes, without the ids and moments that it makes."""
    written = {name: await house.rows(f"SELECT * FROM {name}") for name in TABLES}
    return {
        name: sorted(str({key: row[key] for key in sorted(set(row.keys()) - MADE)}) for row in rows)
        for name, rows in written.items()
    }


async def die_after(house: House, number: int, statements: int) -> bool:
    """Whether the application came to its end before it died; its commit never did."""
    mortal = MortalDatabase(house.database, statements)
    inbox: Inbox = replace(house.inbox, db=mortal)  # type: ignore[arg-type]  # what an application needs of it
    with pytest.raises(Unavailable):
        await inbox._apply(number)
    return mortal.reached_commit


@pytest.mark.req("S2-65")
@pytest.mark.parametrize("kind", ["subscription", "invoice", "payment", "refund"])
async def test_an_application_is_whole_or_did_not_happen(house: House, kind: str) -> None:
    user = await house.person()
    if kind in {"subscription", "invoice"}:
        await house.subscribe(user)
    else:
        payment = await house.buy_pack(user)
        if kind == "refund":
            await house.settle()
            await house.desk.refund(payment, 250)
    await house.deliver()
    (number,) = [
        row["id"]
        for row in await house.rows("SELECT id, kind FROM payment_events WHERE status = 'received'")
        if row["kind"] == {"refund": "payment"}.get(kind, kind)
    ]
    before, statements = await tables(house), 0
    while not await die_after(house, number, statements):
        assert await tables(house) == before
        statements += 1
    assert statements >= 6
    assert await tables(house) == before
    await house.inbox.apply(number)
    after = await tables(house)
    assert after != before
    await house.inbox.apply(number)
    assert await tables(house) == after
