from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, cast

import pytest
from websockets.asyncio.server import ServerConnection, serve

from clients.desktop.errors import NotAllowed, OtherVersion
from server.realtime import wire
from tests.clients.desktop.stage import Stage, on_stage, until
from tests.peers.house import house
from tests.peers.proxy import proxy

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from websockets.http11 import Request, Response


@contextlib.asynccontextmanager
async def other_server(error: wire.ErrorCode, **more: Any) -> AsyncGenerator[str]:
    """A server that refuses everybody for one reason."""

    async def refuse(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(wire.encode(wire.Error(code=error, msg="No.", fatal=True)))
        await socket.close(wire.CLOSE_CODES[error])

    async with serve(refuse, "127.0.0.1", 0, **more) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}/ws"


async def test_a_cut_is_resumed_and_what_was_asked_is_asked_again(redis_url: str) -> None:
    async with house(redis_url) as at, proxy(at.url) as (line, url), on_stage(url) as stage:
        await until(lambda: stage.link.is_welcome)
        await until(lambda: len(stage.link.trips_s) == 4)
        assert stage.link.round_trip.srtt_us is not None
        line.stall()
        asked = stage.link.ask(wire.EventsSub(id=0, topics=["listen"]))
        await asyncio.sleep(0.05)
        line.cut()
        line.flow()
        assert isinstance(await asked, wire.EventsState)
        assert stage.welcomes == [False, True]
        assert [state.line for state in stage.states[:2]] == ["connecting", "connected"]
        assert stage.states[-1].line == "connected"


async def test_a_line_that_is_dead_though_nobody_closed_it_is_noticed(redis_url: str) -> None:
    async with house(redis_url) as at, proxy(at.url) as (line, url), on_stage(url) as stage:
        listening = stage.listen()
        await until(lambda: listening.buffered_frames > 48_000)
        line.half_open()
        await until(lambda: stage.states[-1].line == "reconnecting")
        line.cut()  # and from now on all passes again
        await until(lambda: stage.welcomes == [False, True])


async def test_a_wrong_ticket_is_tried_once_more_and_then_given_up(redis_url: str) -> None:
    async with house(redis_url) as at, on_stage(at.url, "stale") as stage:
        await until(lambda: bool(stage.states) and stage.states[-1].line == "closed")
        assert stage.tickets == 2
        error = stage.states[-1].error
        assert error is not None
        assert error.code == "unauthenticated"


async def test_who_goes_says_goodbye(redis_url: str) -> None:
    async with house(redis_url) as at:
        async with on_stage(at.url) as stage:
            await until(lambda: stage.link.is_welcome)
        await until(lambda: not at.gateway._reception.connected)
        assert all(state.line != "closed" for state in stage.states)


@pytest.mark.parametrize(("code", "line"), [("version", "closed"), ("superseded", "superseded")])
async def test_some_refusals_are_for_good(code: str, line: str) -> None:
    async with other_server(cast("wire.ErrorCode", code)) as url, on_stage(url) as stage:
        await until(lambda: bool(stage.states) and stage.states[-1].line == line)
        assert stage.states[-1].error is not None
        assert stage.states[-1].error.code == code
        assert stage.tickets == 1


async def test_an_overloaded_server_is_tried_again() -> None:
    async with other_server("overloaded") as url, on_stage(url) as stage:
        await until(lambda: stage.tickets >= 3)
        assert stage.states[-1].line == "connecting"


async def test_a_server_of_another_kind_is_told() -> None:
    def refuse(socket: ServerConnection, _: Request) -> Response:
        return socket.respond(404, "There is nothing here.")

    async with other_server("internal", process_request=refuse) as url:
        with pytest.raises(OtherVersion, match=r"does not speak soundwell\.v1"):
            await Stage(url).link.run()


async def test_a_token_that_is_refused_ends_it() -> None:
    class Nobody(Stage):
        async def ticket(self) -> str:
            raise NotAllowed("The token is not valid.")

    with pytest.raises(NotAllowed):
        await Nobody("ws://127.0.0.1:9/ws").link.run()
