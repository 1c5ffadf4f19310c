"""What people type about themselves, and what they are shown of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, StringConstraints

from server.accounts.passwords import LEAST_LENGTH, MOST_LENGTH
from server.kit.api import NO_NUL, Model
from server.providers.addresses import ADDRESS_PATTERN

if TYPE_CHECKING:
    from server.accounts.store import UserRow
    from server.kit.principal import Principal


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError("there is no such time zone; one is Europe/Berlin") from None
    return value


Email = Annotated[str, StringConstraints(max_length=254, pattern=ADDRESS_PATTERN)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=MOST_LENGTH, pattern=NO_NUL)]
NewPassword = Annotated[
    str, StringConstraints(min_length=LEAST_LENGTH, max_length=MOST_LENGTH, pattern=NO_NUL)
]
Name = Annotated[str, StringConstraints(max_length=80, pattern=NO_NUL, strip_whitespace=True)]
Text = Annotated[str, StringConstraints(max_length=1000, pattern=NO_NUL)]
Website = Annotated[str, StringConstraints(max_length=200, pattern=r"^(https?://[^\s\x00]+)?$")]
Country = Annotated[str, StringConstraints(pattern=r"^([A-Z]{2})?$")]
Language = Annotated[str, StringConstraints(pattern=r"^([a-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$", max_length=35)]
Zone = Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9_+\-/]+$"), AfterValidator(_zone)]
Code = Annotated[str, StringConstraints(max_length=32, pattern=NO_NUL)]
Link = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]


class NewAccount(Model):
    """What it takes to have an account."""

    email: Email
    password: NewPassword
    name: Name = ""
    zone: Zone = "UTC"


class LoginForm(Model):
    """What it takes to log in."""

    email: Email
    password: Password
    code: Code | None = None


class PasswordGrant(Model):
    """The same as a form, as OAuth's password grant and the API page send it (RFC 6749 §4.3.2)."""

    username: Email
    password: Password
    grant_type: Literal["password", ""] = "password"
    scope: str = ""
    client_id: str | None = None
    client_secret: str | None = None


class ProfileForm(Model):
    """Everything that a person says of themselves."""

    name: Name
    zone: Zone
    artist_name: Name = ""
    bio: Text = ""
    website: Website = ""
    country: Country = ""
    language: Language = ""


class Me(Model):
    """Who the caller is."""

    user_id: str
    kind: Literal["guest", "user"]
    plan: str
    role: str
    email: str | None
    is_verified: bool
    has_second_factor: bool
    name: str
    zone: str
    artist_name: str
    bio: str
    website: str
    country: str
    language: str
    created_at: float | None
    """Unix seconds."""


def guest_shown(principal: Principal) -> Me:
    """A guest has nothing to show."""
    return Me(
        user_id=str(principal.id),
        kind="guest",
        plan=principal.plan,
        role="guest",
        email=None,
        is_verified=False,
        has_second_factor=False,
        name="",
        zone=principal.zone,
        artist_name="",
        bio="",
        website="",
        country="",
        language="",
        created_at=None,
    )


def user_shown(user: UserRow, plan: str) -> Me:
    """A person with an account, to themselves."""
    return Me(
        user_id=str(user.id),
        kind="user",
        plan=plan,
        role=user.role,
        email=user.email,
        is_verified=user.verified_at is not None,
        has_second_factor=user.totp_since is not None,
        name=user.name,
        zone=user.zone,
        artist_name=user.artist_name,
        bio=user.bio,
        website=user.website,
        country=user.country,
        language=user.language,
        created_at=user.created_at.timestamp(),
    )
