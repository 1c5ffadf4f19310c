from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from server.kit import audit, refusals
from server.kit.audit import Search
from server.kit.clock import ManualClock
from server.kit.db import Database
from server.kit.errors import CsrfFailed, NotFound, Unauthenticated
from server.kit.refusals import PER_ADDRESS, Refusals
from tests.server.kit.conftest import floor

if TYPE_CHECKING:
    from server.kit.audit import Entry
    from server.kit.settings import Settings


def scope(address: str = "203.0.113.7", **headers: str) -> dict[str, Any]:
    """Of a request."""
    given = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": "POST", "path": "/api/notes", "client": (address, 1), "headers": given}


async def lines(db: Database) -> list[Entry]:
    async with db.connection() as conn:
        return (await audit.find(conn, Search(), limit=1_000))[::-1]


@pytest.mark.req("S1-73", "S1-74", "S1-75", "S1-83", "S1-88")
async def test_what_looks_like_an_attack_is_in_the_audit_log(db: Database, settings: Settings) -> None:
    someone = f"Bearer user:{uuid.uuid4()}"
    with floor(settings, address="203.0.113.7", limit=8) as client:
        note = {"title": "a"}
        client.get("/api/audit", headers={"Authorization": someone})
        client.cookies.set("sw_guest", str(uuid.uuid4()))
        client.post("/api/notes", json=note)
        client.post("/api/notes", content=b"x" * 70_000, headers={"Authorization": someone})
        client.get("/healthz", headers={"X-Forwarded-For": "10.0.0.1"})
        client.get("/api/notes", headers={"Host": "evil.example"})
        for _ in range(8):
            client.get("/api/notes")
    told = [line.action for line in await lines(db)]
    assert {
        "security.forbidden",
        "security.csrf_failed",
        "security.too_big",
        "security.forged_address",
        "security.foreign_host",
        "security.rate_limited",
    } <= set(told)
    assert {line.address for line in await lines(db)} == {"203.0.113.7"}


async def test_who_has_no_token_or_asks_for_nothing_is_no_attacker(db: Database) -> None:
    noted = Refusals(db, ManualClock())
    noted.refused(Unauthenticated(), scope(), "r1")
    noted.refused(NotFound(), scope(authorization="Bearer x"), "r2")
    await noted.write()
    assert await lines(db) == []
    noted.refused(Unauthenticated(), scope(authorization="Bearer x"), "r3")
    await noted.write()
    (line,) = await lines(db)
    assert (line.action, line.request_id, line.metadata["path"]) == ("security.bad_token", "r3", "/api/notes")


async def test_a_flood_leaves_few_lines_that_say_how_many_there_were(db: Database) -> None:
    clock = ManualClock()
    noted = Refusals(db, clock)
    for _ in range(PER_ADDRESS + 100):
        noted.refused(CsrfFailed(), scope(), "")
    noted.refused(CsrfFailed(), scope("203.0.113.8"), "")
    await noted.write()
    by_flood = [line for line in await lines(db) if line.address == "203.0.113.7"]
    assert len(by_flood) == PER_ADDRESS + 7
    assert by_flood[-1].metadata["unwritten"] == 64
    clock.advance(60)
    noted.refused(CsrfFailed(), scope(), "")
    await noted.write()
    assert (await lines(db))[-1].metadata["unwritten"] == 0


async def test_who_has_a_whole_network_of_addresses_is_one_caller(db: Database) -> None:
    noted = Refusals(db, ManualClock())
    for number in range(PER_ADDRESS + 100):
        noted.refused(CsrfFailed(), scope(f"2001:db8::{number:x}"), "")
    await noted.write()
    assert len(await lines(db)) == PER_ADDRESS + 7


async def test_lines_wait_while_the_database_is_away(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    away = await Database.connect("postgresql://nobody@localhost:1/none", wait_s=0.2)
    noted = Refusals(away, ManualClock())
    noted.refused(CsrfFailed(), scope(), "first")
    await noted.write()
    noted.refused(CsrfFailed(), scope(), "second")
    monkeypatch.setattr(noted, "_database", db)
    await noted.write()
    assert [line.request_id for line in await lines(db)] == ["first", "second"]
    await away.close()


async def test_there_is_room_for_so_many(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "MOST_WAITING", 3)
    noted = Refusals(db, ManualClock())
    for number in range(5):
        noted.refused(CsrfFailed(), scope(), str(number))
    await noted.write()
    assert [line.request_id for line in await lines(db)] == ["2", "3", "4"]
