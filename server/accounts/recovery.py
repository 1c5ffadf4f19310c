"""Another password: by the old one, or by a link to the address of the account.

Asking for a link answers the same whether or not there is an account: what differs is done by the worker.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from server.accounts import letters, limits, login_store, passwords, store
from server.accounts.credentials import digest, new_link
from server.accounts.errors import BadToken
from server.accounts.service import user_of
from server.accounts.two_factor import prove
from server.kit import audit
from server.kit.audit import Origin
from server.kit.jobs import Job, enqueue

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.accounts.service import Accounts
    from server.kit.db import Connection
    from server.kit.jobs import Work

RESET_FOR: Final = dt.timedelta(hours=1)
RESET_JOB: Final = "send reset link"


async def change_password(
    accounts: Accounts, user_id: UUID, proof: UUID | None, old: str, new: str, origin: Origin
) -> None:
    """All other logins end; this one goes on."""
    await prove(accounts, user_id, old)
    new_hash = await accounts.passwords.hash(new)
    async with accounts.database.transaction() as conn:
        user = await user_of(conn, user_id)
        passwords.check(new, user.email)
        ended = await _set(conn, accounts, user, new_hash, origin, but=proof)
    await accounts.end(ended)


async def request_reset(accounts: Accounts, email_key: str, origin: Origin) -> None:
    """The same for every address: whether it has an account shows only in its mailbox."""
    await accounts.count_address(limits.RESET_ADDRESS, origin.address)
    await accounts.count(limits.RESET_ACCOUNT, email_key)
    async with accounts.database.transaction() as conn:
        await enqueue(
            conn,
            RESET_JOB,
            {"email_key": email_key, "page_url": accounts.page_url, "address": origin.address},
        )


async def send_reset(work: Work, payload: Mapping[str, Any]) -> None:
    """The link, if somebody has that address."""
    async with work.db.transaction() as conn:
        user = await store.find_user_by_email(conn, payload["email_key"])
        if user is None or user.suspended_at is not None:
            return
        link = new_link()
        until = dt.datetime.fromtimestamp(work.clock.now(), dt.UTC) + RESET_FOR
        await login_store.insert_email_token(conn, digest(link), user.id, "reset", user.email, until)
        origin = Origin(payload["address"], "", RESET_JOB)
        await audit.record(conn, "auth.reset_requested", "auth", origin, principal_id=user.id)
        await letters.reset(conn, user.email, user.id, payload["page_url"], link)


JOBS: Final = (Job(RESET_JOB, send_reset),)


async def reset_password(accounts: Accounts, link: str, new: str, origin: Origin) -> None:
    """By the link of the mail, once: every login ends, for the old password may be known."""
    async with accounts.database.connection() as conn:
        if not await login_store.is_email_token(conn, digest(link), "reset", accounts.now()):
            raise BadToken(field="token")  # before anything that costs: anybody may come with any link
    new_hash = await accounts.passwords.hash(new)
    async with accounts.database.transaction() as conn:
        found = await login_store.use_email_token(conn, digest(link), "reset", accounts.now())
        if found is None:
            raise BadToken(field="token")
        user = await user_of(conn, found[0])
        passwords.check(new, user.email)
        ended = await _set(conn, accounts, user, new_hash, origin, but=None)
        if user.verified_at is None:  # the link came to that address
            await store.set_verified(conn, user.id, found[1])
    await accounts.end(ended)


async def _set(
    conn: Connection,
    accounts: Accounts,
    user: store.UserRow,
    new_hash: str,
    origin: Origin,
    *,
    but: UUID | None,
) -> list[UUID]:
    """The new password; returns the logins that ended."""
    await login_store.set_password(conn, user.id, new_hash)
    ended = await login_store.revoke_logins(conn, user.id, "password changed", but=but)
    await audit.record(
        conn,
        "auth.password_changed",
        "security",
        origin,
        principal_id=user.id,
        severity="notice",
        ended=len(ended),
    )
    await letters.password_changed(conn, user.email, user.id, accounts.page_url)
    return ended
