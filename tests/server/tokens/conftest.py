from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from server.accounts.store import insert_principal
from server.kit.bus import Bus
from server.kit.db import Database
from server.kit.principal import Principal
from server.tokens.statement_store import list_discrepancies
from tests.server.tokens.desk import Desk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database in which the books balance when the test is over."""
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
