from __future__ import annotations

import uuid

from server.accounts.store import insert_principal
from server.kit.db import Database
from server.kit.principal import Principal


async def test_a_principal_is_inserted_once(database_url: str) -> None:
    database = await Database.connect(database_url)
    principal = Principal(uuid.uuid4(), "guest", "guest", 2e9, "Europe/Berlin")
    async with database.transaction() as conn:
        assert [await insert_principal(conn, principal) for _ in range(2)] == [True, False]
        row = await conn.fetchrow("SELECT * FROM principals")
    await database.close()
    assert row is not None
    assert (row["id"], row["kind"], row["zone"]) == (principal.id, "guest", "Europe/Berlin")
