"""The SQL of who there is: principals, users, profiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from uuid import UUID

    from server.kit.db import Connection
    from server.kit.principal import Principal

PROFILE: Final = ("artist_name", "bio", "website", "country", "language")
"""Columns of `profiles` that a person edits."""

_USER: Final = """
SELECT users.id, email, name, role, verified_at, suspended_at, users.created_at, zone,
       artist_name, bio, website, country, language, totp_since
FROM users JOIN principals USING (id)
JOIN profiles ON profiles.user_id = users.id
JOIN credentials ON credentials.user_id = users.id
"""


@dataclass(frozen=True, slots=True)
class UserRow:
    """A person with an account, and their profile."""

    id: UUID
    email: str
    name: str
    role: str
    verified_at: dt.datetime | None
    suspended_at: dt.datetime | None
    created_at: dt.datetime
    zone: str
    """IANA zone in which their day begins."""
    artist_name: str
    bio: str
    website: str
    country: str
    language: str
    totp_since: dt.datetime | None
    """Since when a second factor is asked for."""


async def insert_principal(conn: Connection, principal: Principal) -> bool:
    """Keep a principal; whether this was the first time."""
    inserted = await conn.fetchval(
        """INSERT INTO principals (id, kind, zone) VALUES ($1, $2, $3)
           ON CONFLICT (id) DO NOTHING RETURNING true""",
        principal.id,
        principal.kind,
        principal.zone,
    )
    return inserted is True


async def kind_of(conn: Connection, principal: UUID) -> str | None:
    """`guest`, `user`, or None of whom nothing is kept."""
    kind: str | None = await conn.fetchval("SELECT kind FROM principals WHERE id = $1", principal)
    return kind


async def make_user(conn: Connection, user: UUID, email: str, key: str, name: str, zone: str) -> bool:
    """An account for a new principal or for the guest of that id; False where the address has one."""
    await conn.execute(
        """INSERT INTO principals (id, kind, zone) VALUES ($1, 'user', $2)
           ON CONFLICT (id) DO UPDATE SET kind = 'user', zone = excluded.zone""",
        user,
        zone,
    )
    made = await conn.fetchval(
        """INSERT INTO users (id, email, email_key, name) VALUES ($1, $2, $3, $4)
           ON CONFLICT (email_key) DO NOTHING RETURNING true""",
        user,
        email,
        key,
        name,
    )
    if made is True:
        await conn.execute("INSERT INTO profiles (user_id) VALUES ($1)", user)
    return made is True


async def find_user(conn: Connection, user: UUID) -> UserRow | None:
    row = await conn.fetchrow(f"{_USER} WHERE users.id = $1", user)
    return None if row is None else UserRow(**row)


async def find_user_by_email(conn: Connection, key: str) -> UserRow | None:
    row = await conn.fetchrow(f"{_USER} WHERE email_key = $1", key)
    return None if row is None else UserRow(**row)


async def update_profile(conn: Connection, user: UUID, name: str, zone: str, more: Mapping[str, str]) -> None:
    """Set all that a person says of themselves; `more` has the columns of `PROFILE`."""
    await conn.execute("UPDATE users SET name = $2 WHERE id = $1", user, name)
    await conn.execute("UPDATE principals SET zone = $2 WHERE id = $1", user, zone)
    await conn.execute(
        """UPDATE profiles SET artist_name = $2, bio = $3, website = $4, country = $5, language = $6,
               updated_at = now() WHERE user_id = $1""",
        user,
        *(more[column] for column in PROFILE),
    )


async def set_verified(conn: Connection, user: UUID, email: str) -> bool:
    """The address belongs to them; False if it has changed since, or was confirmed before."""
    done = await conn.fetchval(
        """UPDATE users SET verified_at = now() WHERE id = $1 AND email = $2 AND verified_at IS NULL
           RETURNING true""",
        user,
        email,
    )
    return done is True


async def set_role(conn: Connection, user: UUID, role: str) -> None:
    await conn.execute("UPDATE users SET role = $2 WHERE id = $1", user, role)


async def has_admin(conn: Connection) -> bool:
    found: bool = await conn.fetchval("SELECT EXISTS (SELECT FROM users WHERE role = 'admin')")
    return found


async def delete_user(conn: Connection, user: UUID) -> None:
    """Everything that says who they were; the bare id stays."""
    await conn.execute("DELETE FROM users WHERE id = $1", user)
    await conn.execute("UPDATE principals SET zone = 'UTC' WHERE id = $1", user)
    await conn.execute("DELETE FROM event_heads WHERE principal_id = $1", user)
