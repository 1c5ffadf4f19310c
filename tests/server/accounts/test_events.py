from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from server.accounts import events as event_routes
from server.accounts.events import Cursor
from server.kit import events
from server.kit.bus import Bus
from server.kit.db import Database
from server.kit.errors import ValidationFailed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    import httpx2

    from tests.api.site import Site


class Log:
    """One guest's log, and the guest's own headers."""

    def __init__(self, database: Database, bus: Bus, principal: uuid.UUID, headers: dict[str, str]) -> None:
        self.database = database
        self.bus = bus
        self.principal = principal
        self.headers = headers

    async def append(self, number: int, *, wake: bool = True) -> None:
        async with self.database.transaction() as conn:
            await events.append(conn, self.principal, "listen", "listen.started", {"number": number})
        if wake:
            await events.notify(self.bus, self.principal)


@pytest.fixture
async def log(site: Site) -> AsyncIterator[Log]:
    guest = (await site.http.post("/api/auth/guest")).json()["data"]
    database = await Database.connect(site.settings.database_url)
    bus = await Bus.connect(site.settings.redis_url)
    headers = {"Authorization": f"Bearer {guest['token']}"}
    yield Log(database, bus, uuid.UUID(guest["user_id"]), headers)
    await bus.close()
    await database.close()


class Follower:
    """A program that reads server-sent events."""

    def __init__(self, answer: httpx2.Response) -> None:
        self.answer = answer
        self.lines = answer.aiter_lines()
        self.comments = 0

    async def next(self) -> dict[str, str]:
        """The next block of fields, comments counted."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(20):
            async for line in self.lines:
                if line.startswith(":"):
                    self.comments += 1
                elif line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                elif fields:
                    return fields
        raise EOFError


@contextlib.asynccontextmanager
async def following(site: Site, headers: dict[str, str]) -> AsyncGenerator[Follower]:
    wanted = {**headers, "Accept": "text/event-stream"}
    async with site.http.stream("GET", "/api/events", headers=wanted, timeout=30) as answer:
        yield Follower(answer)


async def page(site: Site, log: Log, after: str | None = None) -> Any:
    query = "" if after is None else f"?after={after}"
    return await site.get(f"/api/events{query}", log.headers)


async def test_who_knows_nothing_gets_the_head_and_a_snapshot(site: Site, log: Log) -> None:
    data = await page(site, log)
    assert (data["recovered"], data["cursor"], data["events"]) == (False, "0-0", [])
    assert data["snapshot"]["listen"] == {"sessions": []}
    await log.append(1)
    data = await page(site, log)
    assert (data["recovered"], data["events"]) == (False, [])
    assert data["cursor"].endswith("-1")


async def test_pages_follow_the_cursor_without_gap_or_repeat(
    site: Site, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_routes, "PAGE", 2)
    for number in range(5):
        await log.append(number)
    cursor, seen = "0-0", list[int]()
    while (data := await page(site, log, cursor))["events"]:
        assert data["recovered"]
        assert data["snapshot"] is None
        seen += [event["data"]["number"] for event in data["events"]]
        cursor = data["cursor"]
    assert seen == [0, 1, 2, 3, 4]
    assert cursor.endswith("-5")


async def test_a_cursor_of_another_age_is_not_recovered(site: Site, log: Log) -> None:
    await log.append(1)
    data = await page(site, log, "5-1")
    assert (data["recovered"], data["events"]) == (False, [])
    assert data["snapshot"]["listen"] == {"sessions": []}


@pytest.mark.req("S0-57")
async def test_nobody_reads_the_log_of_another(site: Site, log: Log) -> None:
    await log.append(1)
    other = await site.get("/api/events?after=0-0", await site.guest())
    assert other["events"] == []
    assert (await site.http.get("/api/events")).status_code == 401


@pytest.mark.parametrize("after", ["1", "a-b", "1-", "-1", "1-1-1", "12345678901234567-1", "1-1%00"])
async def test_a_wrong_cursor_is_refused(site: Site, log: Log, after: str) -> None:
    answer = await site.http.get(f"/api/events?after={after}", headers=log.headers)
    assert (answer.status_code, answer.json()["field"]) == (400, "after")


@pytest.mark.parametrize("text", ["1", "1-x", "²-1", "1-1\n", "9" * 20 + "-1"])
def test_a_wrong_last_event_id_is_refused(text: str) -> None:
    with pytest.raises(ValidationFailed):
        Cursor.read(text)


async def test_a_stream_begins_with_a_snapshot_and_then_tells_what_happens(site: Site, log: Log) -> None:
    async with following(site, log.headers) as follower:
        assert follower.answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert follower.answer.headers["cache-control"] == "no-store"
        assert await follower.next() == {"retry": "1000"}
        state = await follower.next()
        assert state["event"] == "events.state"
        assert json.loads(state["data"])["recovered"] is False
        for number in range(3):
            await log.append(number)
            told = await follower.next()
            assert told["event"] == "listen.started"
            event = json.loads(told["data"])
            assert event["data"] == {"number": number}
            assert told["id"] == f"{event['epoch']}-{event['seq']}"


async def test_a_stream_goes_on_after_the_last_event_that_was_seen(
    site: Site, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_routes, "PAGE", 2)
    for number in range(6):
        await log.append(number)
    epoch = (await page(site, log))["cursor"].split("-")[0]
    async with following(site, {**log.headers, "Last-Event-ID": f"{epoch}-1"}) as follower:
        await follower.next()
        seen = [json.loads((await follower.next())["data"])["seq"] for _ in range(5)]
    assert seen == [2, 3, 4, 5, 6]


async def test_what_nobody_was_woken_for_is_found_too(
    site: Site, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_routes, "LOOK_S", 0.05)
    async with following(site, log.headers) as follower:
        await follower.next()
        await follower.next()
        await log.append(7, wake=False)
        assert json.loads((await follower.next())["data"])["data"] == {"number": 7}


async def test_a_quiet_stream_says_that_it_is_there(
    site: Site, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_routes, "LOOK_S", 0.02)
    monkeypatch.setattr(event_routes, "COMMENT_S", 0.05)
    async with following(site, log.headers) as follower:
        await follower.next()
        await follower.next()
        await asyncio.sleep(0.2)
        await log.append(1)
        await follower.next()
        assert follower.comments >= 1


async def test_a_stream_ends_after_its_time_and_leaves_its_place(
    site: Site, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_routes, "LONGEST_S", 0.2)
    monkeypatch.setattr(event_routes, "STREAMS_PER_PRINCIPAL", 1)
    for _ in range(2):
        async with following(site, log.headers) as follower:
            await follower.next()
            await follower.next()
            with pytest.raises(EOFError):
                await follower.next()


async def test_too_many_streams_of_one_are_refused_until_one_ends(
    site: Site, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_routes, "STREAMS_PER_PRINCIPAL", 1)
    wanted = {**log.headers, "Accept": "text/event-stream"}
    async with following(site, log.headers) as follower:
        await follower.next()
        refused = await site.http.get("/api/events", headers=wanted)
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        stranger = await site.guest()
        async with following(site, stranger) as other:
            assert await other.next() == {"retry": "1000"}

    async def is_free() -> bool:
        async with site.http.stream("GET", "/api/events", headers=wanted) as answer:
            return answer.status_code == 200

    async with asyncio.timeout(20):
        while not await is_free():
            pass
