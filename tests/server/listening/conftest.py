from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from dsp import listen
from server.accounts.service import GuestGate
from server.kit.bus import Bus
from server.kit.clock import ManualClock
from server.kit.db import Database
from server.kit.principal import Principal
from server.listening.keeper import Keeper
from server.listening.renderer import ListenRenderer
from server.listening.service import Listening
from server.listening.standby import Standby
from tests.api.site import Site, running_site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

FREE_S = 1800


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.connect(database_url)
    yield database
    await database.close()


@pytest.fixture
async def bus(redis_url: str) -> AsyncIterator[Bus]:
    bus = await Bus.connect(redis_url)
    yield bus
    await bus.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def principal(clock: ManualClock) -> Principal:
    return Principal(uuid.uuid4(), "guest", "guest", clock.now() + 3600)


@pytest.fixture
def stranger(clock: ManualClock) -> Principal:
    return Principal(uuid.uuid4(), "guest", "guest", clock.now() + 3600)


@pytest.fixture
def keeper(database: Database, bus: Bus, clock: ManualClock) -> Keeper:
    return Keeper(database, bus, clock, FREE_S)


@pytest.fixture
def listening(database: Database, bus: Bus, clock: ManualClock, keeper: Keeper) -> Listening:
    """What a process opens listenings with."""
    return Listening(
        database=database,
        bus=bus,
        clock=clock,
        keeper=keeper,
        renderer=ListenRenderer(listen.GranuleCache(2**24)),
        standby=Standby(clock),
        guests=GuestGate(bus, 60, counts_loopback=False),
    )


@pytest.fixture
async def site(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """The whole application, served."""
    async with running_site(database_url, redis_url, tmp_path) as site:
        yield site
