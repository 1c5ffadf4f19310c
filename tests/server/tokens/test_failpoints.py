"""The process dies at each statement of each act in turn: nothing is half done, nothing is done twice."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from server.kit.db import Connection
from server.kit.errors import Unavailable
from server.tokens import service
from server.tokens.ledger import Balance
from server.tokens.sweeps import release_dead
from tests.server.tokens.desk import MONTH, NOW, Desk

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from server.kit.bus import Bus

    Act = Callable[[Connection], Awaitable[object]]

JOB = uuid.UUID(int=1)
TABLES = (
    "token_accounts",
    "token_entries",
    "token_grants",
    "token_holds",
    "token_hold_grants",
    "token_purchases",
    "events",
    "event_heads",
)


class MortalConnection(Connection):
    """Loses its server, as a process that is killed does, after some statements."""

    def __init__(self, driver: Any, statements: int) -> None:
        super().__init__(driver)
        self.left = statements

    async def _ask(self, method: Callable[..., Awaitable[Any]], *args: object) -> Any:
        if self.left == 0:
            self.driver.terminate()
        self.left -= 1
        return await super()._ask(method, *args)


async def tables(desk: Desk) -> dict[str, list[Any]]:
    """Everything that is kept."""
    return {
        name: [tuple(row.values()) for row in await desk.rows(f"SELECT * FROM {name} ORDER BY {name}::text")]
        for name in TABLES
    }


async def die_after(desk: Desk, act: Act, statements: int) -> bool:
    """Whether the act came to its end before it died; its commit never did."""
    is_done = False
    try:
        async with desk.database.transaction() as conn:
            await act(MortalConnection(conn.driver, statements))
            is_done = True
            conn.driver.terminate()
    except Unavailable:
        return is_done
    raise AssertionError("the database did not go away")


def acts(desk: Desk) -> dict[str, Act]:
    """What can be done at the desk of `prepared`."""
    user = desk.user
    ends = NOW + MONTH
    return {
        "grant": lambda conn: service.credit(
            conn, user, "granted", 5, key="g", reason="May", expires_at=ends
        ),
        "reward": lambda conn: service.credit(conn, user, "earned", 5, key="r", reason="thanks"),
        "purchase": lambda conn: service.credit(conn, user, "bought", 5, key="p", reason="pack"),
        "add": lambda conn: service.add(conn, user, 5, key="a", reason="sorry"),
        "use": lambda conn: service.use(conn, user, 25, feature="voice", key="u"),
        "reserve": lambda conn: service.reserve(conn, user, uuid.UUID(int=2), 25, feature="song"),
        "settle": lambda conn: service.settle(conn, JOB),
        "settle a part": lambda conn: service.settle(conn, JOB, 3),
        "release": lambda conn: service.release(conn, JOB, "failed"),
        "refund": lambda conn: service.reverse_purchase(conn, user, "pack", reason="asked for"),
        "lapse": lambda conn: service.lapse(conn, user, ends),
    }


@pytest.fixture
async def prepared(desk: Desk) -> Desk:
    """Tokens of every kind, some of each held."""
    await desk.give("granted", 10)
    await desk.give("granted", 10, ends=NOW + MONTH)
    await desk.reserve(15, JOB)
    await desk.give("earned", 10)
    await desk.give("bought", 20, "pack")
    return desk


@pytest.mark.parametrize("name", list(acts(Desk(None, uuid.UUID(int=0)))))  # type: ignore[arg-type]  # names only
async def test_an_act_is_whole_or_did_not_happen(prepared: Desk, name: str) -> None:
    act = acts(prepared)[name]
    before = await tables(prepared)
    statements = 0
    while not await die_after(prepared, act, statements):
        assert await tables(prepared) == before
        statements += 1
    assert statements >= 5
    assert await tables(prepared) == before
    async with prepared.database.transaction() as conn:
        await act(conn)
    after = await tables(prepared)
    assert len(after["events"]) == len(before["events"]) + 1
    assert len(after["token_entries"]) > len(before["token_entries"])
    async with prepared.database.transaction() as conn:
        await act(conn)
    assert await tables(prepared) == after


async def test_who_dies_between_reserving_and_settling_pays_nothing(desk: Desk, bus: Bus) -> None:
    await desk.give("granted", 4)
    await desk.give("bought", 10)
    before = await desk.balance()
    job = (await desk.reserve(8, lease_s=0)).job_id
    statements = 0
    while not await die_after(desk, lambda conn: service.settle(conn, job), statements):
        statements += 1
    assert await desk.balance() == Balance(bought=6, held=8)
    assert await release_dead(desk.database, bus) == 1
    assert await desk.balance() == before
