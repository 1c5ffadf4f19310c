"""What rooms above do in the same transaction when something happens to an account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uuid import UUID

    from server.kit.db import Connection


@dataclass(frozen=True, slots=True)
class Registered:
    """Somebody has an account from now on."""

    user_id: UUID
    email: str
    name: str
    at_s: float
    """Unix seconds."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A guest signed in to an account that was there: what they made moves over."""

    guest_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class Deleted:
    """An account ends. What the law wants kept stays under the bare id."""

    user_id: UUID
    email: str


@dataclass(frozen=True, slots=True)
class Exported:
    """Somebody asks for everything that is kept of them."""

    user_id: UUID


OnRegistered = Callable[["Connection", Registered], Awaitable[None]]
OnClaimed = Callable[["Connection", Claimed], Awaitable[None]]
OnDeleted = Callable[["Connection", Deleted], Awaitable[None]]
OnExported = Callable[["Connection", Exported], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Hooks:
    """Called in order before the commit; one that fails takes everything back."""

    on_registered: tuple[OnRegistered, ...] = field(default=())
    on_guest_claimed: tuple[OnClaimed, ...] = field(default=())
    on_deleted: tuple[OnDeleted, ...] = field(default=())
    on_exported: tuple[OnExported, ...] = field(default=())
