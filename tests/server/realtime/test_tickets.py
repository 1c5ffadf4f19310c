from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.kit.bus import Bus
from server.kit.clock import ManualClock
from server.realtime.tickets import SIGNED, TTL_S, Tickets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SECRET = b"a secret of the tests"
CLAIMS = {"id": "42", "kind": "guest"}
ORIGIN = "http://test"
AWAY = "redis://127.0.0.1:1/0"


@pytest.fixture(params=["there", "away"])
async def bus(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[Bus]:
    found = await Bus.connect(redis_url if request.param == "there" else AWAY)
    yield found
    await found.close()


async def test_a_ticket_is_good_once(bus: Bus) -> None:
    tickets = Tickets(bus, SECRET, ManualClock())
    ticket = await tickets.mint(CLAIMS, ORIGIN)
    assert await tickets.redeem(ticket, ORIGIN) == CLAIMS
    assert await tickets.redeem(ticket, ORIGIN) is None


@pytest.mark.parametrize("origin", ["http://other", None])
async def test_a_ticket_is_bound_to_its_origin(bus: Bus, origin: str | None) -> None:
    tickets = Tickets(bus, SECRET, ManualClock())
    assert await tickets.redeem(await tickets.mint(CLAIMS, ORIGIN), origin) is None


async def test_a_ticket_of_a_bearer_has_no_origin(bus: Bus) -> None:
    tickets = Tickets(bus, SECRET, ManualClock())
    assert await tickets.redeem(await tickets.mint(CLAIMS, None), ORIGIN) is None
    assert await tickets.redeem(await tickets.mint(CLAIMS, None), None) == CLAIMS


async def test_a_ticket_lives_thirty_seconds(bus: Bus) -> None:
    clock = ManualClock()
    tickets = Tickets(bus, SECRET, clock)
    ticket = await tickets.mint(CLAIMS, ORIGIN)
    clock.advance(TTL_S + 1)
    assert await tickets.redeem(ticket, ORIGIN) is None


@pytest.mark.parametrize("ticket", ["", "unknown", SIGNED, SIGNED + "x.y", SIGNED + "é.é"])
async def test_what_is_no_ticket_is_refused(bus: Bus, ticket: str) -> None:
    assert await Tickets(bus, SECRET, ManualClock()).redeem(ticket, ORIGIN) is None


async def test_the_bus_never_holds_the_ticket_itself(redis_url: str) -> None:
    bus = await Bus.connect(redis_url)
    ticket = await Tickets(bus, SECRET, ManualClock()).mint(CLAIMS, ORIGIN)
    assert await bus.get(f"ticket:{ticket}") is None
    await bus.close()


async def test_without_the_bus_a_ticket_is_signed_and_another_process_knows_it() -> None:
    one, two = await Bus.connect(AWAY), await Bus.connect(AWAY)
    ticket = await Tickets(one, SECRET, ManualClock()).mint(CLAIMS, ORIGIN)
    assert ticket.startswith(SIGNED)
    assert await Tickets(two, b"another secret", ManualClock()).redeem(ticket, ORIGIN) is None
    assert await Tickets(two, SECRET, ManualClock()).redeem(ticket, ORIGIN) == CLAIMS
    for bus in (one, two):
        await bus.close()


async def test_a_signed_ticket_that_was_changed_is_refused() -> None:
    bus = await Bus.connect(AWAY)
    tickets = Tickets(bus, SECRET, ManualClock())
    ticket = await tickets.mint(CLAIMS, ORIGIN)
    changed = ticket[:20] + ("A" if ticket[20] != "A" else "B") + ticket[21:]
    assert await tickets.redeem(changed, ORIGIN) is None
    await bus.close()
