"""Logins: by password and second factor, going on with a refresh token, and their end.

Each refresh replaces the token. The one before stays good for 30 s and leads to the same successor, for two
tabs may ask at once; an older one can only be a copy, so its login ends (RFC 9700 §4.14.2).
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from server.accounts import letters, limits, login_store, store, two_factor
from server.accounts.errors import SecondFactorNeeded, SignedOut, WrongCredentials
from server.accounts.hooks import Claimed
from server.accounts.service import user_of
from server.kit import audit
from server.kit.errors import NotFound

if TYPE_CHECKING:
    from uuid import UUID

    from server.accounts.credentials import Refresh
    from server.accounts.login_store import CredentialRow, LoginRow
    from server.accounts.service import Accounts
    from server.accounts.store import UserRow
    from server.kit.audit import Origin
    from server.kit.db import Connection
    from server.kit.principal import Principal

LOGIN_FOR: Final = dt.timedelta(days=30)
"""Since it was last used."""
GRACE: Final = dt.timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody says who wants to log in."""

    email_key: str
    password: str
    code: str | None


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A login, and the newest generation of its refresh token."""

    user: UserRow
    principal: Principal
    login: UUID
    generation: int


async def log_in(accounts: Accounts, attempt: Attempt, guest: Principal | None, origin: Origin) -> LoggedIn:
    """Whoever is unknown waits as long as whoever errs, and leaves the same trace."""
    await accounts.count_address(limits.LOGIN_ADDRESS, origin.address)
    await accounts.count(limits.LOGIN_ACCOUNT, attempt.email_key)
    async with accounts.database.connection() as conn:
        kept = await login_store.find_credentials(conn, attempt.email_key)
    password_hash = None if kept is None else kept.password_hash
    if not await accounts.passwords.is_right(password_hash, attempt.password) or kept is None:
        await _note_failure(accounts, None if kept is None else kept.user_id, "password", origin)
        raise WrongCredentials
    if kept.totp_since is not None and not attempt.code:
        raise SecondFactorNeeded(field="code")
    better_hash = None
    if accounts.passwords.needs_rehash(kept.password_hash):
        better_hash = await accounts.passwords.hash(attempt.password)
    logged_in = await _admit(accounts, kept, attempt, guest, origin, better_hash)
    if logged_in is None:
        await _note_failure(accounts, kept.user_id, "code", origin)
        raise WrongCredentials
    return logged_in


async def _admit(
    accounts: Accounts,
    kept: CredentialRow,
    attempt: Attempt,
    guest: Principal | None,
    origin: Origin,
    better_hash: str | None,
) -> LoggedIn | None:
    """The password was right: the rest, in one transaction. None: the code is wrong."""
    async with accounts.database.transaction() as conn:
        user = await user_of(conn, kept.user_id)
        if kept.totp_since is not None:
            await accounts.count(limits.CODE_ACCOUNT, str(user.id))
            if not await two_factor.is_right(conn, kept, attempt.code or "", accounts.clock.now()):
                return None
        if better_hash is not None:
            await login_store.set_password(conn, user.id, better_hash)
        await _claim(conn, accounts, guest, user.id, origin)
        return await begin_login(conn, accounts, user, origin)


async def _claim(
    conn: Connection, accounts: Accounts, guest: Principal | None, user: UUID, origin: Origin
) -> None:
    """What this person made as a guest, before they said who they are, moves over."""
    if guest is None or await store.kind_of(conn, guest.id) != "guest":
        return
    for hook in accounts.hooks.on_guest_claimed:
        await hook(conn, Claimed(guest.id, user))
    await audit.record(
        conn, "account.guest_claimed", "account", origin, principal_id=user, guest=str(guest.id)
    )


async def begin_login(conn: Connection, accounts: Accounts, user: UserRow, origin: Origin) -> LoggedIn:
    """A new family of refresh tokens."""
    login, now = uuid.uuid4(), accounts.now()
    await login_store.insert_login(conn, login, user.id, now, now + LOGIN_FOR, origin)
    await audit.record(conn, "auth.logged_in", "auth", origin, principal_id=user.id, login=str(login))
    return LoggedIn(user, await accounts.principal_of(conn, user, login), login, 1)


async def refresh(accounts: Accounts, token: Refresh | None, origin: Origin) -> LoggedIn:
    """Go on with a login; raises `SignedOut` where it has ended, or ends here."""
    if token is None:
        raise SignedOut
    async with accounts.database.transaction() as conn:
        row = await login_store.lock_login(conn, token.login)
        if row is None or row.revoked_at is not None or row.expires_at <= accounts.now():
            raise SignedOut
        generation = await _next_generation(conn, accounts, row, token.generation, origin)
        if generation is not None:
            user = await user_of(conn, row.user_id)
            return LoggedIn(user, await accounts.principal_of(conn, user, row.id), row.id, generation)
        await _end_copied(conn, accounts, row, token.generation, origin)
    await accounts.end([token.login])
    raise SignedOut


async def _next_generation(
    conn: Connection, accounts: Accounts, row: LoginRow, given: int, origin: Origin
) -> int | None:
    """The generation to hand out; None for a token that was replaced too long ago."""
    now = accounts.now()
    if given == row.generation:
        await login_store.rotate_login(conn, row.id, now, now + LOGIN_FOR, origin)
        return given + 1
    is_neighbour = given == row.generation - 1 and now - row.rotated_at <= GRACE
    return row.generation if is_neighbour else None


async def _end_copied(
    conn: Connection, accounts: Accounts, row: LoginRow, given: int, origin: Origin
) -> None:
    await login_store.revoke_login(conn, row.user_id, row.id, "token used twice")
    await audit.record(
        conn,
        "auth.refresh_reused",
        "security",
        origin,
        principal_id=row.user_id,
        severity="alert",
        login=str(row.id),
        generation=given,
        newest=row.generation,
    )
    user = await store.find_user(conn, row.user_id)
    if user is not None:
        await letters.login_ended(conn, user.email, user.id, accounts.page_url)


async def log_out(accounts: Accounts, user: UUID, login: UUID, origin: Origin) -> None:
    """End this login; one that has ended stays so."""
    async with accounts.database.transaction() as conn:
        if await login_store.revoke_login(conn, user, login, "logged out"):
            await audit.record(conn, "auth.logged_out", "auth", origin, principal_id=user, login=str(login))
    await accounts.end([login])


async def log_out_by_cookie(accounts: Accounts, token: Refresh | None, origin: Origin) -> None:
    """The same for a page that has no access token any more."""
    if token is None:
        return
    async with accounts.database.transaction() as conn:
        row = await login_store.lock_login(conn, token.login)
    if row is not None:
        await log_out(accounts, row.user_id, row.id, origin)


async def list_logins(accounts: Accounts, user: UUID) -> list[LoginRow]:
    """Where somebody is logged in."""
    async with accounts.database.connection() as conn:
        return await login_store.list_logins(conn, user, accounts.now())


async def revoke(accounts: Accounts, user: UUID, login: UUID, origin: Origin) -> None:
    """End one of them, from another."""
    async with accounts.database.transaction() as conn:
        if not await login_store.revoke_login(conn, user, login, "ended by its owner"):
            raise NotFound("There is no such login.")
        await audit.record(conn, "auth.login_revoked", "auth", origin, principal_id=user, login=str(login))
    await accounts.end([login])


async def revoke_others(accounts: Accounts, user: UUID, but: UUID | None, origin: Origin) -> int:
    """End all but this one; how many."""
    async with accounts.database.transaction() as conn:
        ended = await login_store.revoke_logins(conn, user, "ended by its owner", but=but)
        await audit.record(conn, "auth.logins_revoked", "auth", origin, principal_id=user, count=len(ended))
    await accounts.end(ended)
    return len(ended)


async def _note_failure(accounts: Accounts, user: UUID | None, what: str, origin: Origin) -> None:
    async with accounts.database.transaction() as conn:
        await audit.record(
            conn, "auth.login_failed", "auth", origin, principal_id=user, severity="notice", wrong=what
        )
