"""Any sequence of acts leaves what an oracle without a database expects, and books that balance."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from server.kit.db import Database
from server.kit.idempotency import IdempotencyConflict
from server.tokens.errors import InsufficientTokens, ReservationClosed
from server.tokens.statement_store import list_discrepancies
from server.tokens.store import Grant
from tests.server.tokens.conftest import new_user
from tests.server.tokens.desk import NOW, Desk
from tests.server.tokens.oracle import Oracle

if TYPE_CHECKING:
    from collections.abc import Coroutine

EXAMPLES: Final = int(os.environ.get("LEDGER_EXAMPLES", "45"))
"""With `LEDGER_EXAMPLES=2000` they are others each time, and one that fails is made as short as it can be."""
STEPS: Final = 50
LEAST_STEPS: Final = 2000

amounts = st.integers(1, 30)
periods = st.integers(0, 3)


def period_end(number: int) -> dt.datetime:
    return NOW + number * dt.timedelta(days=30)


class Ledger(RuleBasedStateMachine):
    """One person, and everything that can happen to their tokens."""

    loop: asyncio.Runner
    database: Database
    steps: Counter[str]
    jobs = Bundle("jobs")
    uses = Bundle("uses")
    packs = Bundle("packs")

    @initialize()
    def begin(self) -> None:
        self.desk = Desk(self.database, self.run(new_user(self.database)))
        self.oracle = Oracle()
        self.now = 0

    def run(self, act: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run(act)

    @rule(amount=amounts, period=periods)
    def grant(self, amount: int, period: int) -> None:
        end = self.now + period
        self.run(self.desk.give("granted", amount, ends=period_end(end)))
        self.oracle.credit("granted", amount, end)

    @rule(amount=amounts)
    def reward(self, amount: int) -> None:
        self.run(self.desk.give("earned", amount))
        self.oracle.credit("earned", amount)

    @rule(target=packs, amount=amounts, times=st.integers(1, 2))
    def buy(self, amount: int, times: int) -> str:
        key = uuid.uuid4().hex
        for _ in range(times):
            self.run(self.desk.give("bought", amount, key))
        self.oracle.credit("bought", amount, key=key)
        return key

    @rule(pack=packs, total=st.none() | amounts)
    def refund(self, pack: str, total: int | None) -> None:
        self.run(self.desk.refund(pack, total))
        self.oracle.refund(pack, self.oracle.packs[pack][0] if total is None else total)

    @rule(target=uses, amount=amounts)
    def use(self, amount: int) -> tuple[str, int, Any]:
        key = uuid.uuid4().hex
        if self.oracle.take(amount) is None:
            with pytest.raises(InsufficientTokens):
                self.run(self.desk.use(amount, key))
            return key, 0, None
        return key, amount, self.run(self.desk.use(amount, key))

    @rule(use=uses)
    def use_again(self, use: tuple[str, int, Any]) -> None:
        key, amount, first = use
        if first is None:
            return
        assert self.run(self.desk.use(amount, key)) == first
        with pytest.raises(IdempotencyConflict):
            self.run(self.desk.use(amount + 1, key))

    @rule(target=jobs, amount=amounts)
    def reserve(self, amount: int) -> uuid.UUID:
        job = uuid.uuid4()
        taken = self.oracle.take(amount)
        if taken is None:
            with pytest.raises(InsufficientTokens):
                self.run(self.desk.reserve(amount, job))
            return job
        self.run(self.desk.reserve(amount, job))
        self.oracle.held[job.int] = taken
        return job

    @rule(job=consumes(jobs), share=st.floats(0, 1))
    def settle(self, job: uuid.UUID, share: float) -> None:
        if job.int in self.oracle.held:
            spent = round(share * len(self.oracle.held[job.int]))
            assert self.run(self.desk.settle(job, spent)).settled == spent
            self.oracle.close(job.int, spent)
            with pytest.raises(ReservationClosed):
                self.run(self.desk.release(job))

    @rule(job=consumes(jobs))
    def release(self, job: uuid.UUID) -> None:
        if job.int in self.oracle.held:
            assert self.run(self.desk.release(job)).state == "released"
            self.oracle.close(job.int, 0)
            with pytest.raises(ReservationClosed):
                self.run(self.desk.settle(job))

    @rule()
    def end_period(self) -> None:
        self.now += 1
        self.run(self.desk.lapse(period_end(self.now)))
        self.oracle.lapse(self.now)

    @invariant()
    def balances(self) -> None:
        self.steps["all"] += 1
        assert self.run(self.desk.balance()) == self.oracle.balance()
        expected = [Grant(amount, period_end(end)) for end, amount in self.oracle.grants().items()]
        assert self.run(self.desk.grants()) == expected

    def teardown(self) -> None:
        assert self.run(self._discrepancies()) == []

    async def _discrepancies(self) -> list[Any]:
        async with self.database.connection() as conn:
            return await list_discrepancies(conn)


@pytest.mark.req("S4-68", "S4-69", "S4-80", "S4-91")
def test_the_ledger_is_what_the_oracle_says(database_url: str) -> None:
    with asyncio.Runner() as loop:
        database = loop.run(Database.connect(database_url, connections=1))
        steps: Counter[str] = Counter()
        machine = type("Played", (Ledger,), {"loop": loop, "database": database, "steps": steps})
        is_short = EXAMPLES < 100
        rules = settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=is_short,
            phases=[Phase.generate] if is_short else list(Phase),
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(machine, settings=rules)
        loop.run(database.close())
    assert steps["all"] >= LEAST_STEPS
