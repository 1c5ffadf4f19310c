"""Whatever happens at the company, however its messages come: in the end our rows are what it holds."""

from __future__ import annotations

import asyncio
import os
import random
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.billing import service, store
from server.billing.service import instant
from server.billing.store import OrderRow
from server.billing.webhooks import Inbox
from server.kit.bus import Bus
from server.kit.clock import ManualClock
from server.kit.db import Database
from server.tokens import service as tokens
from server.tokens.statement_store import list_discrepancies
from tests.peers.company import Company
from tests.server.billing import oracle
from tests.server.billing.house import ORIGIN

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES: Final = int(os.environ.get("BILLING_EXAMPLES", "60"))
"""`BILLING_EXAMPLES=2000 pytest --timeout 3600 tests/server/billing/test_machine.py` is the long form."""
STEPS: Final = 30
LONGEST_WAIT_S: Final = 0.006
"""Between two steps: about as long as an application takes."""
ACTS: Final = (
    *("begin", "change", "cancel", "renew", "fail", "end", "buy", "refund"),
    *("deliver", "deliver", "deliver", "deliver", "again"),
)


@dataclass
class Scene:
    """Two people, the company, and us."""

    database: Database
    company: Company
    inbox: Inbox
    people: dict[str, uuid.UUID]
    chance: random.Random
    numbers: list[int]
    running: list[asyncio.Task[None]] = field(default_factory=list)
    """What is being applied while the world goes on."""

    @classmethod
    async def of(cls, database: Database, bus: Bus, seed: int) -> Self:
        chance = random.Random(seed)
        company = Company(chance)
        people = {f"cus_{uuid.uuid4()}": uuid.uuid4() for _ in range(2)}
        async with database.transaction() as conn:
            for customer, user in people.items():
                await conn.execute("INSERT INTO principals (id, kind) VALUES ($1, 'user')", user)
                await store.put_customer(conn, company.name, user, customer)
        inbox = Inbox(database, bus, ManualClock(), company)
        return cls(database, company, inbox, people, chance, [])

    async def step(self, act: str) -> None:
        """One thing that happens, to whomever it can happen."""
        company, chance = self.company, self.chance
        customer = chance.choice(list(self.people))
        alive = [one.id for one in company.subscriptions.values() if one.status != "ended"][-2:]
        price = chance.choice(list(oracle.RANKS))
        await asyncio.sleep(chance.random() * LONGEST_WAIT_S)
        if act == "begin":
            company.begin(customer, price, self.inbox.clock.now())
        elif act == "buy":
            company.pay(customer, await self._order(self.people[customer]))
        elif act == "refund" and company.payments:
            company.refund(chance.choice(list(company.payments)), chance.choice((1, 250, 500)))
        elif act == "deliver":
            known = set(self.numbers)
            await self._deliver(company.messages[-4:])
            self._begin([number for number in self.numbers if number not in known and chance.random() < 0.9])
        elif act == "again" and self.numbers:
            await self._deliver(chance.sample(company.messages, min(3, len(company.messages))))
            self._begin(chance.sample(self.numbers, min(3, len(self.numbers))))
        elif act in {"change", "cancel", "renew", "fail", "end"} and alive:
            self._turn(act, chance.choice(alive), price)

    def _begin(self, numbers: list[int]) -> None:
        """Apply these, while the world goes on."""
        self.chance.shuffle(numbers)
        self.running += [asyncio.create_task(self.inbox.apply(number)) for number in numbers]

    async def finish(self) -> None:
        """Everything has come at last: in disorder, some of it again, several at a time."""
        await asyncio.gather(*self.running)
        await self._deliver(self.company.messages)
        order = self.numbers * 2
        self.chance.shuffle(order)
        for start in range(0, len(order), 3):
            await asyncio.gather(*map(self.inbox.apply, order[start : start + 3]))

    async def check(self) -> None:
        """Our rows, beside the truth."""
        async with self.database.connection() as conn:
            for customer, user in self.people.items():
                rows = await store.list_subscriptions(conn, user)
                assert {_copied(row) for row in rows} == oracle.subscriptions(self.company, customer)
                bills = await conn.fetch(
                    "SELECT remote_id, amount_minor, status FROM invoices WHERE user_id = $1", user
                )
                assert {tuple(row.values()) for row in bills} == oracle.invoices(self.company, customer)
                now_s = self.inbox.clock.now()
                assert await service.plan_of(conn, user, now_s) == oracle.plan(self.company, customer)
                balance = await tokens.balance_of(conn, user)
                assert balance.bought - balance.debt == oracle.bought(self.company, customer)
            assert await list_discrepancies(conn) == []

    def _turn(self, act: str, subscription: str, price: str) -> None:
        if act == "change":
            self.company.change(subscription, price)
        elif act == "cancel":
            self.company.cancel(subscription)
        elif act == "end":
            self.company.end(subscription)
        else:
            self.company.renew(subscription, is_paid=act == "renew")

    async def _deliver(self, messages: list[bytes]) -> None:
        for body in messages:
            await self.inbox.receive(body, {}, ORIGIN)
        async with self.database.connection() as conn:
            rows = await conn.fetch(
                "SELECT id FROM payment_events WHERE customer_id = ANY ($1) ORDER BY id", list(self.people)
            )
        self.numbers = [row["id"] for row in rows]

    async def _order(self, user: uuid.UUID) -> str:
        order = OrderRow(
            uuid.uuid4(),
            user,
            "token_pack",
            self.company.name,
            "pack-100",
            oracle.PACK_TOKENS,
            oracle.PACK_MINOR,
            "EUR",
            "pending",
            None,
            0,
            instant(self.inbox.clock.now()),
        )
        async with self.database.connection() as conn:
            await store.insert_order(conn, order)
        return str(order.id)


def _copied(row: store.SubscriptionRow) -> tuple[Any, ...]:
    return (
        row.remote_id,
        row.price_id,
        row.status,
        row.period_start.timestamp(),
        row.period_end.timestamp(),
        row.cancel_at_period_end,
    )


@dataclass
class Stage:
    """One loop, one database, one bus for all plays."""

    runner: asyncio.Runner
    database: Database
    bus: Bus

    def play(self, acts: list[str], seed: int) -> None:
        self.runner.run(self._play(acts, seed))

    async def _play(self, acts: list[str], seed: int) -> None:
        scene = await Scene.of(self.database, self.bus, seed)
        for act in acts:
            await scene.step(act)
        await scene.finish()
        await scene.check()


@pytest.fixture
def stage(database_url: str, redis_url: str) -> Iterator[Stage]:
    with asyncio.Runner() as runner:
        database = runner.run(Database.connect(database_url))
        bus = runner.run(Bus.connect(redis_url))
        yield Stage(runner, database, bus)
        runner.run(bus.close())
        runner.run(database.close())


@pytest.mark.req("S2-65", "S0-42")
def test_in_the_end_our_rows_are_what_the_company_holds(stage: Stage) -> None:
    plays = 0

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(st.sampled_from(ACTS), min_size=10, max_size=STEPS), st.integers(0, 2**32))
    def play(acts: list[str], seed: int) -> None:
        nonlocal plays
        plays += 1
        stage.play(acts, seed)

    play()
    assert plays >= EXAMPLES
