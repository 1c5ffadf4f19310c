"""What every test may ask for: a real database, a real bus, and no network but loopback."""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from redis import Redis

from server.kit.db import Database
from server.kit.embedded import Embedded, data_folder, running, services_in
from server.kit.migrations import migrate
from server.kit.programs import postgres_program
from server.kit.settings import Settings
from tests.browser.chromium import find_chromium, launched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

_numbers = itertools.count(1)
_MEMORY = Path("/dev/shm")
_ROOM = 4 * 2**30
"""Bytes that all workers' services take at most, several times over."""

for _name in Settings.model_fields:  # what the developer has set must not reach the tests
    os.environ.pop(_name.upper(), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser its tests are skipped; in CI that is a failure."""
    needing = [item for item in items if item.get_closest_marker("browser")]
    if find_chromium() or not needing:
        return
    if os.environ.get("CI"):
        raise pytest.UsageError("There is no Chromium for the browser tests.")
    for item in needing:
        item.add_marker(pytest.mark.skip(reason="there is no Chromium on this machine"))


def _refuse_network(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook: tests reach this machine only."""
    if event not in {"socket.connect", "socket.sendto"}:
        return
    address = arguments[1]
    if not isinstance(address, tuple):  # a path of a Unix socket, or a kernel interface
        return
    host = str(address[0])
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise PermissionError(f"A test tried to reach {host}; tests use loopback only.")


sys.addaudithook(_refuse_network)


@pytest.fixture(scope="session", autouse=True)
def _nobody_looks_at_the_tests_themselves() -> None:
    """A server that starts in this process looks at every object: thousands of tests are not its own."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run: a process can drive Playwright once."""
    with launched() as browser:
        yield browser


def _where_services_lie() -> Path:
    """In memory, if there is room: a disk on which databases come and go by the hundred gets ever slower."""
    has_room = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ROOM
    return _MEMORY if has_room else Path("/tmp")


@pytest.fixture(scope="session")
def folder_for_services() -> Iterator[Path]:
    """A folder that also an unprivileged service user may enter (pytest's own are closed)."""
    folder = Path(tempfile.mkdtemp(prefix="soundwell-tests-", dir=_where_services_lie()))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def services(folder_for_services: Path) -> Iterator[Embedded]:
    """One Postgres and one Valkey for this process of the run; they need not survive a crash."""
    folder = folder_for_services / "services"
    with data_folder(folder) as held, services_in(held) as prepared:
        prepared.postgres.prepare()
        with (held / "postgres" / "postgresql.conf").open("a") as settings:
            settings.write("fsync = off\nfull_page_writes = off\nsynchronous_commit = off\n")
    with running(folder) as embedded:
        yield embedded


@pytest.fixture(scope="session")
def migrated_template(services: Embedded) -> str:
    """The name of a database with all migrations, from which tests' databases are copied."""

    async def make() -> None:
        database = await Database.connect(_url(services, "migrated"))
        try:
            await migrate(database)
        finally:
            await database.close()

    sql(services, "CREATE DATABASE migrated")
    asyncio.run(make())
    return "migrated"


@pytest.fixture
def empty_database_url(services: Embedded) -> Iterator[str]:
    """The address of a database without any table."""
    yield from _database(services, "template1")


@pytest.fixture
def database_url(services: Embedded, migrated_template: str) -> Iterator[str]:
    """The address of a migrated database that nobody else uses."""
    yield from _database(services, migrated_template)


@pytest.fixture
def redis_url(services: Embedded) -> str:
    """The address of an empty Valkey."""
    with Redis.from_url(services.valkey.url) as client:
        client.flushall()
    return services.valkey.url


def sql(services: Embedded, statement: str) -> None:
    """Run one statement as the owner of the cluster."""
    psql = postgres_program(services.postgres.packages, "psql")
    where: list[str | Path] = ["-h", services.postgres.sockets, "-U", "soundwell", "-d", "postgres"]
    argv: list[str | Path] = [psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", *where]
    subprocess.run(argv, input=statement.encode(), check=True, timeout=60)


def _database(services: Embedded, template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    sql(services, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    yield _url(services, name)
    sql(services, f"DROP DATABASE {name} WITH (FORCE)")


def _url(services: Embedded, name: str) -> str:
    return services.postgres.url.replace("/postgres?", f"/{name}?")
