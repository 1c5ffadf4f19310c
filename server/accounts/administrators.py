"""Who looks after a server: the first one by a token that it printed, or by its command line."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import secrets
import uuid
from typing import TYPE_CHECKING, Final

from server.accounts import limits, login_store, passwords, store
from server.accounts.errors import BadToken
from server.accounts.registration import email_key
from server.kit import audit
from server.kit.audit import Origin
from server.kit.errors import Conflict

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from server.accounts.passwords import Passwords
    from server.accounts.service import Accounts
    from server.kit.db import Database

COMMAND: Final = Origin.system("the command line")


async def offer(database: Database, path: Path) -> None:
    """Leave a token there while there is no administrator; whoever starts the server is told."""
    async with database.connection() as conn:
        is_needed = not await store.has_admin(conn)
    await asyncio.to_thread(_leave if is_needed else _take_away, path)


async def claim(accounts: Accounts, user_id: UUID, token: str, path: Path, origin: Origin) -> None:
    """Whoever has the token is the first administrator; it is good once."""
    await accounts.count(limits.PROOF_USER, str(user_id))
    kept = await asyncio.to_thread(_read, path)
    if not kept or not hmac.compare_digest(kept.encode(), token.encode()):
        raise BadToken(field="token")
    async with accounts.database.transaction() as conn:
        if await store.has_admin(conn):
            raise Conflict("There is an administrator already.")
        await store.set_role(conn, user_id, "admin")
        await audit.record(conn, "admin.claimed", "admin", origin, principal_id=user_id, severity="alert")
    await asyncio.to_thread(_take_away, path)


async def create(database: Database, hasher: Passwords, email: str, password: str | None) -> bool:
    """Make somebody an administrator; with a password, somebody who has no account. Whether one was made."""
    async with database.transaction() as conn:
        known = await store.find_user_by_email(conn, email_key(email))
        user_id = uuid.uuid4() if known is None else known.id
        if known is None:
            if password is None:
                raise Conflict(f"Nobody has registered with {email}.")
            passwords.check(password, email)
            await store.make_user(conn, user_id, email.strip(), email_key(email), "", "UTC")
            await login_store.insert_credentials(conn, user_id, await hasher.hash(password))
            await store.set_verified(conn, user_id, email.strip())
        await store.set_role(conn, user_id, "admin")
        await audit.record(conn, "admin.created", "admin", COMMAND, principal_id=user_id, severity="alert")
    return known is None


def _leave(path: Path) -> None:
    """A token of ours, unless another process was first."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(24))
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _take_away(path: Path) -> None:
    path.unlink(missing_ok=True)
