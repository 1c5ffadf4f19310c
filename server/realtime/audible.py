"""What sounds where: the streams of a principal in all processes, as each of them tells on the bus.

A hint, not a lock: two processes that write in the same moment correct each other with the next renewal.
While the bus is away each process knows its own.
"""

import json
from collections.abc import Collection
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
    """The list of one process, merged with those of the others."""

    def __init__(self, bus: Bus, clock: Clock, owner: str, ttl_s: float) -> None:
        self._bus = bus
        self._clock = clock
        self._owner = owner
        self._ttl_s = ttl_s

    async def elsewhere(self, principal: UUID, but: Collection[str]) -> list[Sounding]:
        """What sounds in other processes, without the sessions in `but`."""
        return [
            one for one in await self._read(principal) if one.owner != self._owner and one.session not in but
        ]

    async def tell(self, principal: UUID, mine: Collection[tuple[str, str, float]]) -> None:
        """Say what sounds here: (session, device, since) of each."""
        until = self._clock.now() + self._ttl_s
        others = [one for one in await self._read(principal) if one.owner != self._owner]
        told = [*others, *(Sounding(*one, owner=self._owner, until=until) for one in mine)]
        if told:
            data = json.dumps([asdict(one) for one in told]).encode()
            await self._bus.put(_name(principal), data, self._ttl_s)
        else:
            await self._bus.delete(_name(principal))

    async def _read(self, principal: UUID) -> list[Sounding]:
        data = await self._bus.get(_name(principal))
        told = [Sounding(**one) for one in json.loads(data)] if data else []
        return [one for one in told if one.until > self._clock.now()]


def _name(principal: UUID) -> str:
    return f"audible:{principal}"
