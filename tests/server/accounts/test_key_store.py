from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from server.accounts import key_store
from server.accounts.key_store import KeyRow

if TYPE_CHECKING:
    from tests.server.accounts.bureau import Bureau


async def test_when_a_key_was_used_is_kept_to_the_minute(bureau: Bureau) -> None:
    made = await bureau.newcomer()
    now = bureau.accounts.now()
    row = KeyRow(uuid.uuid4(), made.user.id, "mine", ["listen"], now, None, None)
    used = []
    async with bureau.accounts.database.transaction() as conn:
        assert await key_store.insert_key(conn, row, b"hash", 1)
        assert not await key_store.insert_key(conn, row, b"other", 1)
        for second in (0, 59, 60):
            await key_store.find_key(conn, b"hash", now + dt.timedelta(seconds=second))
            used.append((await key_store.list_keys(conn, made.user.id))[0].used_at)
    assert used == [now, now, now + dt.timedelta(seconds=60)]
