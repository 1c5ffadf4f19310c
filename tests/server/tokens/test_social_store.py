from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from server.tokens import social_store as store

if TYPE_CHECKING:
    from uuid import UUID

    from server.kit.db import Connection, Database


async def claimed(conn: Connection, user: UUID, state: store.ClaimState = "pending") -> store.Claim | None:
    return await store.insert_claim(conn, uuid.uuid4(), "follow", user, "@me", state)


@pytest.mark.req("S4-44")
async def test_there_is_one_claim_for_a_task_and_a_person(database: Database, user: UUID) -> None:
    async with database.transaction() as conn:
        first = await claimed(conn, user)
        assert first is not None
        assert first.reviewed_at is None
        assert await claimed(conn, user) is None
        assert await store.list_claims_of(conn, user) == [first]
        assert await store.list_claims_of(conn, uuid.uuid4()) == []
        assert await store.lock_claim(conn, first.id) == first
        assert await store.lock_claim(conn, uuid.uuid4()) is None
        rejected = await store.mark_reviewed(conn, first.id, "rejected", "no", uuid.uuid4())
        assert (rejected.state, rejected.note, rejected.reviewed_at is None) == ("rejected", "no", False)
        second = await claimed(conn, user, "approved")
        assert second is not None
        assert second.reviewed_at is not None
        assert await store.list_claims_of(conn, user) == [second]
        assert await store.list_pending(conn, 9) == []
        await store.delete_claims_of(conn, user)
        assert await store.list_claims_of(conn, user) == []


async def test_tasks_that_are_closed_are_still_known(database: Database) -> None:
    async with database.transaction() as conn:
        tasks = await store.list_tasks(conn)
        assert [task.id for task in tasks] == ["share-preset", "write-review", "follow"]
        await conn.execute("UPDATE social_tasks SET is_open = false WHERE id = 'follow'")
        assert await store.list_tasks(conn) == tasks[:2]
        assert await store.find_task(conn, "follow") == tasks[2]
        assert await store.find_task(conn, "jump") is None
