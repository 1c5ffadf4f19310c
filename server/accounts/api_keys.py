"""API keys: how a program acts for a person, as far as that person lets it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Final

from server.accounts import key_store, limits, store
from server.accounts.credentials import AUTHORITY_S, digest, new_key
from server.accounts.service import require_verified
from server.kit import audit
from server.kit.errors import LimitReached, NotFound
from server.kit.principal import ADMIN_SCOPE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from server.accounts.key_store import KeyRow
    from server.accounts.service import Accounts
    from server.kit.audit import Origin
    from server.kit.principal import Principal

MOST_KEYS: Final = 20
SCOPES: Final = ("listen", "account", "billing", "tokens", ADMIN_SCOPE)


async def make(
    accounts: Accounts,
    owner: Principal,
    name: str,
    scopes: Sequence[str],
    days: int | None,
    origin: Origin,
) -> tuple[str, KeyRow]:
    """A key, shown this once; `days` None: it does not end by itself."""
    await accounts.count(limits.KEYS_USER, str(owner.id))
    key, now = new_key(), accounts.now()
    expires = None if days is None else now + dt.timedelta(days=days)
    row = key_store.KeyRow(uuid.uuid4(), owner.id, name, sorted(set(scopes)), now, expires, None)
    async with accounts.database.transaction() as conn:
        await require_verified(conn, owner.id)
        if not await key_store.insert_key(conn, row, digest(key), MOST_KEYS):
            raise LimitReached(f"There can be {MOST_KEYS} keys. Delete one that is not used.")
        await audit.record(
            conn,
            "auth.key_made",
            "security",
            origin,
            principal_id=owner.id,
            severity="notice",
            key=str(row.id),
            scopes=list(row.scopes),
        )
    return key, row


async def list_keys(accounts: Accounts, owner: UUID) -> list[KeyRow]:
    async with accounts.database.connection() as conn:
        return await key_store.list_keys(conn, owner)


async def delete(accounts: Accounts, owner: UUID, key: UUID, origin: Origin) -> None:
    """It opens nothing any more, and what it opened closes."""
    async with accounts.database.transaction() as conn:
        if not await key_store.delete_key(conn, owner, key):
            raise NotFound("There is no such key.")
        await audit.record(conn, "auth.key_deleted", "security", origin, principal_id=owner, key=str(key))
    await accounts.end([key])


async def principal_of_key(accounts: Accounts, given: str) -> Principal | None:
    """Who a key stands for, and what it may do; None for one that is not good."""
    async with accounts.database.connection() as conn:
        row = await key_store.find_key(conn, digest(given), accounts.now())
        user = None if row is None else await store.find_user(conn, row.user_id)
        if row is None or user is None or user.suspended_at is not None:
            return None
        owner = await accounts.principal_of(conn, user, row.id)
    expires = AUTHORITY_S + accounts.clock.now() if row.expires_at is None else row.expires_at.timestamp()
    return owner.limited(frozenset(row.scopes), min(owner.auth_until, expires))
