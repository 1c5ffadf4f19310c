"""A whole gateway on loopback: real uvicorn, real sockets, tones instead of music."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import uvicorn

from server.kit.bus import Bus
from server.kit.clock import Clock
from server.kit.events import Event, Page
from server.kit.principal import Principal
from server.realtime.gateway import Gateway
from server.realtime.transport import PROTOCOL_OPTIONS, RealtimeProtocol, configure_socket
from tests.peers.tone import ToneHouse

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from server.realtime.limits import Limits

ORIGIN = "http://test"
GUEST = uuid.UUID(int=1)


@dataclass
class House:
    """A running gateway and what stands behind it."""

    url: str
    gateway: Gateway
    tones: ToneHouse
    bus: Bus
    principals: dict[str, Principal | Exception]
    """By ticket; tickets here may be used again."""
    events: list[Event] = field(default_factory=list)
    server: uvicorn.Server | None = None


def principal(number: int = 1, kind: str = "guest", plan: str = "guest", lives_s: float = 3600) -> Principal:
    """Somebody."""
    assert kind in {"guest", "user"}
    return Principal(
        uuid.UUID(int=number), "guest" if kind == "guest" else "user", plan, Clock().now() + lives_s
    )


@contextlib.asynccontextmanager
async def house(
    redis_url: str, *, limits: Limits | None = None, tones: ToneHouse | None = None
) -> AsyncGenerator[House]:
    """Serve a gateway on a free port of this machine."""
    bus = await Bus.connect(redis_url)
    tones = tones or ToneHouse()
    found: dict[str, Principal | Exception] = {"guest": principal(), "pro": principal(2, "user", "pro")}
    events: list[Event] = []

    async def authenticate(ticket: str, origin: str | None) -> Principal | None:
        if ticket.startswith("stranger"):
            return principal(uuid.uuid4().int)
        who = found.get(ticket)
        if isinstance(who, Exception):
            raise who
        return who

    async def describe(who: Principal) -> Mapping[str, object]:
        return {"plan": who.plan, "trial_ends": None, "allowance": None}

    async def read_events(who: uuid.UUID, epoch: int | None, seq: int, limit: int) -> Page:
        after = tuple(event for event in events if event.seq > seq)[:limit]
        is_known = epoch == 7 and seq <= len(events)
        return Page(is_known, 7, len(events), after if is_known else ())

    async def snapshot(who: uuid.UUID, topics: Sequence[str]) -> Mapping[str, object]:
        return {topic: {"events": len(events)} for topic in topics}

    gateway = Gateway(
        openers={"listen": tones.open},
        authenticate=authenticate,
        describe=describe,
        bus=bus,
        read_events=read_events,
        snapshot=snapshot,
        origins=[ORIGIN],
        clock=Clock(),
        standby=lambda: (tones.renderer, tones.standby),
        limits=limits,
    )
    try:
        async with gateway.running(), _serving(gateway) as (url, server):
            yield House(url, gateway, tones, bus, found, events, server)
    finally:
        await bus.close()


@contextlib.asynccontextmanager
async def _serving(gateway: Gateway) -> AsyncGenerator[tuple[str, uvicorn.Server]]:
    listening = socket.create_server(("127.0.0.1", 0))
    configure_socket(listening)
    config = uvicorn.Config(
        gateway, ws=RealtimeProtocol, lifespan="off", log_config=None, access_log=False, **PROTOCOL_OPTIONS
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:  # noqa: ASYNC110 - uvicorn offers a flag, no event
        await asyncio.sleep(0.005)
    try:
        yield f"ws://127.0.0.1:{listening.getsockname()[1]}/ws", server
    finally:
        server.should_exit = True
        await task
        listening.close()
