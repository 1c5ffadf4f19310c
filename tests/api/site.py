"""The whole application on loopback, in this process: real uvicorn, database, bus and engine."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2
import uvicorn
from pydantic import SecretStr

from server.app import create_app
from server.kit.db import Database
from server.kit.settings import Settings
from server.realtime.transport import PROTOCOL_OPTIONS, RealtimeProtocol, configure_socket
from tests.peers.client import Client

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path

PATIENCE_S = 30.0
SECRET = "a secret of forty characters for tests.."
PASSWORD = "a lamp beside the harbour"


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what must come, however slow the machine is."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


@dataclass
class Site:
    """A running server and how to reach it."""

    settings: Settings
    http: httpx2.AsyncClient

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    @property
    def socket_url(self) -> str:
        return f"ws://127.0.0.1:{self.settings.port}/ws"

    async def guest(self) -> dict[str, str]:
        """The headers of a new guest's program."""
        answer = await self.http.post("/api/auth/guest")
        return {"Authorization": f"Bearer {answer.json()['data']['token']}"}

    async def visit(self) -> dict[str, str]:
        """Open the page as a browser does; the headers of a request that its script sends."""
        await self.http.get("/")
        return self.page_headers()

    def page_headers(self) -> dict[str, str]:
        """With the token that the page reads from its cookie."""
        token = self.http.cookies["sw_csrf"]
        return {"Origin": self.origin, "X-CSRF-Token": token, "Sec-Fetch-Site": "same-origin"}

    async def newcomer(self, email: str = "jo@example.org", password: str = PASSWORD) -> dict[str, str]:
        """The headers of a program of somebody who has just registered."""
        answer = await self.http.post("/api/auth/register", json={"email": email, "password": password})
        assert answer.status_code == 201, answer.text
        return {"Authorization": f"Bearer {answer.json()['data']['access_token']}"}

    async def ask(self, sql: str, *args: object) -> list[Any]:
        """Look into the database, past all that the server says."""
        database = await Database.connect(self.settings.database_url)
        try:
            async with database.connection() as conn:
                return list(await conn.fetch(sql, *args))
        finally:
            await database.close()

    async def link(self, what: str) -> str:
        """The secret in the newest mail with a link of that kind."""
        rows = await self.ask("SELECT text FROM letters ORDER BY created_at, id")
        found = [re.search(rf"/#{what}/([\w-]+)", row["text"]) for row in rows]
        return [match.group(1) for match in found if match][-1]

    async def verified(self, email: str = "jo@example.org") -> dict[str, str]:
        """The same of somebody who has confirmed their address too."""
        headers = await self.newcomer(email)
        await self.http.post("/api/auth/verify-email", json={"token": await self.link("verify")})
        return headers

    async def ticket(self, headers: dict[str, str]) -> str:
        answer = await self.http.post("/api/auth/ws-ticket", headers=headers)
        return str(answer.json()["data"]["ticket"])

    @contextlib.asynccontextmanager
    async def listener(self, headers: dict[str, str]) -> AsyncGenerator[Client]:
        """A connected client of that guest, who goes away without a word."""
        client = Client(self.socket_url, origin=None)
        await client.connect(await self.ticket(headers))
        try:
            yield client
        finally:
            await client.drop()

    async def get(self, path: str, headers: dict[str, str]) -> Any:
        """The data of a successful answer."""
        answer = await self.http.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]


@contextlib.asynccontextmanager
async def running_site(
    database_url: str, redis_url: str, data_dir: Path, **more: Any
) -> AsyncGenerator[Site]:
    """Serve on a free port until the block ends."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listening:
        configure_socket(listening)
        settings = Settings(
            environment="test",
            port=listening.getsockname()[1],
            data_dir=data_dir,
            database_url=database_url,
            redis_url=redis_url,
            secret_key=SecretStr(SECRET),
            **more,
        )
        config = uvicorn.Config(
            create_app(settings),
            ws=RealtimeProtocol,
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            timeout_graceful_shutdown=2,
            **PROTOCOL_OPTIONS,
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listening]))
        await until(lambda: server.started)
        try:
            # verify: reading the authorities of the world takes longer than a test
            async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{settings.port}", verify=False) as http:
                yield Site(settings, http)
        finally:
            server.should_exit = True
            await task
