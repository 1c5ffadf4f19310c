"""Decisions about accounts: whose request it is, who may connect, and when a guest becomes a row."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from server.accounts import store
from server.accounts.credentials import ACCESS_S, AUTHORITY_S, scopes_of
from server.accounts.errors import NotVerified, Suspended
from server.kit.errors import LimitReached, NotFound
from server.kit.limits import address_key, is_loopback
from server.kit.principal import Principal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from uuid import UUID

    from server.accounts.credentials import Credentials
    from server.accounts.hooks import Hooks
    from server.accounts.passwords import Passwords
    from server.kit.bus import Bus
    from server.kit.clock import Clock
    from server.kit.db import Connection, Database
    from server.kit.limits import Limits

    PlanOf = Callable[[Connection, UUID, float], Awaitable[str]]

HOUR_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Accounts:
    """What deciding about accounts takes."""

    database: Database
    bus: Bus
    clock: Clock
    limits: Limits
    credentials: Credentials
    passwords: Passwords
    hooks: Hooks
    plan_of: PlanOf
    """The plan of a user at a time (unix seconds)."""
    end_authority: Callable[[UUID], Awaitable[None]]
    """Of a login, a key or a principal: close what is open."""
    page_url: str
    """Where links in mails lead."""
    is_production: bool

    def now(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self.clock.now(), dt.UTC)

    async def count(self, limit: str, key: str) -> None:
        """Count a use of a named limit, or refuse."""
        await self.limits.hit(limit, key)

    async def count_address(self, limit: str, address: str) -> None:
        """The same by address, but not of this machine outside production: people try things out there."""
        if self.is_production or not is_loopback(address):
            await self.limits.hit(limit, address_key(address))

    async def principal_of(self, conn: Connection, user: store.UserRow, proof: UUID) -> Principal:
        """What somebody may do now; in production an admin's power needs a second factor."""
        is_proven = user.totp_since is not None or not self.is_production
        return Principal(
            id=user.id,
            kind="user",
            plan=await self.plan_of(conn, user.id, self.clock.now()),
            auth_until=self.clock.now() + AUTHORITY_S,
            zone=user.zone,
            scopes=scopes_of(user.role) if is_proven else frozenset(),
            proof=proof,
        )

    async def end(self, proofs: list[UUID]) -> None:
        """What was proven by these is over at once: access tokens that are still young, and sockets."""
        for proof in proofs:
            await self.bus.put(_ended(proof), b"1", ACCESS_S)
            await self.end_authority(proof)

    async def has_ended(self, proof: UUID) -> bool:
        return await self.bus.get(_ended(proof)) is not None


@dataclass(frozen=True, slots=True)
class Contact:
    """How a person is reached."""

    user_id: UUID
    email: str
    name: str
    zone: str
    is_verified: bool
    is_suspended: bool


@dataclass(frozen=True, slots=True)
class GuestGate:
    """How many guests an address may bring in an hour."""

    bus: Bus
    per_hour: int
    counts_loopback: bool
    """In production; elsewhere people try things out on their own machine."""


async def keep(conn: Connection, principal: Principal, address: str, gate: GuestGate) -> None:
    """Write the row that all others of this principal point to; a new guest counts for its address."""
    if not await store.insert_principal(conn, principal) or principal.kind != "guest":
        return
    if is_loopback(address) and not gate.counts_loopback:
        return
    if await gate.bus.incr(f"guests:{address_key(address)}", 1, HOUR_S) > gate.per_hour:
        raise LimitReached("Many new guests came from your address in the last hour.", retry_after_s=HOUR_S)


async def contact_of(conn: Connection, user: UUID) -> Contact | None:
    """Of a person with an account."""
    row = await store.find_user(conn, user)
    if row is None:
        return None
    return Contact(
        row.id, row.email, row.name, row.zone, row.verified_at is not None, row.suspended_at is not None
    )


async def user_of(conn: Connection, user: UUID) -> store.UserRow:
    """The row of a person whose token is still good; they may have gone, or been suspended, since."""
    row = await store.find_user(conn, user)
    if row is None:
        raise NotFound("This account does not exist any more.")
    if row.suspended_at is not None:
        raise Suspended
    return row


async def require_verified(conn: Connection, user: UUID) -> None:
    """Refuse who has not confirmed their address: they may not buy, order, claim, or make keys."""
    if (await user_of(conn, user)).verified_at is None:
        raise NotVerified


def describe(principal: Principal) -> dict[str, object]:
    """What a client is told about its own account."""
    return {"plan": principal.plan, "trial_ends": None}


def claims_of(principal: Principal) -> dict[str, object]:
    """A principal as a ticket carries it."""
    return {
        "id": str(principal.id),
        "kind": principal.kind,
        "plan": principal.plan,
        "auth_until": principal.auth_until,
        "zone": principal.zone,
        "scopes": sorted(principal.scopes),
        "proof": None if principal.proof is None else str(principal.proof),
    }


def principal_of(claims: Mapping[str, object]) -> Principal:
    """The principal of a redeemed ticket: `claims_of`, read back."""
    fields = dict(claims)
    return Principal(
        id=uuid.UUID(str(fields["id"])),
        kind="user" if fields["kind"] == "user" else "guest",
        plan=str(fields["plan"]),
        auth_until=float(str(fields["auth_until"])),
        zone=str(fields["zone"]),
        scopes=frozenset(map(str, fields["scopes"])) if isinstance(fields["scopes"], list) else frozenset(),
        proof=None if fields["proof"] is None else uuid.UUID(str(fields["proof"])),
    )


def _ended(proof: UUID) -> str:
    return f"ended:{proof}"
