"""The event log on a connection."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

import pytest

from server.kit import events
from server.kit.bus import Bus
from server.kit.errors import Unavailable
from server.kit.events import Event, Page
from server.realtime import wire
from server.realtime.errors import RealtimeError
from server.realtime.follow import Follower, Log
from server.realtime.line import Line
from server.realtime.outbox import MOST_EVENTS, Outbox
from tests.peers.client import Refused, listener
from tests.peers.house import GUEST, House, house

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from uuid import UUID


def event(seq: int, topic: str = "listen", epoch: int = 7) -> Event:
    return Event(epoch, seq, 1.5, topic, f"{topic}.started", {"n": seq})


class Desk:
    """A follower over a log in memory."""

    def __init__(self, bus: Bus) -> None:
        self.rows: list[Event] = []
        self.is_away = False
        self.bus = bus
        self.line = Line()
        self.told: list[wire.Message] = []
        outbox = Outbox(lambda: self._read(outbox))
        self.line.outbox = outbox
        self.log = Log(bus, self.read, self.snapshot, reread_s=30)

    def _read(self, outbox: Outbox) -> None:
        while (data := outbox.pop()) is not None:
            assert isinstance(data, bytes)
            self.told.append(wire.decode_server(data))

    async def read(self, who: UUID, epoch: int | None, seq: int, limit: int) -> Page:
        if self.is_away:
            raise Unavailable
        after = tuple(row for row in self.rows if row.seq > seq)[:limit]
        is_known = epoch == 7 and seq <= len(self.rows)
        return Page(is_known, 7, len(self.rows), after if is_known else ())

    async def snapshot(self, who: UUID, topics: Sequence[str]) -> Mapping[str, object]:
        return dict.fromkeys(topics, "as it is")

    @contextlib.asynccontextmanager
    async def following(
        self, topics: Sequence[str], after: Mapping[str, int] | None
    ) -> AsyncIterator[asyncio.Task[None]]:
        follower = Follower(self.log, GUEST, self.line, topics)
        task = asyncio.create_task(follower.run(after, 1))
        try:
            yield task
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, RealtimeError):
                await task

    async def happen(self, *rows: Event) -> None:
        self.rows += rows
        await events.notify(self.bus, GUEST)

    def events(self) -> list[wire.Event]:
        return [one for one in self.told if isinstance(one, wire.Event)]

    async def told_events(self, count: int) -> list[wire.Event]:
        async with asyncio.timeout(10):
            while len(found := self.events()) < count:  # noqa: ASYNC110 - looks at what another task did
                await asyncio.sleep(0.005)
        return found


@pytest.fixture
async def desk(redis_url: str) -> AsyncIterator[Desk]:
    bus = await Bus.connect(redis_url)
    yield Desk(bus)
    await bus.close()


async def test_the_backlog_comes_first_then_what_happens(desk: Desk) -> None:
    desk.rows = [event(seq) for seq in range(1, 251)]
    async with desk.following(["listen"], {"epoch": 7, "after": 10}):
        assert [one.seq for one in await desk.told_events(240)] == list(range(11, 251))
        await desk.happen(event(251))
        assert (await desk.told_events(241))[-1] == wire.Event(
            epoch=7, seq=251, ts=1.5, topic="listen", type="listen.started", data={"n": 251}
        )
    state = desk.told[0]
    assert state == wire.EventsState(re=1, recovered=True, epoch=7, head=250)


async def test_other_topics_are_passed_over(desk: Desk) -> None:
    desk.rows = [event(1, "job"), event(2), event(3, "job"), event(4)]
    async with desk.following(["listen"], {"epoch": 7, "after": 0}):
        assert [one.seq for one in await desk.told_events(2)] == [2, 4]


@pytest.mark.parametrize("after", [None, {"epoch": 6, "after": 1}, {"epoch": 7, "after": 99}])
async def test_without_a_good_cursor_there_is_a_snapshot_and_then_what_is_new(
    desk: Desk, after: Mapping[str, int] | None
) -> None:
    desk.rows = [event(1), event(2)]
    async with desk.following(["listen"], after):
        async with asyncio.timeout(5):
            while not desk.told:  # noqa: ASYNC110 - looks at what another task did
                await asyncio.sleep(0.005)
        assert desk.told == [
            wire.EventsState(re=1, recovered=False, epoch=7, head=2, snapshot={"listen": "as it is"})
        ]
        await desk.happen(event(3))
        assert [one.seq for one in await desk.told_events(1)] == [3]


async def test_a_wake_up_that_was_lost_is_made_up_for(desk: Desk) -> None:
    desk.log = Log(desk.bus, desk.read, desk.snapshot, reread_s=0.05)
    async with desk.following(["listen"], {"epoch": 7, "after": 0}):
        desk.rows.append(event(1))
        assert [one.seq for one in await desk.told_events(1)] == [1]


async def test_a_database_that_is_away_is_waited_for(desk: Desk) -> None:
    desk.log = Log(desk.bus, desk.read, desk.snapshot, reread_s=0.05)
    desk.is_away = True
    async with desk.following(["listen"], {"epoch": 7, "after": 0}):
        await asyncio.sleep(0.05)
        desk.is_away = False
        desk.rows.append(event(1))
        await desk.told_events(1)
        desk.is_away = True
        await asyncio.sleep(0.1)
        desk.is_away = False
        desk.rows.append(event(2))
        assert [one.seq for one in await desk.told_events(2)] == [1, 2]


async def test_a_log_that_moved_on_ends_the_connection(desk: Desk) -> None:
    desk.rows = [event(1)]
    async with desk.following(["listen"], {"epoch": 7, "after": 1}) as task:
        async with asyncio.timeout(5):
            while not desk.told:  # noqa: ASYNC110 - looks at what another task did
                await asyncio.sleep(0.005)
        desk.rows = []
        await events.notify(desk.bus, GUEST)
        with pytest.raises(RealtimeError, match="moved on"):
            await asyncio.wait_for(asyncio.shield(task), 5)


async def test_a_client_that_takes_no_event_is_let_go(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.realtime.follow.STUCK_S", 0.1)
    outbox = Outbox(lambda: None)
    desk.line.outbox = outbox
    desk.rows = [event(seq) for seq in range(1, 1 + MOST_EVENTS)]
    begun = time.monotonic()
    async with desk.following(["listen"], {"epoch": 7, "after": 0}) as task:
        with pytest.raises(RealtimeError) as refused:
            await asyncio.wait_for(asyncio.shield(task), 5)
    assert refused.value.code == "slow_consumer"
    assert time.monotonic() - begun >= 0.1
    assert not outbox.has_overflowed


# Over a socket


async def happened(at: House, *found: Event) -> None:
    at.events += found
    await events.notify(at.bus, GUEST)


async def test_events_reach_a_client_once_and_in_order_over_a_resume(redis_url: str) -> None:
    async with house(redis_url) as at, listener(at.url) as client:
        state = await client.ask(wire.EventsSub(id=client.next_id(), topics=("listen",)))
        assert isinstance(state, wire.EventsState)
        assert (state.recovered, state.head, state.snapshot) == (False, 0, {"listen": {"events": 0}})
        await happened(at, event(1), event(2))
        assert [(await client.expect(wire.Event)).seq for _ in range(2)] == [1, 2]
        await client.drop()
        await happened(at, event(3))
        await client.resume(events={"epoch": 7, "after": 2})
        await happened(at, event(4))
        assert [(await client.expect(wire.Event)).seq for _ in range(2)] == [3, 4]


async def test_a_second_subscription_replaces_the_first(redis_url: str) -> None:
    async with house(redis_url) as at, listener(at.url) as client:
        for topics in (("listen",), ("job",)):
            await client.ask(wire.EventsSub(id=client.next_id(), topics=topics))
        await happened(at, event(1), event(2, "job"))
        assert (await client.expect(wire.Event)).seq == 2


async def test_a_client_whose_log_moved_on_is_cut_and_may_come_back(redis_url: str) -> None:
    async with house(redis_url) as at, listener(at.url) as client:
        at.events += [event(1), event(2)]
        await client.ask(
            wire.EventsSub(id=client.next_id(), topics=("listen",), after={"epoch": 7, "after": 2})
        )
        at.events.clear()
        await events.notify(at.bus, GUEST)
        assert await client.closed() == 4508
        await client.resume()
        with pytest.raises(Refused, match="not_found"):
            await client.ask(wire.SessionFinish(id=client.next_id(), sid=1, fade_ms=10))
