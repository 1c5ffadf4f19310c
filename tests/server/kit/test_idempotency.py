from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any, cast

import pytest
from pydantic import BaseModel
from starlette.requests import Request

from server.kit.api import Call
from server.kit.clock import ManualClock
from server.kit.errors import NotFound, ValidationFailed
from server.kit.idempotency import IdempotencyConflict, RequestRunning, answered_once, forget_old
from server.kit.principal import Principal

if TYPE_CHECKING:
    from server.kit.api import State
    from server.kit.db import Database


class Number(BaseModel):
    number: int


class Caller:
    """One person who sends requests, and counts how often they are worked on."""

    def __init__(self, db: Database, clock: ManualClock, principal: Principal) -> None:
        self.state = cast("State", {"db": db, "clock": clock})
        self.principal = principal
        self.worked = 0

    async def send(
        self, key: str | None, body: bytes = b"{}", *, path: str = "/a", fails: bool = False
    ) -> int:
        async def work() -> Number:
            self.worked += 1
            number = self.worked
            await asyncio.sleep(0)
            if fails:
                raise NotFound
            return Number(number=number)

        return (await answered_once(self._call(key, body, path), Number, work)).number

    def _call(self, key: str | None, body: bytes, path: str) -> Call:
        headers = [] if key is None else [(b"idempotency-key", key.encode("latin-1"))]
        scope: dict[str, Any] = {
            "type": "http",
            "method": "POST",
            "path": path,
            "query_string": b"",
            "headers": headers,
            "server": ("localhost", 80),
            "state": self.state,
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        return Call(Request(scope, receive), self.principal)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


async def new_caller(db: Database, clock: ManualClock) -> Caller:
    principal = Principal(uuid.uuid4(), "user", "free", 0.0)
    async with db.connection() as conn:
        await conn.execute("INSERT INTO principals (id, kind) VALUES ($1, 'user')", principal.id)
    return Caller(db, clock, principal)


async def test_without_a_key_each_request_is_its_own(db: Database, clock: ManualClock) -> None:
    caller = await new_caller(db, clock)
    assert [await caller.send(None) for _ in range(2)] == [1, 2]


async def test_with_a_key_the_first_answer_is_given_again_for_a_day(db: Database, clock: ManualClock) -> None:
    caller = await new_caller(db, clock)
    assert [await caller.send("k") for _ in range(3)] == [1, 1, 1]
    clock.advance(24 * 3600)
    assert await caller.send("k") == 1
    clock.advance(1)
    assert await caller.send("k") == 2


async def test_a_key_is_for_one_request_of_one_person(db: Database, clock: ManualClock) -> None:
    caller, other = await new_caller(db, clock), await new_caller(db, clock)
    await caller.send("k")
    for body, path in ((b"[]", "/a"), (b"{}", "/b")):
        with pytest.raises(IdempotencyConflict):
            await caller.send("k", body, path=path)
    assert await other.send("k") == 1


async def test_of_two_at_once_one_is_worked_on(db: Database, clock: ManualClock) -> None:
    caller = await new_caller(db, clock)
    done = await asyncio.gather(*(caller.send("k") for _ in range(5)), return_exceptions=True)
    assert caller.worked == 1
    assert [answer for answer in done if not isinstance(answer, RequestRunning)] == [1] * done.count(1)
    assert await caller.send("k") == 1


async def test_a_refused_request_may_be_sent_again(db: Database, clock: ManualClock) -> None:
    caller = await new_caller(db, clock)
    with pytest.raises(NotFound):
        await caller.send("k", fails=True)
    assert await caller.send("k") == 2


async def test_a_request_that_died_with_its_process_is_taken_over(db: Database, clock: ManualClock) -> None:
    caller = await new_caller(db, clock)
    await caller.send("k")
    async with db.connection() as conn:
        await conn.execute("UPDATE idempotent_answers SET answer = NULL")
    with pytest.raises(RequestRunning):
        await caller.send("k")
    clock.advance(61)
    assert await caller.send("k") == 2


@pytest.mark.parametrize("key", ["", "a b", "x" * 201, "é"])
async def test_a_key_is_short_and_visible(db: Database, clock: ManualClock, key: str) -> None:
    with pytest.raises(ValidationFailed):
        await (await new_caller(db, clock)).send(key)


async def test_old_answers_are_forgotten(db: Database, clock: ManualClock) -> None:
    caller = await new_caller(db, clock)
    await caller.send("k")
    async with db.connection() as conn:
        for days, left in ((0, 1), (2, 0)):
            (now,) = await conn.fetch("SELECT to_timestamp($1) AS t", clock.now() + days * 86_400)
            await forget_old(conn, now["t"])
            assert await conn.fetchval("SELECT count(*) FROM idempotent_answers") == left
