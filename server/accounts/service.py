"""Decisions about accounts: whose request it is, who may connect, and when a guest becomes a row."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from server.accounts import store
from server.kit.errors import LimitReached
from server.kit.limits import address_key, is_loopback
from server.kit.principal import Principal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kit.bus import Bus
    from server.kit.db import Connection

HOUR_S: Final = 3600


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
    )
