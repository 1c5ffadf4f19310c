"""The floor's own parts, real ones, and services that a test may kill."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from server.kit.bus import Bus
from server.kit.db import Database
from server.kit.embedded import data_folder, services_in
from server.kit.settings import Settings

if TYPE_CHECKING:
    import subprocess
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from server.kit.postgres import Postgres
    from server.kit.valkey import Valkey

SECRET = "a secret of forty characters for tests.."


@dataclass
class Mortal:
    """A service that a test may kill and bring back."""

    service: Postgres | Valkey
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return self.service.url

    def kill(self) -> None:
        """As `kill -9`: nothing is said to anybody."""
        self.process.kill()
        self.process.wait()

    def revive(self) -> None:
        self.start()
        while not self.service.is_ready():
            time.sleep(0.01)

    def start(self) -> None:
        self.process = self.service.start()


@contextlib.contextmanager
def _mortal(service: Postgres | Valkey) -> Iterator[Mortal]:
    service.prepare()
    mortal = Mortal(service, service.start())
    while not service.is_ready():
        time.sleep(0.01)
    yield mortal
    if mortal.process.poll() is None:
        mortal.kill()


@pytest.fixture
def mortal_bus(folder_for_services: Path, tmp_path: Path) -> Iterator[Mortal]:
    with (
        data_folder(folder_for_services / tmp_path.name) as folder,
        services_in(folder) as services,
        _mortal(services.valkey) as mortal,
    ):
        yield mortal


@pytest.fixture
def mortal_database(folder_for_services: Path, tmp_path: Path) -> Iterator[Mortal]:
    with (
        data_folder(folder_for_services / tmp_path.name) as folder,
        services_in(folder) as services,
        _mortal(services.postgres) as mortal,
    ):
        yield mortal


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return Settings(
        environment="test",
        data_dir=tmp_path,
        database_url=database_url,
        redis_url=redis_url,
        secret_key=SecretStr(SECRET),
    )


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    database = await Database.connect(database_url, connections=30)
    yield database
    await database.close()


@pytest.fixture
async def bus(redis_url: str) -> AsyncIterator[Bus]:
    bus = await Bus.connect(redis_url)
    yield bus
    await bus.close()
