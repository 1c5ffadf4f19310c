"""Numbered SQL files, applied once each, in order, under a lock, with checksums.

A file is `NNNN_name.sql`: statements that go forward, a line `-- down`, statements that take them back.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from server.kit.db import Connection, Database

FOLDER = Path(__file__).parent
LONGEST_S = 3600.0
"""A step may rewrite a large table; the pool's own limit is for requests."""

LOCK = 0x536F756E64  # "Sound": any number that no other program on the database locks

_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_DOWN = re.compile(r"^-- down\s*$", re.MULTILINE)
_HISTORY = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number int PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    step bigint GENERATED ALWAYS AS IDENTITY,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""


class MigrationError(Exception):
    """The files and the database do not tell the same history."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file."""

    number: int
    name: str
    up: str
    down: str
    checksum: str


async def migrate(db: Database, folder: Path = FOLDER) -> tuple[str, ...]:
    """Apply what is missing and return its names; several processes may call this at once."""
    migrations = _read(folder)
    applied: list[str] = []
    async with _locked(db) as connection:
        done = await _history(connection)
        _compare(migrations, done)
        for migration in migrations:
            if migration.number not in done:
                await _apply(connection, migration)
                applied.append(migration.name)
    return tuple(applied)


async def rollback_last(db: Database, folder: Path = FOLDER) -> str | None:
    """Take back the step that was applied last and return its name; None when there is none."""
    migrations = {migration.number: migration for migration in _read(folder)}
    async with _locked(db) as connection:
        done = await _history(connection)
        _compare(tuple(migrations.values()), done)
        number = await connection.fetchval("SELECT number FROM schema_migrations ORDER BY step DESC LIMIT 1")
        if number is None:
            return None
        last = migrations[number]
        if not last.down:
            raise MigrationError(f"{last.name} has no way back: its file has no `-- down` section.")
        async with connection.driver.transaction():
            await _run(connection, last.down)
            await connection.execute("DELETE FROM schema_migrations WHERE number = $1", last.number)
        return last.name


def create(name: str, folder: Path = FOLDER) -> Path:
    """Begin a new migration file with the next free number."""
    number = max((migration.number for migration in _read(folder)), default=0) + 1
    path = folder / f"{number:04d}_{name}.sql"
    if not _NAME.fullmatch(path.name):
        raise MigrationError(f"{name!r} is not a name of small letters, digits and underscores.")
    path.write_text("\n-- down\n")
    return path


def _read(folder: Path) -> tuple[Migration, ...]:
    migrations: dict[int, Migration] = {}
    for path in sorted(folder.glob("*.sql")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise MigrationError(f"{path.name} is not called like NNNN_name.sql.")
        number, text = int(match[1]), path.read_text()
        if number in migrations:
            raise MigrationError(f"{path.name} and {migrations[number].name} have the same number.")
        up, *down = _DOWN.split(text)
        checksum = hashlib.sha256(text.encode()).hexdigest()
        migrations[number] = Migration(number, path.stem, up.strip(), "".join(down).strip(), checksum)
    return tuple(migrations.values())


@contextlib.asynccontextmanager
async def _locked(db: Database) -> AsyncIterator[Connection]:
    async with db.connection() as connection:
        await _run(connection, f"SELECT pg_advisory_lock({LOCK})")
        try:
            await connection.execute(_HISTORY)
            yield connection
        finally:
            await connection.execute(f"SELECT pg_advisory_unlock({LOCK})")


async def _history(connection: Connection) -> dict[int, tuple[str, str]]:
    rows = await connection.fetch("SELECT number, name, checksum FROM schema_migrations")
    return {row["number"]: (row["name"], row["checksum"]) for row in rows}


def _compare(migrations: tuple[Migration, ...], done: dict[int, tuple[str, str]]) -> None:
    files = {migration.number: migration for migration in migrations}
    for number, (name, checksum) in sorted(done.items()):
        if number not in files:
            raise MigrationError(
                f"The database has {name}, which this version does not know. Use the newer version."
            )
        if files[number].checksum != checksum:
            raise MigrationError(f"{name}.sql has changed since it was applied. Add a new migration instead.")


async def _apply(connection: Connection, migration: Migration) -> None:
    async with connection.driver.transaction():
        await _run(connection, migration.up)
        await connection.execute(
            "INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)",
            migration.number,
            migration.name,
            migration.checksum,
        )


async def _run(connection: Connection, sql: str) -> None:
    await connection.driver.execute(sql, timeout=LONGEST_S)
