"""Postgres through a pool: typed, transactional, and patient when the database is away for seconds."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import TYPE_CHECKING, Any, Self, cast

import asyncpg  # type: ignore[import-untyped]  # the package ships no types; this file is its border

from server.kit.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence

    Record = Mapping[str, Any]

WAIT_S = 10.0
RETRY_S = 0.1
CLOSE_S = 5.0
STATEMENT_TIMEOUT_S = 30.0

AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InternalClientError,  # a server's last words were read, and the end of the connection not yet
)
"""What asyncpg raises when the database is not there, or not yet, or no more."""


class Connection:
    """One connection as a service sees it: SQL with numbered parameters in, records out."""

    __slots__ = ("driver",)

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        """The asyncpg connection, for the job queue that speaks to it directly."""

    async def fetch(self, sql: str, *args: object) -> Sequence[Record]:
        return cast("Sequence[Record]", await self._ask(self.driver.fetch, sql, *args))

    async def fetchrow(self, sql: str, *args: object) -> Record | None:
        return cast("Record | None", await self._ask(self.driver.fetchrow, sql, *args))

    async def fetchval(self, sql: str, *args: object) -> Any:
        return await self._ask(self.driver.fetchval, sql, *args)

    async def execute(self, sql: str, *args: object) -> str:
        """Run a statement (several, when there are no parameters) and return its command tag."""
        return cast("str", await self._ask(self.driver.execute, sql, *args))

    async def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        await self._ask(self.driver.executemany, sql, rows)

    async def _ask(self, method: Callable[..., Awaitable[Any]], *args: object) -> Any:
        try:
            return await method(*args)
        except asyncpg.InterfaceError as error:
            if not self._is_gone():
                raise  # our own mistake, such as an argument of the wrong type
            raise Unavailable(retry_after_s=1) from error
        except AWAY as error:
            raise Unavailable(retry_after_s=1) from error

    def _is_gone(self) -> bool:
        try:
            return cast("bool", self.driver.is_closed())
        except asyncpg.InterfaceError:  # taken back by a pool that is closing
            return True


class Database:
    """The pool of one process."""

    def __init__(self, pool: Any, wait_s: float) -> None:
        self._pool = pool
        self._wait_s = wait_s

    @classmethod
    async def connect(cls, url: str, *, connections: int = 10, wait_s: float = WAIT_S) -> Self:
        """Make the pool. Connections open when they are first needed, so the database may come up later."""
        pool = await asyncpg.create_pool(
            url,
            min_size=0,
            max_size=connections,
            init=_prepare,
            timeout=wait_s,
            command_timeout=STATEMENT_TIMEOUT_S,
            max_inactive_connection_lifetime=60.0,
            server_settings={"application_name": "soundwell"},
        )
        return cls(pool, wait_s)

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """All or nothing. Waits for a database that is away, then raises `Unavailable`."""
        async with self._acquired(begin=True) as (driver, transaction):
            try:
                yield Connection(driver)
            except BaseException:
                # The first error is the one to tell; on a dead connection nothing is left to undo.
                with contextlib.suppress(*AWAY):
                    await transaction.rollback()
                raise
            try:
                await transaction.commit()
            except AWAY as error:
                raise Unavailable(retry_after_s=1) from error

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection in which each statement stands for itself."""
        async with self._acquired(begin=False) as (driver, _):
            yield Connection(driver)

    async def ping(self) -> None:
        """Ask the database anything; raises `Unavailable` when it does not answer."""
        async with self.connection() as connection:
            await connection.fetchval("SELECT 1")

    async def close(self) -> None:
        """Let running statements end, for `CLOSE_S` at most."""
        await close_pool(self._pool)

    @contextlib.asynccontextmanager
    async def _acquired(self, *, begin: bool) -> AsyncIterator[tuple[Any, Any]]:
        driver, transaction = await self._live(begin=begin)
        try:
            yield driver, transaction
        finally:
            with contextlib.suppress(*AWAY):
                await self._pool.release(driver)

    async def _live(self, *, begin: bool) -> tuple[Any, Any]:
        """A live connection. BEGIN is the probe: nothing has happened yet, so it may be tried again."""
        deadline = time.monotonic() + self._wait_s
        while True:
            try:
                return await self._try(max(deadline - time.monotonic(), 0.001), begin=begin)
            except AWAY as error:
                if time.monotonic() + RETRY_S >= deadline:
                    raise Unavailable(retry_after_s=1) from error
            await asyncio.sleep(RETRY_S)

    async def _try(self, timeout_s: float, *, begin: bool) -> tuple[Any, Any]:
        driver = await self._pool.acquire(timeout=timeout_s)
        try:
            if not begin:
                await driver.fetchval("SELECT 1")
                return driver, None
            transaction = driver.transaction()
            await transaction.start()
        except BaseException:
            with contextlib.suppress(*AWAY):
                await self._pool.release(driver)
            raise
        return driver, transaction


async def plain_pool(url: str) -> Any:
    """Connections without our codecs, for the job queue, which has its own idea of JSON."""
    return await asyncpg.create_pool(
        url,
        min_size=0,
        max_size=4,
        command_timeout=STATEMENT_TIMEOUT_S,
        server_settings={"application_name": "soundwell jobs"},
    )


async def close_pool(pool: Any) -> None:
    """Close what is open; a connection that nobody gave back is cut after `CLOSE_S`."""
    try:
        await asyncio.wait_for(pool.close(), CLOSE_S)
    except TimeoutError:
        pool.terminate()


async def _prepare(driver: Any) -> None:
    await driver.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
