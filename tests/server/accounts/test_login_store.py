from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from server.accounts import login_store

if TYPE_CHECKING:
    from tests.server.accounts.bureau import Bureau


async def test_a_code_of_a_step_is_taken_once_and_never_an_older_one(bureau: Bureau) -> None:
    made = await bureau.newcomer()
    async with bureau.accounts.database.transaction() as conn:
        taken = [await login_store.use_totp_step(conn, made.user.id, step) for step in (10, 10, 9, 11)]
    assert taken == [True, False, False, True]


async def test_a_link_is_found_by_its_purpose_only(bureau: Bureau) -> None:
    made = await bureau.newcomer()
    now = bureau.accounts.now()
    async with bureau.accounts.database.transaction() as conn:
        await login_store.insert_email_token(
            conn, b"hash", made.user.id, "reset", "jo@example.org", now + dt.timedelta(hours=1)
        )
        assert await login_store.use_email_token(conn, b"hash", "verify", now) is None
        found = await login_store.use_email_token(conn, b"hash", "reset", now)
    assert found == (made.user.id, "jo@example.org")


async def test_what_ended_a_month_ago_goes(bureau: Bureau) -> None:
    made = await bureau.newcomer()
    async with bureau.accounts.database.transaction() as conn:
        assert await login_store.lock_login(conn, uuid.uuid4()) is None
        assert await login_store.trim(conn, bureau.accounts.now()) == 0
        later = bureau.accounts.now() + dt.timedelta(days=61)
        assert await login_store.trim(conn, later) == 2
        assert await login_store.lock_login(conn, made.login) is None
