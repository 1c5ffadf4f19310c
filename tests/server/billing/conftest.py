from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.kit.bus import Bus
from server.kit.clock import ManualClock
from server.kit.db import Database
from server.tokens.statement_store import list_discrepancies
from tests.api.site import Site, running_site
from tests.server.billing.house import House

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database in which the books of the tokens balance when the test is over."""
    database = await Database.connect(database_url)
    yield database
    async with database.connection() as conn:
        assert await list_discrepancies(conn) == []
    await database.close()


@pytest.fixture
async def bus(redis_url: str) -> AsyncIterator[Bus]:
    bus = await Bus.connect(redis_url)
    yield bus
    await bus.close()


@pytest.fixture
def house(database: Database, bus: Bus) -> House:
    """Our billing, with the local company behind it."""
    return House.of(database, bus, ManualClock())


@pytest.fixture
async def site(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """The whole application, served."""
    async with running_site(database_url, redis_url, tmp_path) as site:
        yield site
