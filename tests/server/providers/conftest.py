"""A post office with a real database, and a postman who does as he is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from server.kit.bus import Bus
from server.kit.clock import Clock
from server.kit.db import Database
from server.kit.jobs import Work
from server.kit.settings import Settings
from tests.api.site import Site, running_site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from email.message import EmailMessage
    from pathlib import Path

    from server.kit.db import Record


@pytest.fixture
async def work(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Work]:
    settings = Settings(
        environment="test",
        data_dir=tmp_path,
        database_url=database_url,
        redis_url=redis_url,
        from_email="Søren at Soundwell <letters@sound.example>",
    )
    db, bus = await Database.connect(database_url), await Bus.connect(redis_url)
    yield Work(settings, db, bus, Clock())
    await bus.close()
    await db.close()


@pytest.fixture
async def site(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """The whole application, served."""
    async with running_site(database_url, redis_url, tmp_path) as site:
        yield site


@dataclass
class Postman:
    """Takes letters, or raises what is next in `moods`."""

    moods: list[Exception | None] = field(default_factory=list)
    tried: list[EmailMessage] = field(default_factory=list)

    async def send(self, message: EmailMessage) -> None:
        self.tried.append(message)
        mood = self.moods.pop(0) if self.moods else None
        if mood is not None:
            raise mood


@pytest.fixture
def postman() -> Postman:
    return Postman()


async def rows(db: Database, sql: str) -> Sequence[Record]:
    async with db.connection() as connection:
        return await connection.fetch(sql)
