"""Named rate limits: token buckets on the bus, told to clients in `RateLimit-*` headers."""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.kit.errors import RateLimited

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.kit.bus import Bus


@dataclass(frozen=True, slots=True)
class Limit:
    """`capacity` requests at once, refilled evenly over `period_s`."""

    name: str
    capacity: int
    period_s: float
    error: type[RateLimited] = RateLimited


@dataclass(frozen=True, slots=True)
class Standing:
    """How much of a limit is left to one key."""

    capacity: int
    remaining: int
    reset_s: int
    """Seconds until it is whole again."""

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.capacity),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_s),
        }


class Limits:
    """The limits of one process; their buckets are shared by all through the bus."""

    def __init__(self, bus: Bus, limits: Iterable[Limit]) -> None:
        self._bus = bus
        self._limits = {limit.name: limit for limit in limits}

    async def hit(self, name: str, key: str, cost: int = 1) -> Standing:
        """Count one use of `name` by `key`; raises the limit's error when there is nothing left."""
        limit = self._limits[name]
        per_s = limit.capacity / limit.period_s
        left = await self._bus.take_tokens(
            f"limit:{name}:{key}", capacity=limit.capacity, per_s=per_s, cost=cost
        )
        if left < 0:
            raise limit.error(retry_after_s=math.ceil(-left / per_s))
        return Standing(limit.capacity, math.floor(left), math.ceil((limit.capacity - left) / per_s))


def address_key(address: str) -> str:
    """What counts as one caller: an IPv4 address, or the /64 network that one IPv6 subscriber has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def is_loopback(address: str) -> bool:
    """Whether the caller is on this machine."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return (mapped or parsed).is_loopback
