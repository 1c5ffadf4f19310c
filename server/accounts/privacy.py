"""Taking everything along, and going."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.accounts import key_store, letters, login_store, store
from server.accounts.hooks import Deleted, Exported
from server.accounts.service import user_of
from server.accounts.two_factor import prove
from server.kit import audit

if TYPE_CHECKING:
    from uuid import UUID

    from server.accounts.service import Accounts
    from server.kit.audit import Origin


async def export(accounts: Accounts, user_id: UUID, origin: Origin) -> dict[str, Any]:
    """Everything that is kept of a person, by topic, as JSON can hold it."""
    async with accounts.database.transaction() as conn:
        user = await user_of(conn, user_id)
        logins = await login_store.list_logins(conn, user_id, accounts.now())
        keys = await key_store.list_keys(conn, user_id)
        trail = await audit.find(conn, audit.Search(principal_id=user_id), limit=10_000)
        found: dict[str, Any] = {
            "account": {
                "id": str(user.id),
                "email": user.email,
                "name": user.name,
                "zone": user.zone,
                "created_at": user.created_at.isoformat(),
                "verified_at": user.verified_at and user.verified_at.isoformat(),
                "profile": {column: getattr(user, column) for column in store.PROFILE},
            },
            "logins": [
                {"since": one.created_at.isoformat(), "address": one.address, "device": one.agent}
                for one in logins
            ],
            "api_keys": [
                {"name": one.name, "scopes": list(one.scopes), "since": one.created_at.isoformat()}
                for one in keys
            ],
            "audit": [
                {"at": one.at.isoformat(), "action": one.action, "address": one.address, **one.metadata}
                for one in trail
            ],
        }
        for hook in accounts.hooks.on_exported:
            found.update(await hook(conn, Exported(user_id)))
        await audit.record(conn, "account.exported", "account", origin, principal_id=user_id)
    return found


async def delete(accounts: Accounts, user_id: UUID, password: str, origin: Origin) -> None:
    """Everything but what the law asks to keep; that stays under a bare id."""
    await prove(accounts, user_id, password)
    async with accounts.database.transaction() as conn:
        user = await user_of(conn, user_id)
        for hook in accounts.hooks.on_deleted:
            await hook(conn, Deleted(user_id, user.email))
        await letters.farewell(conn, user.email, user_id)
        ended = await login_store.revoke_logins(conn, user_id, "account deleted")
        keys = [one.id for one in await key_store.list_keys(conn, user_id)]
        await audit.record(
            conn, "account.deleted", "account", origin, principal_id=user_id, severity="notice"
        )
        await store.delete_user(conn, user_id)
    await accounts.end([*ended, *keys, user_id])
