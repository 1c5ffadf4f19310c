from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from server.accounts.credentials import Credentials
from server.accounts.hooks import Hooks
from server.accounts.limits import ACCOUNT_LIMITS
from server.accounts.passwords import Passwords
from server.accounts.service import Accounts
from server.kit.bus import Bus
from server.kit.clock import ManualClock
from server.kit.db import Database
from server.kit.limits import Limits
from server.kit.settings import Settings
from tests.api.site import SECRET, Site, running_site
from tests.server.accounts.bureau import NOW, Bureau

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path
    from uuid import UUID

    from server.kit.db import Connection


@pytest.fixture
async def site(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """The whole application, served."""
    async with running_site(database_url, redis_url, tmp_path) as site:
        yield site


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    """As a worker has them."""
    return Settings(
        environment="test",
        data_dir=tmp_path,
        database_url=database_url,
        redis_url=redis_url,
        secret_key=SecretStr(SECRET),
    )


@pytest.fixture(scope="session")
def passwords() -> Iterator[Passwords]:
    """The real ones: half a tenth of a second for each."""
    made = Passwords()
    yield made
    made.close()


@pytest.fixture
async def bureau(database_url: str, redis_url: str, passwords: Passwords) -> AsyncIterator[Bureau]:
    """Decisions about accounts, on a real database and bus."""
    database, bus = await Database.connect(database_url), await Bus.connect(redis_url)
    clock = ManualClock(NOW)
    ended: list[UUID] = []

    async def plan_of(_conn: Connection, _user: UUID, _now_s: float) -> str:
        return "pro"

    async def end(whose: UUID) -> None:
        ended.append(whose)

    accounts = Accounts(
        database=database,
        bus=bus,
        clock=clock,
        limits=Limits(bus, ACCOUNT_LIMITS),
        credentials=Credentials(SECRET.encode(), clock),
        passwords=passwords,
        hooks=Hooks(),
        plan_of=plan_of,
        end_authority=end,
        page_url="https://sound.example",
        is_production=True,
    )
    yield Bureau(accounts, clock, ended)
    await bus.close()
    await database.close()
