"""Who looks after a server: the first one by a token that it printed, or by its command line."""

from __future__ import annotations

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

FILE: Final = "admin.token"
COMMAND: Final = Origin.system("the command line")


async def offer(database: Database, folder: Path) -> str | None:
    """A token for whoever reads what the server prints; None if it was printed, or is not needed."""
    path = folder / FILE
    if path.exists():
        return None
    async with database.connection() as conn:
        if await store.has_admin(conn):
            return None
    token = secrets.token_urlsafe(24)
    try:
        path.touch(mode=0o600, exist_ok=False)  # of several processes one prints it
    except FileExistsError:
        return None
    path.write_text(token)
    return token


async def claim(accounts: Accounts, user_id: UUID, token: str, folder: Path, origin: Origin) -> None:
    """Whoever has the token is the first administrator; it is good once."""
    await accounts.count(limits.PROOF_USER, str(user_id))
    path = folder / FILE
    kept = path.read_text() if path.exists() else ""
    if not kept or not hmac.compare_digest(kept.encode(), token.encode()):
        raise BadToken(field="token")
    async with accounts.database.transaction() as conn:
        if await store.has_admin(conn):
            raise Conflict("There is an administrator already.")
        await store.set_role(conn, user_id, "admin")
        await audit.record(conn, "admin.claimed", "admin", origin, principal_id=user_id, severity="alert")
    path.unlink(missing_ok=True)


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
