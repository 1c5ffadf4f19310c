"""What an administrator does to the database: migrate, back up, restore, look at failed jobs.

Wherever it is, running or not.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from server.kit.backup import backup, restore
from server.kit.db import Database
from server.kit.embedded import database_of, running
from server.kit.events import renew_epochs
from server.kit.jobs import list_failed, retry_failed
from server.kit.migrations import create, migrate, rollback_last

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from pathlib import Path

    from server.kit.jobs import FailedJob
    from server.kit.settings import Settings


def new_migration(name: str) -> Path:
    """Begin a migration file."""
    return create(name)


async def migrate_database(settings: Settings, *, back: bool = False) -> tuple[str, ...]:
    """Apply what is missing (or take the last step back) and return the names of the steps."""
    with _address(settings) as url:
        async with _connected(url) as database:
            if not back:
                return await migrate(database)
            last = await rollback_last(database)
            return (last,) if last else ()


@asynccontextmanager
async def database_meant(settings: Settings) -> AsyncIterator[Database]:
    """What a command of the administrator works on, whether or not a server runs."""
    with _address(settings) as url:
        async with _connected(url) as database:
            yield database


def backup_database(settings: Settings, file: Path) -> None:
    """Write the whole database to `file`, also while the server runs."""
    with _address(settings) as url:
        backup(url, file)


async def restore_database(settings: Settings, file: Path) -> None:
    """Replace the whole database by `file`, bring it up to date, and tell followers of the event log."""
    with _address(settings, alone=True) as url:
        restore(url, file)
        async with _connected(url) as database:
            await migrate(database)
            async with database.transaction() as connection:
                await renew_epochs(connection)


async def failed_jobs(settings: Settings) -> Sequence[FailedJob]:
    """What the workers gave up."""
    with _address(settings) as url:
        async with _connected(url) as database, database.connection() as connection:
            return await list_failed(connection)


async def retry_job(settings: Settings, job_id: int) -> bool:
    """Let the workers try again; False when there is nothing to try."""
    with _address(settings) as url:
        async with _connected(url) as database, database.transaction() as connection:
            return await retry_failed(connection, job_id)


@contextmanager
def _address(settings: Settings, *, alone: bool = False) -> Iterator[str]:
    """The address of the database that the settings mean; `alone` refuses while a server has its folder."""
    if settings.database_url:
        yield settings.database_url
    elif alone:
        with running(settings.data_dir) as services:
            yield services.postgres.url
    else:
        with database_of(settings.data_dir) as url:
            yield url


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[Database]:
    database = await Database.connect(url)
    try:
        yield database
    finally:
        await database.close()
