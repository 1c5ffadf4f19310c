"""The floor's own parts, real ones, and services that a test may kill."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import psutil
import pytest
from pydantic import Field, SecretStr
from starlette.applications import Starlette
from starlette.testclient import TestClient

from server.kit.api import ADMIN, API_LIMIT, PRINCIPAL, USER, Alias, Call, Model, Routes, State
from server.kit.bus import Bus
from server.kit.clock import Clock
from server.kit.db import Database
from server.kit.docs_page import documented_routes
from server.kit.embedded import data_folder, services_in
from server.kit.envelope import exception_handlers
from server.kit.errors import UpgradeRequired
from server.kit.events import Snapshots
from server.kit.health import health_routes
from server.kit.limits import Limit, Limits
from server.kit.middleware import middleware
from server.kit.principal import ADMIN_SCOPE, Principal
from server.kit.refusals import Refusals
from server.kit.security import GUEST_COOKIE
from server.kit.settings import Settings

if TYPE_CHECKING:
    import subprocess
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from starlette.requests import Request

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
        """As `kill -9` of it and its children: nothing is said to anybody."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        self.process.wait()
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()

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


class Note(Model):
    title: str = Field(min_length=1, max_length=20)
    stars: int = Field(default=0, ge=0, le=5)


class NoteQuery(Model):
    stars: int | None = Field(default=None, ge=0, le=5)
    loud: bool = False


class Told(Model):
    told: str


NOTES = Routes("notes")


@NOTES.get("/api/notes", summary="All notes", query=NoteQuery, reply=Told)
async def list_notes(call: Call) -> Told:
    return Told(told=f"{call.query.stars} {call.query.loud}")


@NOTES.post("/api/notes", summary="A new note", auth=PRINCIPAL, body=Note, reply=Told, status=201)
async def create_note(call: Call) -> Told:
    call.headers.append("Set-Cookie", "seen=1")
    return Told(told=f"{call.body.title} {call.body.stars} by {call.known.kind}")


@NOTES.get("/api/notes/{id:uuid}", summary="One note", reply=Told)
async def read_note(call: Call) -> Told:
    return Told(told=str(call.path["id"].version))


@NOTES.delete("/api/notes/{id:uuid}", summary="Forget a note", auth=USER)
async def delete_note(_: Call) -> None:
    return None


@NOTES.get("/api/audit", summary="Who did what", auth=ADMIN, reply=Told)
async def read_audit(call: Call) -> Told:
    return Told(told=call.address)


@NOTES.get("/api/broken", summary="A fault of ours", reply=Told)
async def read_broken(_: Call) -> Told:
    raise ZeroDivisionError("the secret reason")


@NOTES.get("/api/upgrade", summary="For other plans", reply=Told, errors=(UpgradeRequired,))
async def read_upgrade(_: Call) -> Told:
    raise UpgradeRequired(feature="stems")


@NOTES.get("/api/named/{name}", summary="By name", reply=Told)
async def read_named(call: Call) -> Told:
    return Told(told=call.path["name"])


@NOTES.put("/api/named/{name}", summary="Put", body=Note, reply=Told)
async def put_named(call: Call) -> Told:
    return Told(told=f"put {call.path['name']}")


class NoteForm(Model):
    title: str
    grant: str = ""


@NOTES.post(
    "/api/letters",
    summary="As JSON or as a form",
    body=Note,
    form=NoteForm,
    reply=Told,
    flat=("told",),
    aliases=(Alias("/letters"), Alias("/old/letters", ("told",))),
)
async def create_letter(call: Call) -> Told:
    return Told(told=f"{type(call.body).__name__} {call.body.title}")


@NOTES.get("/api/keyed", summary="For keys too", auth=USER, reply=Told, scope="notes")
async def read_keyed(call: Call) -> Told:
    return Told(told=f"{call.origin.agent} {call.origin.request_id}")


@NOTES.patch("/api/named/{name}", summary="Patch", body=Note, reply=Told)
async def patch_named(call: Call) -> Told:
    return Told(told=f"patch {call.path['name']}")


async def authenticate(request: Request) -> Principal | None:
    """`Bearer kind:id` or the guest cookie's plain id."""
    word, _, token = request.headers.get("authorization", "").partition(" ")
    if word == "Bearer":
        kind, _, identity = token.partition(":")
        scopes = frozenset({ADMIN_SCOPE} if kind == "admin" else ())
        known = "guest" if kind == "guest" else "user"
        limited = frozenset({"notes"}) if kind == "key" else None
        return Principal(UUID(identity), known, "free", 0.0, scopes=scopes, limited_to=limited)  # type: ignore[arg-type]  # one of two words
    cookie = request.cookies.get(GUEST_COOKIE)
    return Principal(UUID(cookie), "guest", "guest", 0.0) if cookie else None


@contextlib.contextmanager
def floor(settings: Settings, *, address: str = "127.0.0.1", limit: int = 1000) -> Iterator[TestClient]:
    """A client of an application that is nothing but the floor and a few notes."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[State]:
        db, bus = await Database.connect(settings.database_url), await Bus.connect(settings.redis_url)
        limits = Limits(bus, [Limit(API_LIMIT, limit, 60)])
        clock = Clock()
        refusals = Refusals(db, clock)
        async with refusals.running():
            yield State(
                settings=settings,
                db=db,
                bus=bus,
                clock=clock,
                limits=limits,
                refusals=refusals,
                snapshots=Snapshots(),
            )
        await bus.close()
        await db.close()

    app = Starlette(
        routes=documented_routes(
            [NOTES, health_routes("1.2.3")],
            authenticate=authenticate,
            title="Notes",
            version="1.2.3",
            description="A sample.",
        ),
        middleware=middleware(settings),
        exception_handlers=exception_handlers(),
        lifespan=lifespan,
    )
    with TestClient(app, base_url=f"http://localhost:{settings.port}", client=(address, 1)) as client:
        yield client


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with floor(settings) as client:
        yield client
