from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from server.accounts import privacy
from server.accounts.errors import WrongCredentials
from server.accounts.hooks import Deleted, Exported, Hooks
from server.accounts.logins import Attempt, log_in
from tests.server.accounts.bureau import HERE, PASSWORD

if TYPE_CHECKING:
    from server.kit.db import Connection
    from tests.server.accounts.bureau import Bureau


async def test_everything_can_be_taken_along(bureau: Bureau) -> None:
    made = await bureau.newcomer()

    async def export(_: Connection, event: Exported) -> dict[str, Any]:
        return {"songs": [str(event.user_id)]}

    accounts = dataclasses.replace(bureau.accounts, hooks=Hooks(on_exported=(export,)))
    found = await privacy.export(accounts, made.user.id, HERE)
    assert found["account"]["email"] == "jo@example.org"
    assert found["logins"][0]["address"] == HERE.address
    assert [line["action"] for line in found["audit"]] == ["auth.logged_in", "account.registered"]
    assert found["songs"] == [str(made.user.id)]
    assert "argon2" not in str(found)


async def test_who_goes_leaves_a_bare_id(bureau: Bureau) -> None:
    made = await bureau.newcomer()
    gone: list[Deleted] = []

    async def delete(_: Connection, event: Deleted) -> None:
        gone.append(event)

    accounts = dataclasses.replace(bureau.accounts, hooks=Hooks(on_deleted=(delete,)))
    with pytest.raises(WrongCredentials):
        await privacy.delete(accounts, made.user.id, "something else", HERE)
    assert gone == []
    await privacy.delete(accounts, made.user.id, PASSWORD, HERE)
    assert gone == [Deleted(made.user.id, "jo@example.org")]
    assert bureau.ended == [made.login, made.user.id]
    for table in ("users", "profiles", "credentials", "login_sessions", "email_tokens", "events"):
        assert await bureau.ask(f"SELECT FROM {table}") == [], table
    assert [dict(row) for row in await bureau.ask("SELECT id, zone FROM principals")] == [
        {"id": made.user.id, "zone": "UTC"}
    ]
    with pytest.raises(WrongCredentials):
        await log_in(bureau.accounts, Attempt("jo@example.org", PASSWORD, None), None, HERE)
    assert (await bureau.newcomer()).user.id != made.user.id
