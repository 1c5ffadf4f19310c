from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server.accounts import service
from server.accounts.service import GuestGate
from server.kit.bus import Bus
from server.kit.db import Database
from server.kit.errors import LimitReached
from server.kit.principal import Principal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.connect(database_url)
    yield database
    await database.close()


@pytest.fixture
async def gate(redis_url: str) -> AsyncIterator[GuestGate]:
    """Two new guests an hour, from anywhere but here."""
    bus = await Bus.connect(redis_url)
    yield GuestGate(bus, 2, counts_loopback=False)
    await bus.close()


def guest() -> Principal:
    return Principal(uuid.uuid4(), "guest", "guest", 2e9)


async def keep(database: Database, gate: GuestGate, principal: Principal, address: str) -> None:
    async with database.transaction() as conn:
        await service.keep(conn, principal, address, gate)


async def kept(database: Database) -> int:
    async with database.connection() as conn:
        count: int = await conn.fetchval("SELECT count(*) FROM principals")
    return count


async def test_a_guest_is_kept_and_counted_once(database: Database, gate: GuestGate) -> None:
    principal = guest()
    for _ in range(5):
        await keep(database, gate, principal, "192.0.2.1")
    assert await kept(database) == 1
    await keep(database, gate, guest(), "192.0.2.1")


async def test_too_many_new_guests_of_an_address_are_refused_and_not_kept(
    database: Database, gate: GuestGate
) -> None:
    first = guest()
    for principal in (first, guest()):
        await keep(database, gate, principal, "192.0.2.1")
    with pytest.raises(LimitReached) as refusal:
        await keep(database, gate, guest(), "192.0.2.1")
    assert refusal.value.retry_after_s == 3600
    assert await kept(database) == 2
    await keep(database, gate, first, "192.0.2.1")
    await keep(database, gate, guest(), "192.0.2.2")


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
    ],
)
async def test_a_network_of_one_subscriber_is_one_address(
    database: Database, gate: GuestGate, one: str, other: str, *, is_same: bool
) -> None:
    for _ in range(2):
        await keep(database, gate, guest(), one)
    if is_same:
        with pytest.raises(LimitReached):
            await keep(database, gate, guest(), other)
    else:
        await keep(database, gate, guest(), other)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.0.1", "::1"])
async def test_this_machine_counts_in_production_only(
    database: Database, gate: GuestGate, address: str
) -> None:
    for _ in range(3):
        await keep(database, gate, guest(), address)
    strict = replace(gate, counts_loopback=True)
    for _ in range(2):
        await keep(database, strict, guest(), address)
    with pytest.raises(LimitReached):
        await keep(database, strict, guest(), address)


async def test_users_are_not_guests(database: Database, gate: GuestGate) -> None:
    for _ in range(4):
        await keep(database, gate, Principal(uuid.uuid4(), "user", "free", 2e9), "192.0.2.1")


@pytest.mark.parametrize(
    "principal",
    [
        Principal(uuid.UUID(int=1), "guest", "guest", 1234.5),
        Principal(uuid.UUID(int=2), "user", "pro", 2e9, "Europe/Berlin", frozenset({"admin", "read"})),
    ],
)
def test_a_ticket_brings_back_whom_it_was_made_for(principal: Principal) -> None:
    assert service.principal_of(service.claims_of(principal)) == principal


def test_a_client_is_told_its_plan() -> None:
    assert service.describe(guest()) == {"plan": "guest", "trial_ends": None}
