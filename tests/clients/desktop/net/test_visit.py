from __future__ import annotations

import asyncio

import pytest

from clients.desktop.errors import NotAllowed, Unreachable
from clients.desktop.net.visit import Visitor, visiting
from server.kit import events
from server.kit.events import Event
from server.realtime import wire
from tests.clients.desktop.net.test_link import other_server
from tests.peers.house import GUEST, House, house
from tests.peers.proxy import proxy


async def guest() -> str:
    return "guest"


async def happens(at: House, seq: int) -> None:
    at.events.append(Event(7, seq, 1.5, "listen", "listen.started", {"n": seq}))
    await events.notify(at.bus, GUEST)


async def test_events_go_on_after_a_cut_without_a_gap(redis_url: str) -> None:
    async with (
        house(redis_url) as at,
        proxy(at.url) as (line, url),
        visiting(url, guest, ["listen"]) as visitor,
    ):
        await visitor.is_welcome.wait()
        await asyncio.sleep(0.2)
        await happens(at, 1)
        assert (await visitor.next_event()).data == {"n": 1}
        line.cut()
        await happens(at, 2)
        async with asyncio.timeout(20):
            assert (await visitor.next_event()).seq == 2


async def test_who_opens_nothing_has_nothing_to_play(redis_url: str) -> None:
    async with house(redis_url) as at, visiting(at.url, guest) as visitor:
        await visitor.is_welcome.wait()
        assert visitor.heard() == {"streams": []}
        assert not visitor.is_buffered


async def test_a_line_that_is_closed_for_good_ends_the_events() -> None:
    async with other_server("version") as url:
        visitor = Visitor(url, guest, ["listen"])
        await visitor.run()
        with pytest.raises(Unreachable):
            await visitor.next_event()


async def test_a_token_that_is_refused_ends_the_events() -> None:
    async def nobody() -> str:
        raise NotAllowed("The token is not valid.")

    visitor = Visitor("ws://127.0.0.1:9/ws", nobody, ["listen"])
    await visitor.run()
    with pytest.raises(NotAllowed):
        await visitor.next_event()


def test_what_is_no_event_is_let_go() -> None:
    visitor = Visitor("ws://127.0.0.1:9/ws", guest, [])
    visitor.message(wire.Notice(code="a", msg="b"))
    assert visitor._events.empty()
