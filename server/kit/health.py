"""Is it alive, is it ready, what is it made of: for orchestrators, monitors and people."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

from server.kit.api import Call, Model, Routes
from server.kit.errors import Forbidden, Unavailable
from server.kit.limits import is_loopback
from server.kit.observe import metrics_response

if TYPE_CHECKING:
    from starlette.responses import Response

    from server.kit.db import Database

READY_WITHIN_S = 2.0


class Alive(Model):
    status: Literal["ok"] = "ok"


class Ready(Model):
    database: bool
    bus: bool


class Health(Model):
    status: Literal["ok", "degraded"]
    version: str
    environment: str
    database: bool
    bus: bool


def health_routes(version: str) -> Routes:
    """The operational routes."""
    routes = Routes("operation")

    @routes.get("/healthz", summary="Is the process alive", reply=Alive)
    async def read_alive(_: Call) -> Alive:
        return Alive()

    @routes.get("/health", summary="Is the process alive (an older name)", reply=Alive)
    async def read_alive_by_older_name(_: Call) -> Alive:
        return Alive()

    @routes.get("/readyz", summary="Can it serve", reply=Ready)
    async def read_ready(call: Call) -> Ready:
        """Without the bus requests and sound go on, so only the database decides."""
        database, bus = await _database_answers(call.state["db"]), await call.state["bus"].ping()
        if not database:
            raise Unavailable("The database does not answer.", retry_after_s=1)
        return Ready(database=database, bus=bus)

    @routes.get("/api/health", summary="What works", reply=Health)
    async def read_health(call: Call) -> Health:
        database, bus = await _database_answers(call.state["db"]), await call.state["bus"].ping()
        return Health(
            status="ok" if database and bus else "degraded",
            version=version,
            environment=call.state["settings"].environment,
            database=database,
            bus=bus,
        )

    @routes.get("/metrics", summary="Prometheus metrics", media="text/plain", errors=(Forbidden,))
    async def read_metrics(call: Call) -> Response:
        """For this machine, or an administrator's bearer token."""
        is_admin = call.principal is not None and call.principal.is_admin
        if not is_admin and not _is_from_this_machine(call):
            raise Forbidden
        return metrics_response()

    return routes


def _is_from_this_machine(call: Call) -> bool:
    """A proxy that we were not told about must not make strangers local."""
    was_forwarded = "x-forwarded-for" in call.request.headers or "forwarded" in call.request.headers
    return is_loopback(call.address) and not was_forwarded


async def _database_answers(db: Database) -> bool:
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            await db.ping()
    except (TimeoutError, Unavailable):
        return False
    return True
