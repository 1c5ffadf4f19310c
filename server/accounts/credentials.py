"""How a guest is known again: a signed cookie for the page, a bearer token for programs."""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import jwt

from server.kit.principal import Principal
from server.kit.security import sign, verify

if TYPE_CHECKING:
    from uuid import UUID

    from server.kit.clock import Clock

AUTHORITY_S: Final = 12 * 3600.0
"""How long one authentication holds."""
BEARER_S: Final = 30 * 86_400.0
COOKIE_PURPOSE: Final = "guest"
AUDIENCE: Final = "soundwell"
ALGORITHM: Final = "HS256"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Makes and reads what proves who a guest is."""

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
        """A token that a program sends as `Authorization: Bearer …`."""
        now = int(self.clock.now())
        claims = {"sub": str(guest_id), "aud": AUDIENCE, "iat": now, "exp": now + int(BEARER_S)}
        return jwt.encode(claims, self._bearer_key, ALGORITHM)

    def guest_of_bearer(self, token: str) -> Principal | None:
        """The guest of a token that we made and that has not expired."""
        try:
            claims = jwt.decode(
                token,
                self._bearer_key,
                [ALGORITHM],
                audience=AUDIENCE,
                options={"require": ["sub", "exp"], "verify_exp": False, "verify_iat": False},
            )
            guest_id, expires = uuid.UUID(claims["sub"]), float(claims["exp"])
        except (jwt.PyJWTError, ValueError, TypeError):
            return None
        now = self.clock.now()
        return self._guest(guest_id, min(expires, now + AUTHORITY_S)) if now < expires else None

    @property
    def _bearer_key(self) -> bytes:
        return hmac.digest(self.secret, b"bearer", "sha256")

    @staticmethod
    def _guest(guest_id: UUID, auth_until: float) -> Principal:
        return Principal(id=guest_id, kind="guest", plan="guest", auth_until=auth_until)
