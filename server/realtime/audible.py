"""What sounds where: the streams of a principal in all processes, as each of them tells on the bus.

A hint, not a lock: each process has a field of its own, which ends when it no longer says so. While the
bus is away each process knows its own.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from uuid import UUID

from server.kit.bus import Bus
from server.kit.clock import Clock


@dataclass(frozen=True, slots=True)
class Sounding:
    """One audible stream."""

    session: str
    device: str
    since: float
    """Unix seconds."""
    owner: str
    """The process that renders it."""
    until: float
    """Unix seconds at which this word of it ends."""


class Audible:
    """What one process says of its streams, and hears of those of the others."""

    def __init__(self, bus: Bus, clock: Clock, owner: str, ttl_s: float) -> None:
        self._bus = bus
        self._clock = clock
        self._owner = owner
        self._ttl_s = ttl_s

    async def elsewhere(self, principal: UUID, but: Collection[str]) -> list[Sounding]:
        """What sounds in other processes, without the sessions in `but`."""
        told = [
            Sounding(**one) for data in await self._bus.fields(_name(principal)) for one in json.loads(data)
        ]
        now = self._clock.now()
        return [
            one for one in told if one.owner != self._owner and one.until > now and one.session not in but
        ]

    async def tell(self, here: Mapping[UUID, Collection[tuple[str, str, float]]]) -> None:
        """Say what sounds here, by principal: (session, device, since) of each stream."""
        until = self._clock.now() + self._ttl_s
        said: dict[str, bytes] = {}
        for principal, mine in here.items():
            if mine:
                told = [asdict(Sounding(*one, owner=self._owner, until=until)) for one in mine]
                said[_name(principal)] = json.dumps(told).encode()
            else:
                await self._bus.delete_field(_name(principal), self._owner)
        await self._bus.put_fields(self._owner, said, self._ttl_s)


def _name(principal: UUID) -> str:
    return f"audible:{principal}"
