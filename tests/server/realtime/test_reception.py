"""From hello to a session, without sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from server.kit.clock import ManualClock
from server.realtime import wire
from server.realtime.errors import RealtimeError
from server.realtime.limits import Limits
from server.realtime.reception import Reception
from server.realtime.session import Session
from tests.peers.house import principal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kit.principal import Principal
    from server.realtime.connection import Connection


class Door:
    """What a reception sees of a connection."""

    origin = "http://test"
    address = "127.0.0.1"


class Desk:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.asked: list[tuple[str, str | None]] = []
        self.who: Principal | None = self.somebody()
        self.reception = Reception(self.authenticate, self.describe, self.clock, Limits())

    def somebody(self, number: int = 1, kind: str = "guest", lives_s: float = 100) -> Principal:
        found = principal(number, kind, "guest")
        return type(found)(found.id, found.kind, found.plan, self.clock.now() + lives_s)

    async def authenticate(self, ticket: str, origin: str | None) -> Principal | None:
        self.asked.append((ticket, origin))
        return self.who

    async def describe(self, who: Principal) -> Mapping[str, object]:
        return {"plan": who.plan}

    async def enter(self, **hello: object) -> tuple[Session, str]:
        said = wire.Hello(**{"v": (1,), "ticket": "t", **hello})  # type: ignore[arg-type]  # any hello
        return await self.reception.enter(cast("Connection", Door()), said)


async def test_a_ticket_is_shown_with_the_origin_of_the_socket() -> None:
    desk = Desk()
    session, token = await desk.enter(client={"device": "Firefox on Linux"})
    assert desk.asked == [("t", "http://test")]
    assert session.device == "Firefox on Linux"
    assert desk.reception.resume(token) is not None


@pytest.mark.parametrize(
    ("client", "device"),
    [({"name": "web"}, "web"), ({}, "another device"), ({"device": ""}, "another device")],
)
async def test_a_client_without_a_device_has_a_name_all_the_same(client: dict[str, str], device: str) -> None:
    session, _ = await Desk().enter(client=client)
    assert session.device == device


async def test_authority_that_has_ended_opens_nothing() -> None:
    desk = Desk()
    _, token = await desk.enter()
    parked = Session("parked", desk.somebody(), "a test", Limits(), 0.0)
    assert desk.reception.readmit(parked)
    desk.clock.advance(101)
    for attempt in (lambda: desk.reception.resume(token), lambda: desk.reception.readmit(parked)):
        with pytest.raises(RealtimeError) as refused:
            attempt()
        assert refused.value.code == "unauthenticated"
    with pytest.raises(RealtimeError):
        await desk.enter()


async def test_a_forgotten_session_is_not_resumed() -> None:
    desk = Desk()
    session, token = await desk.enter()
    assert list(desk.reception.of(session.principal)) == [session]
    desk.reception.forget(session)
    assert desk.reception.resume(token) is None
    assert list(desk.reception.of(session.principal)) == []


async def test_caps_without_a_common_codec_are_refused() -> None:
    with pytest.raises(RealtimeError) as refused:
        await Desk().enter(caps={"codecs": ("opus",)})
    assert refused.value.code == "unsupported_codec"
    await Desk().enter(caps={"codecs": ("opus", "f32")})


async def test_only_a_guest_becomes_a_user_and_the_same_person() -> None:
    desk = Desk()
    session, _ = await desk.enter()
    request = wire.AuthRenew(id=1, ticket="t")
    desk.who = desk.somebody(1, "user")
    renewed = await desk.reception.renew(session, request, None)
    assert (renewed.re, session.principal.kind) == (1, "user")
    for other in (desk.somebody(1, "user"), desk.somebody(2, "user")):
        desk.who = other
        with pytest.raises(RealtimeError) as refused:
            await desk.reception.renew(session, request, None)
        assert refused.value.code == "forbidden"
