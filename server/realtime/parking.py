"""What is kept on the bus of a session that nobody is connected to, so that any process can go on with it.

It is a convenience: without it (the bus lost, the process killed) the client goes on from its own instance.
"""

import base64
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from server.kit.bus import Bus
from server.kit.principal import Principal
from server.realtime.limits import Limits
from server.realtime.session import Session
from server.realtime.tokens import name_of


@dataclass(frozen=True, slots=True)
class Parked:
    """A session as it was left, and its streams."""

    session: Session
    streams: Sequence[Mapping[str, Any]]
    """Kind, checkpoint and channel state of each."""


class Parking:
    """Parked sessions under the hashes of their resume tokens."""

    def __init__(self, bus: Bus, limits: Limits) -> None:
        self._bus = bus
        self._limits = limits

    async def park(self, session: Session, names: Collection[str], now: float) -> None:
        """Keep a session that was just left; one without streams is not worth it."""
        if not session.channels:
            return
        data = json.dumps(_dump(session, names, now)).encode()
        for name in names:
            await self._bus.put(_key(name), data, self._limits.resume_s)

    async def forget(self, names: Collection[str]) -> None:
        """It is here again, or over."""
        for name in names:
            await self._bus.delete(_key(name))

    async def take(self, token: str, now: float) -> Parked | None:
        """The session for this token, for the one process that comes first."""
        data = await self._bus.take(_key(name_of(token)))
        if data is None:
            return None
        held = json.loads(data)
        await self.forget(held["names"])
        return _load(held, self._limits, now)


def _key(name: str) -> str:
    return f"parked:{name}"


def _dump(session: Session, names: Collection[str], now: float) -> dict[str, Any]:
    who = session.principal
    replies = [(request, base64.b64encode(data).decode()) for request, data in session.line.replies.dump()]
    return {
        "names": list(names),
        "client": session.client,
        "device": session.device,
        "topics": session.topics,
        "replies": replies,
        "highest": session.line.replies.highest,
        "next_sid": session.next_sid,
        "principal": {
            "id": str(who.id),
            "kind": who.kind,
            "plan": who.plan,
            "auth_until": who.auth_until,
            "zone": who.zone,
            "scopes": sorted(who.scopes),
            "proof": None if who.proof is None else str(who.proof),
        },
        "streams": [
            {
                "kind": channel.stream.kind,
                "checkpoint": channel.stream.checkpoint(),
                "channel": channel.dump(now),
            }
            for channel in session.channels.values()
            if channel.end_reason is None
        ],
    }


def _load(held: Mapping[str, Any], limits: Limits, now: float) -> Parked:
    who = held["principal"]
    principal = Principal(
        UUID(who["id"]),
        who["kind"],
        who["plan"],
        who["auth_until"],
        who["zone"],
        frozenset(who["scopes"]),
        proof=None if who["proof"] is None else UUID(who["proof"]),
    )
    session = Session(held["client"], principal, held["device"], limits, now)
    session.topics = tuple(held["topics"])
    session.next_sid = held["next_sid"]
    replies = [(request, base64.b64decode(data)) for request, data in held["replies"]]
    session.line.replies.load(replies, held["highest"])
    return Parked(session, held["streams"])
