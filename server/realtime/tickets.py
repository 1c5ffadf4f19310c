"""Single-use tickets: how a page that is signed in over HTTP proves it on a socket.

A ticket is 32 random bytes; its hash lies on the bus for 30 s, bound to claims and Origin. While the bus is
away a ticket carries its claims itself, signed, and each process refuses those that it has seen.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from server.kit.bus import Bus
from server.kit.clock import Clock

TTL_S = 30
SIGNED = "signed."
NONCE_BYTES = 8

Claims = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Held:
    claims: Claims
    origin: str | None
    until: float


class Tickets:
    """Mints and redeems; claims are whatever the room above needs to know the principal again."""

    def __init__(self, bus: Bus, secret: bytes, clock: Clock) -> None:
        self._bus = bus
        self._key = hmac.digest(secret, b"ws-ticket", "sha256")
        self._clock = clock

    async def mint(self, claims: Claims, origin: str | None) -> str:
        """A ticket for one connection from `origin`; None when a bearer asked and no page is involved."""
        held = json.dumps({"claims": claims, "origin": origin, "until": self._clock.now() + TTL_S}).encode()
        ticket = secrets.token_urlsafe(32)
        await self._bus.put(_name(ticket), held, TTL_S)
        if self._bus.healthy:
            return ticket
        await self._bus.delete(_name(ticket))
        body = base64.urlsafe_b64encode(held + secrets.token_bytes(NONCE_BYTES)).decode()
        return f"{SIGNED}{body}.{self._sign(body)}"

    async def redeem(self, ticket: str, origin: str | None) -> Claims | None:
        """The claims, once, for the origin that it was minted for; None for anything else."""
        is_signed = ticket.startswith(SIGNED)
        held = await (self._open_signed(ticket) if is_signed else self._take(ticket))
        if held is None or held.until < self._clock.now() or held.origin != origin:
            return None
        return held.claims

    async def _take(self, ticket: str) -> _Held | None:
        data = await self._bus.take(_name(ticket))
        return None if data is None else _read(data)

    async def _open_signed(self, ticket: str) -> _Held | None:
        body, _, signature = ticket.removeprefix(SIGNED).rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(body).encode()):
            return None
        if not await self._bus.put_once(_name(ticket), b"used", 2 * TTL_S):
            return None
        return _read(base64.urlsafe_b64decode(body)[:-NONCE_BYTES])

    def _sign(self, body: str) -> str:
        return hmac.new(self._key, body.encode(), "sha256").hexdigest()


def _name(ticket: str) -> str:
    return "ticket:" + hashlib.sha256(ticket.encode()).hexdigest()


def _read(data: bytes) -> _Held:
    held = json.loads(data)
    return _Held(cast("Claims", held["claims"]), held["origin"], held["until"])
