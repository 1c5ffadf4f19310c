"""The SQL of proving who one is: passwords, second factors, logins, links in mails."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from server.kit.audit import Origin
    from server.kit.db import Connection


@dataclass(frozen=True, slots=True)
class CredentialRow:
    """What a person proves themselves with."""

    user_id: UUID
    password_hash: str
    totp_secret: str | None
    totp_since: dt.datetime | None
    """None: a secret that lies there was never confirmed."""
    totp_step: int
    """Codes of this step and older ones were used."""


@dataclass(frozen=True, slots=True)
class LoginRow:
    """A login, and which of its refresh tokens is the newest."""

    id: UUID
    user_id: UUID
    generation: int
    rotated_at: dt.datetime
    created_at: dt.datetime
    expires_at: dt.datetime
    address: str
    agent: str
    revoked_at: dt.datetime | None


_LOGINS: Final = """
SELECT id, user_id, generation, rotated_at, created_at, expires_at, address, agent, revoked_at
FROM login_sessions
"""


async def insert_credentials(conn: Connection, user: UUID, password_hash: str) -> None:
    await conn.execute(
        "INSERT INTO credentials (user_id, password_hash) VALUES ($1, $2)", user, password_hash
    )


async def find_credentials(conn: Connection, email_key: str) -> CredentialRow | None:
    """By address, as somebody gives it who wants to log in."""
    row = await conn.fetchrow(
        """SELECT user_id, password_hash, totp_secret, totp_since, totp_step
           FROM credentials JOIN users ON users.id = user_id WHERE email_key = $1""",
        email_key,
    )
    return None if row is None else CredentialRow(**row)


async def credentials_of(conn: Connection, user: UUID) -> CredentialRow:
    """Of a person who is logged in; locked until the transaction ends, for they are about to change."""
    row = await conn.fetchrow(
        """SELECT user_id, password_hash, totp_secret, totp_since, totp_step
           FROM credentials WHERE user_id = $1 FOR UPDATE""",
        user,
    )
    assert row is not None
    return CredentialRow(**row)


async def set_password(conn: Connection, user: UUID, password_hash: str) -> None:
    await conn.execute(
        "UPDATE credentials SET password_hash = $2, changed_at = now() WHERE user_id = $1",
        user,
        password_hash,
    )


async def set_totp(conn: Connection, user: UUID, secret: str | None) -> None:
    """A secret that is still to be confirmed; None: no second factor any more."""
    await conn.execute(
        "UPDATE credentials SET totp_secret = $2, totp_since = NULL, totp_step = 0 WHERE user_id = $1",
        user,
        secret,
    )
    await conn.execute("DELETE FROM recovery_codes WHERE user_id = $1", user)


async def confirm_totp(conn: Connection, user: UUID, codes: Iterable[bytes]) -> None:
    """From now on it is asked for; hashes of the recovery codes replace earlier ones."""
    await conn.execute("UPDATE credentials SET totp_since = now() WHERE user_id = $1", user)
    await conn.execute("DELETE FROM recovery_codes WHERE user_id = $1", user)
    await conn.executemany(
        "INSERT INTO recovery_codes (user_id, hash) VALUES ($1, $2)", [(user, code) for code in codes]
    )


async def use_totp_step(conn: Connection, user: UUID, step: int) -> bool:
    """Take the code of a step; False if it, or a later one, was taken."""
    taken = await conn.fetchval(
        "UPDATE credentials SET totp_step = $2 WHERE user_id = $1 AND totp_step < $2 RETURNING true",
        user,
        step,
    )
    return taken is True


async def use_recovery_code(conn: Connection, user: UUID, code: bytes) -> bool:
    """Take a recovery code; False if there is no such, or it was used."""
    taken = await conn.fetchval(
        """UPDATE recovery_codes SET used_at = now()
           WHERE user_id = $1 AND hash = $2 AND used_at IS NULL RETURNING true""",
        user,
        code,
    )
    return taken is True


async def insert_login(
    conn: Connection, login: UUID, user: UUID, now: dt.datetime, until: dt.datetime, origin: Origin
) -> None:
    await conn.execute(
        """INSERT INTO login_sessions (id, user_id, rotated_at, created_at, expires_at, address, agent)
           VALUES ($1, $2, $3, $3, $4, $5, $6)""",
        login,
        user,
        now,
        until,
        origin.address,
        origin.agent,
    )


async def lock_login(conn: Connection, login: UUID) -> LoginRow | None:
    row = await conn.fetchrow(f"{_LOGINS} WHERE id = $1 FOR UPDATE", login)
    return None if row is None else LoginRow(**row)


async def rotate_login(
    conn: Connection, login: UUID, now: dt.datetime, until: dt.datetime, origin: Origin
) -> None:
    """The next generation is the newest; where it was asked from is where this person is."""
    await conn.execute(
        """UPDATE login_sessions
           SET generation = generation + 1, rotated_at = $2, expires_at = $3, address = $4, agent = $5
           WHERE id = $1""",
        login,
        now,
        until,
        origin.address,
        origin.agent,
    )


async def list_logins(conn: Connection, user: UUID, now: dt.datetime) -> list[LoginRow]:
    """Those that are still good, the one that was used last first."""
    rows = await conn.fetch(
        f"{_LOGINS} WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY rotated_at DESC",
        user,
        now,
    )
    return [LoginRow(**row) for row in rows]


async def revoke_login(conn: Connection, user: UUID, login: UUID, why: str) -> bool:
    """End one login of this person; False if it is none of theirs, or ended before."""
    ended = await conn.fetchval(
        """UPDATE login_sessions SET revoked_at = now(), revoked_why = $3
           WHERE user_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING true""",
        user,
        login,
        why,
    )
    return ended is True


async def revoke_logins(conn: Connection, user: UUID, why: str, *, but: UUID | None = None) -> list[UUID]:
    """End all of a person's logins, but one perhaps; which they were."""
    rows = await conn.fetch(
        """UPDATE login_sessions SET revoked_at = now(), revoked_why = $2
           WHERE user_id = $1 AND revoked_at IS NULL AND id IS DISTINCT FROM $3 RETURNING id""",
        user,
        why,
        but,
    )
    return [row["id"] for row in rows]


async def insert_email_token(
    conn: Connection, token_hash: bytes, user: UUID, purpose: str, email: str, until: dt.datetime
) -> None:
    """A link for a mail; earlier ones of the same purpose are good for nothing any more."""
    await conn.execute("DELETE FROM email_tokens WHERE user_id = $1 AND purpose = $2", user, purpose)
    await conn.execute(
        "INSERT INTO email_tokens (hash, user_id, purpose, email, expires_at) VALUES ($1, $2, $3, $4, $5)",
        token_hash,
        user,
        purpose,
        email,
        until,
    )


async def is_email_token(conn: Connection, token_hash: bytes, purpose: str, now: dt.datetime) -> bool:
    """Whether such a link is good, at this moment."""
    found: bool = await conn.fetchval(
        """SELECT EXISTS (SELECT FROM email_tokens
           WHERE hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3)""",
        token_hash,
        purpose,
        now,
    )
    return found


async def use_email_token(
    conn: Connection, token_hash: bytes, purpose: str, now: dt.datetime
) -> tuple[UUID, str] | None:
    """Take a link: whose it is, and the address that it went to; None if it is not good, or was used."""
    row = await conn.fetchrow(
        """UPDATE email_tokens SET used_at = $3
           WHERE hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3
           RETURNING user_id, email""",
        token_hash,
        purpose,
        now,
    )
    return None if row is None else (row["user_id"], row["email"])


async def trim(conn: Connection, now: dt.datetime) -> int:
    """Drop links and logins that have been of no use for a month."""
    month_ago = now - dt.timedelta(days=30)
    tags = (
        await conn.execute("DELETE FROM email_tokens WHERE expires_at < $1", month_ago),
        await conn.execute(
            "DELETE FROM login_sessions WHERE least(coalesce(revoked_at, expires_at), expires_at) < $1",
            month_ago,
        ),
    )
    return sum(int(tag.split()[-1]) for tag in tags)
