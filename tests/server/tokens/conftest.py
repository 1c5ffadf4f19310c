from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from server.accounts.store import insert_principal
from server.kit.bus import Bus
from server.kit.db import Database
from server.kit.principal import Principal
from server.tokens.statement_store import list_discrepancies
from tests.api.site import Site, running_site
from tests.server.tokens.desk import Desk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from uuid import UUID


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database in which the books balance when the test is over."""
    database = await Database.connect(database_url)
    yield database
    await look_at_books(database)
    await database.close()


async def look_at_books(database: Database) -> None:
    """They balance, whatever the test did."""
    async with database.connection() as conn:
        assert await list_discrepancies(conn) == []


@pytest.fixture
async def bus(redis_url: str) -> AsyncIterator[Bus]:
    bus = await Bus.connect(redis_url)
    yield bus
    await bus.close()


async def new_user(database: Database) -> UUID:
    """The row that everything of a person points to."""
    user = Principal(uuid.uuid4(), "user", "free", 0)
    async with database.transaction() as conn:
        await insert_principal(conn, user)
    return user.id


@pytest.fixture
async def user(database: Database) -> UUID:
    return await new_user(database)


@pytest.fixture
async def desk(database: Database, user: UUID) -> Desk:
    return Desk(database, user)


@pytest.fixture
async def site(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """The whole application, served; the books balance when the test is over."""
    async with running_site(database_url, redis_url, tmp_path) as site:
        yield site
    database = await Database.connect(database_url)
    await look_at_books(database)
    await database.close()
