"""What proves who somebody is: a guest's cookie and bearer, access tokens, refresh tokens, API keys.

An access token says everything itself and lives for minutes. A refresh token is a login, a generation and our
signature, so the token that follows another is always the same one: whoever asks twice gets one answer.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import jwt

from server.kit.principal import ADMIN_SCOPE, Principal
from server.kit.security import sign, verify

if TYPE_CHECKING:
    from uuid import UUID

    from server.kit.clock import Clock

AUTHORITY_S: Final = 12 * 3600.0
"""How long one authentication holds on a socket."""
BEARER_S: Final = 30 * 86_400.0
ACCESS_S: Final = 15 * 60.0
COOKIE_PURPOSE: Final = "guest"
REFRESH_PURPOSE: Final = "refresh"
AUDIENCE: Final = "soundwell"
ACCESS_AUDIENCE: Final = "soundwell access"
ALGORITHM: Final = "HS256"
KEY_PREFIX: Final = "swk_"


@dataclass(frozen=True, slots=True)
class Refresh:
    """What a refresh token says."""

    login: UUID
    generation: int


@dataclass(frozen=True, slots=True)
class Credentials:
    """Makes and reads what proves who somebody is."""

    secret: bytes
    clock: Clock

    def cookie_of(self, guest_id: UUID) -> str:
        """The value of `sw_guest`."""
        return sign(guest_id.hex, COOKIE_PURPOSE, self.secret)

    def guest_of_cookie(self, value: str) -> Principal | None:
        """The guest of a cookie that we signed."""
        signed = verify(value, COOKIE_PURPOSE, self.secret)
        return None if signed is None else self._guest(uuid.UUID(hex=signed), self.clock.now() + AUTHORITY_S)

    def bearer_of(self, guest_id: UUID) -> str:
        """A token that a guest's program sends as `Authorization: Bearer …`."""
        return self._encode({"sub": str(guest_id)}, AUDIENCE, BEARER_S)

    def access_of(self, principal: Principal) -> str:
        """The same for a person with an account, for some minutes."""
        claims = {
            "sub": str(principal.id),
            "jti": str(principal.proof),
            "plan": principal.plan,
            "zone": principal.zone,
            "scopes": sorted(principal.scopes),
        }
        return self._encode(claims, ACCESS_AUDIENCE, ACCESS_S)

    def principal_of_bearer(self, token: str) -> Principal | None:
        """Who a token of ours, guest's or access, stands for, while it has not expired."""
        claims = self._decode(token)
        if claims is None:
            return None
        now = self.clock.now()
        until = min(float(claims["exp"]), now + AUTHORITY_S)
        if claims["aud"] == AUDIENCE:
            return self._guest(claims["sub"], until)
        return Principal(
            id=claims["sub"],
            kind="user",
            plan=claims["plan"],
            auth_until=until,
            zone=claims["zone"],
            scopes=frozenset(claims["scopes"]),
            proof=uuid.UUID(claims["jti"]),
        )

    def refresh_of(self, login: UUID, generation: int) -> str:
        """The value of `sw_refresh`."""
        return sign(f"{login.hex}.{generation}", REFRESH_PURPOSE, self.secret)

    def read_refresh(self, value: str) -> Refresh | None:
        """What we signed, or None."""
        signed = verify(value, REFRESH_PURPOSE, self.secret)
        if signed is None:
            return None
        login, _, generation = signed.partition(".")
        return Refresh(uuid.UUID(hex=login), int(generation))

    def _encode(self, claims: dict[str, Any], audience: str, lifetime_s: float) -> str:
        now = int(self.clock.now())
        timed = {**claims, "aud": audience, "iat": now, "exp": now + int(lifetime_s)}
        return jwt.encode(timed, self._bearer_key, ALGORITHM)

    def _decode(self, token: str) -> dict[str, Any] | None:
        options: Any = {"require": ["sub", "exp", "aud"], "verify_exp": False, "verify_iat": False}
        try:
            claims = jwt.decode(
                token, self._bearer_key, [ALGORITHM], audience=[AUDIENCE, ACCESS_AUDIENCE], options=options
            )
            claims["sub"] = uuid.UUID(claims["sub"])
            is_good = self.clock.now() < float(claims["exp"])
        except (jwt.PyJWTError, ValueError, TypeError):
            return None
        return claims if is_good else None

    @property
    def _bearer_key(self) -> bytes:
        return hmac.digest(self.secret, b"bearer", "sha256")

    @staticmethod
    def _guest(guest_id: UUID, auth_until: float) -> Principal:
        return Principal(id=guest_id, kind="guest", plan="guest", auth_until=auth_until)


def scopes_of(role: str) -> frozenset[str]:
    """What a role gives."""
    return frozenset({ADMIN_SCOPE}) if role == "admin" else frozenset()


def new_key() -> str:
    """An API key, to be shown once."""
    return KEY_PREFIX + secrets.token_urlsafe(32)


def new_link() -> str:
    """What a link in a mail carries."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is kept of a key, link or recovery code: they are long or rate-limited, so without salt."""
    return hashlib.sha256(secret.encode()).digest()
