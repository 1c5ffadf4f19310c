"""Who is asking: what every request, connection and row refers to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from uuid import UUID

Kind = Literal["guest", "user"]

ADMIN_SCOPE = "admin"


@dataclass(frozen=True, slots=True)
class Principal:
    """A guest or a user, as an authenticated request knows them."""

    id: UUID
    kind: Kind
    plan: str
    """`guest`, `free` or the name of a paid plan."""
    auth_until: float
    """Unix seconds at which this authority ends."""
    zone: str = "UTC"
    """IANA zone in which this person's day begins."""
    scopes: frozenset[str] = frozenset()
    proof: UUID | None = None
    """The login or API key that proves who it is; with it this authority ends."""
    limited_to: frozenset[str] | None = None
    """Of an API key: the kinds of routes that it may call. None: whatever this person may."""

    @property
    def is_admin(self) -> bool:
        return ADMIN_SCOPE in self.scopes

    def may(self, scope: str | None) -> bool:
        """Whether it may call routes of that kind; those of kind None take no API key."""
        return self.limited_to is None or scope in self.limited_to

    def limited(self, scopes: frozenset[str], auth_until: float) -> Principal:
        """The same person through an API key."""
        return replace(self, limited_to=scopes, scopes=self.scopes & scopes, auth_until=auth_until)
