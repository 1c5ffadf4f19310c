from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from server.kit import audit
from server.kit.audit import Origin, Search

if TYPE_CHECKING:
    from server.kit.db import Database

HERE = Origin("203.0.113.7", "request-1", "a browser")


@pytest.mark.req("S1-25", "S1-26", "S1-33", "S4-46", "S4-58")
async def test_a_line_says_who_did_what_from_where(db: Database) -> None:
    person = uuid.uuid4()
    async with db.transaction() as conn:
        await audit.record(conn, "auth.logged_in", "auth", HERE, principal_id=person, login="l1")
        (entry,) = await audit.find(conn, Search())
    assert (entry.principal_id, entry.action, entry.category, entry.severity) == (
        person,
        "auth.logged_in",
        "auth",
        "info",
    )
    assert (entry.address, entry.agent, entry.request_id) == ("203.0.113.7", "a browser", "request-1")
    assert entry.metadata == {"login": "l1"}


async def test_what_is_taken_back_leaves_no_line(db: Database) -> None:
    async def fail() -> None:
        async with db.transaction() as conn:
            await audit.record(conn, "x.done", "admin", Origin.system("a job"), principal_id=None)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with db.connection() as conn:
        assert await audit.find(conn, Search()) == []


async def test_lines_are_found_by_person_kind_action_and_request_newest_first(db: Database) -> None:
    ann, jo = uuid.uuid4(), uuid.uuid4()
    async with db.transaction() as conn:
        await audit.record(conn, "auth.logged_in", "auth", HERE, principal_id=ann)
        await audit.record(conn, "billing.paid", "billing", Origin("", "request-2"), principal_id=jo)
        await audit.record(conn, "auth.logged_out", "auth", HERE, principal_id=ann, severity="notice")
        every = await audit.find(conn, Search())
        found = {
            name: [entry.action for entry in await audit.find(conn, search)]
            for name, search in {
                "all": Search(),
                "ann": Search(principal_id=ann),
                "money": Search(category="billing"),
                "action": Search(action="auth.logged_in"),
                "request": Search(request_id="request-2"),
                "older": Search(before=every[0].id),
            }.items()
        }
        assert len(await audit.find(conn, Search(), limit=1)) == 1
    assert found == {
        "all": ["auth.logged_out", "billing.paid", "auth.logged_in"],
        "ann": ["auth.logged_out", "auth.logged_in"],
        "money": ["billing.paid"],
        "action": ["auth.logged_in"],
        "request": ["billing.paid"],
        "older": ["billing.paid", "auth.logged_in"],
    }


async def test_old_lines_go(db: Database) -> None:
    async with db.transaction() as conn:
        for _ in range(3):
            await audit.record(conn, "x.done", "admin", HERE, principal_id=None)
        await conn.execute("UPDATE audit_logs SET at = now() - interval '401 days' WHERE id <= 2")
        assert await audit.trim(conn, keep_days=400) == 2
        assert len(await audit.find(conn, Search())) == 1


async def test_a_long_agent_is_cut(db: Database) -> None:
    async with db.transaction() as conn:
        await audit.record(conn, "x.done", "admin", Origin("", "", "x" * 1000), principal_id=None)
        (entry,) = await audit.find(conn, Search())
    assert len(entry.agent) == 200
