"""Who is asking: what every request, connection and row refers to."""

from __future__ import annotations

from dataclasses import dataclass
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

    @property
    def is_admin(self) -> bool:
        return ADMIN_SCOPE in self.scopes
