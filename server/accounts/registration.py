"""Becoming somebody: registering, as a new person or as the guest one was, and confirming the address."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from server.accounts import letters, limits, login_store, passwords, store
from server.accounts.credentials import digest, new_link
from server.accounts.errors import BadToken, EmailTaken
from server.accounts.hooks import Registered
from server.accounts.logins import LoggedIn, begin_login
from server.accounts.service import user_of
from server.kit import audit, events

if TYPE_CHECKING:
    from uuid import UUID

    from server.accounts.service import Accounts
    from server.kit.audit import Origin
    from server.kit.db import Connection
    from server.kit.principal import Principal

VERIFY_FOR: Final = dt.timedelta(days=2)
TOPIC: Final = "account"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What somebody says who wants an account."""

    email: str
    password: str
    name: str
    zone: str


def email_key(email: str) -> str:
    """By which an address is found: people write capitals and blanks as it comes."""
    return email.strip().casefold()


async def register(
    accounts: Accounts, newcomer: Newcomer, guest: Principal | None, origin: Origin
) -> LoggedIn:
    """An account, logged in. A guest keeps the id, and with it everything that is theirs."""
    await accounts.count_address(limits.REGISTER_ADDRESS, origin.address)
    await accounts.count(limits.REGISTER_ALL, "")
    passwords.check(newcomer.password, newcomer.email)
    password_hash = await accounts.passwords.hash(newcomer.password)
    made = await _make(accounts, newcomer, password_hash, guest, origin)
    if made is None:
        raise EmailTaken(field="email")
    await events.notify(accounts.bus, made.user.id)
    return made


async def _make(
    accounts: Accounts, newcomer: Newcomer, password_hash: str, guest: Principal | None, origin: Origin
) -> LoggedIn | None:
    """All of it in one transaction; None where the address has an account, whose owner is told."""
    email = newcomer.email.strip()
    async with accounts.database.transaction() as conn:
        taken_by = await store.find_user_by_email(conn, email_key(email))
        if taken_by is not None:
            await audit.record(
                conn,
                "account.register_refused",
                "account",
                origin,
                principal_id=taken_by.id,
                severity="notice",
            )
            await letters.taken(conn, taken_by.email, taken_by.id, accounts.page_url)
            return None
        user_id = uuid.uuid4() if guest is None else guest.id
        is_made = await store.make_user(conn, user_id, email, email_key(email), newcomer.name, newcomer.zone)
        if not is_made:  # somebody else was quicker, by milliseconds
            return None
        await login_store.insert_credentials(conn, user_id, password_hash)
        registered = Registered(user_id, email, newcomer.name, accounts.clock.now())
        for hook in accounts.hooks.on_registered:
            await hook(conn, registered)
        link = await _new_link(conn, accounts, user_id, email)
        await letters.welcome(conn, email, user_id, accounts.page_url, link)
        await audit.record(conn, "account.registered", "account", origin, principal_id=user_id)
        user = await user_of(conn, user_id)
        logged_in = await begin_login(conn, accounts, user, origin)
        await events.append(conn, user_id, TOPIC, "account.registered", {"email": email})
        return logged_in


async def verify(accounts: Accounts, link: str, origin: Origin) -> UUID:
    """The address of that link is theirs; raises `BadToken`."""
    async with accounts.database.transaction() as conn:
        found = await login_store.use_email_token(conn, digest(link), "verify", accounts.now())
        if found is None or not await store.set_verified(conn, *found):
            raise BadToken(field="token")
        user_id, email = found
        await audit.record(conn, "account.email_verified", "account", origin, principal_id=user_id)
        await events.append(conn, user_id, TOPIC, "account.verified", {"email": email})
    await events.notify(accounts.bus, user_id)
    return user_id


async def send_link_again(accounts: Accounts, user_id: UUID) -> None:
    """A new link to who has not confirmed yet; nothing to who has."""
    await accounts.count(limits.MAIL_USER, str(user_id))
    async with accounts.database.transaction() as conn:
        user = await user_of(conn, user_id)
        if user.verified_at is None:
            link = await _new_link(conn, accounts, user.id, user.email)
            await letters.confirm(conn, user.email, user.id, accounts.page_url, link)


async def _new_link(conn: Connection, accounts: Accounts, user: UUID, email: str) -> str:
    link = new_link()
    until = accounts.now() + VERIFY_FOR
    await login_store.insert_email_token(conn, digest(link), user, "verify", email, until)
    return link
