from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.accounts import administrators
from server.accounts.errors import BadToken, WeakPassword
from server.accounts.logins import Attempt, log_in
from server.accounts.store import find_user_by_email
from server.kit.errors import Conflict
from tests.server.accounts.bureau import HERE, PASSWORD

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.accounts.bureau import Bureau


@pytest.mark.req("S2-73", "S4-79")
async def test_whoever_reads_what_the_server_printed_is_its_first_administrator(
    bureau: Bureau, tmp_path: Path
) -> None:
    accounts = bureau.accounts
    path = tmp_path / "admin.token"
    await administrators.offer(accounts.database, path)
    token = path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    await administrators.offer(accounts.database, path)
    assert path.read_text() == token
    made, other = await bureau.newcomer(), await bureau.newcomer("ann@example.org")
    for wrong in ("", "x", token[:-1]):
        with pytest.raises(BadToken):
            await administrators.claim(accounts, made.user.id, wrong, path, HERE)
    await administrators.claim(accounts, made.user.id, token, path, HERE)
    with pytest.raises(BadToken):
        await administrators.claim(accounts, other.user.id, token, path, HERE)
    roles = {row["email"]: row["role"] for row in await bureau.ask("SELECT email, role FROM users")}
    assert roles == {"jo@example.org": "admin", "ann@example.org": "user"}
    await administrators.offer(accounts.database, path)
    assert not path.exists()
    assert (await bureau.trail())[-1] == "admin.claimed"


async def test_a_token_is_worth_nothing_once_there_is_an_administrator(
    bureau: Bureau, tmp_path: Path
) -> None:
    path = tmp_path / "admin.token"
    await administrators.offer(bureau.accounts.database, path)
    token = path.read_text()
    made = await bureau.newcomer()
    await bureau.ask("UPDATE users SET role = 'admin'")
    with pytest.raises(Conflict):
        await administrators.claim(bureau.accounts, made.user.id, token, path, HERE)
    await administrators.offer(bureau.accounts.database, path)
    assert not path.exists()


async def test_the_command_makes_an_administrator_with_or_without_an_account(bureau: Bureau) -> None:
    database, hasher = bureau.accounts.database, bureau.accounts.passwords
    with pytest.raises(Conflict):
        await administrators.create(database, hasher, "jo@example.org", None)
    with pytest.raises(WeakPassword):
        await administrators.create(database, hasher, "jo@example.org", "password1")
    assert await administrators.create(database, hasher, "jo@example.org", PASSWORD)
    logged_in = await log_in(bureau.accounts, Attempt("jo@example.org", PASSWORD, None), None, HERE)
    assert (logged_in.user.role, logged_in.user.verified_at is not None) == ("admin", True)
    await bureau.newcomer("ann@example.org")
    assert not await administrators.create(database, hasher, "ANN@example.org", None)
    assert {row["role"] for row in await bureau.ask("SELECT role FROM users")} == {"admin"}


async def test_in_production_power_needs_a_second_factor(bureau: Bureau) -> None:
    await bureau.newcomer()
    await bureau.ask("UPDATE users SET role = 'admin'")
    right = Attempt("jo@example.org", PASSWORD, None)
    assert not (await log_in(bureau.accounts, right, None, HERE)).principal.is_admin
    await bureau.ask("UPDATE credentials SET totp_since = now()")
    async with bureau.accounts.database.connection() as conn:
        user = await find_user_by_email(conn, "jo@example.org")
        assert user is not None
        assert (await bureau.accounts.principal_of(conn, user, user.id)).is_admin
