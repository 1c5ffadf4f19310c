from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.accounts.hooks import Registered
from server.billing import trials
from server.billing.trials import Trials
from server.kit.jobs import Work
from server.kit.settings import Settings
from tests.server.billing.house import DAY_S, SITE

if TYPE_CHECKING:
    from uuid import UUID

    from tests.server.billing.house import House


async def registered(house: House) -> UUID:
    user = await house.person()
    async with house.database.transaction() as conn:
        await trials.start(conn, Registered(user, "ada@example.org", "Ada", house.clock.now()))
    return user


@pytest.fixture
def clerk(house: House) -> Trials:
    return Trials(Work(Settings(), house.database, house.bus, house.clock), SITE)


@pytest.mark.req("S0-14")
async def test_who_registers_has_seven_days_and_tokens_without_a_card_once(house: House) -> None:
    user = await registered(house)
    async with house.database.transaction() as conn:
        await trials.start(conn, Registered(user, "ada@example.org", "Ada", house.clock.now() + DAY_S))
    (trial,) = await house.subscriptions(user)
    assert (trial.plan, trial.status, trial.provider) == ("trial", "trialing", None)
    assert trial.period_end.timestamp() == house.clock.now() + 7 * DAY_S
    assert (await house.balance(user)).granted == 100
    assert [event["plan"] for _, event in await house.events(user)] == ["trial"]
    assert await house.actions(user) == ["billing.trial_started"]


@pytest.mark.req("S0-52")
async def test_two_days_before_the_end_one_letter_says_so(house: House, clerk: Trials) -> None:
    user = await registered(house)
    house.clock.advance(5 * DAY_S - 1)
    assert await clerk.remind_due() == 0
    house.clock.advance(1)
    assert [await clerk.remind_due(), await clerk.remind_due()] == [1, 0]
    (letter,) = await house.rows("SELECT recipient, subject, text FROM letters")
    assert letter["recipient"] == f"{user.hex}@example.org"
    assert "trial ends on" in letter["subject"]
    assert "Nothing is charged" in letter["text"]


async def test_who_has_bought_already_is_not_reminded(house: House, clerk: Trials) -> None:
    user = await registered(house)
    await house.subscribe(user)
    await house.settle()
    house.clock.advance(6 * DAY_S)
    await clerk.remind_due()
    assert await house.rows("SELECT FROM letters") == []


@pytest.mark.req("S0-56")
async def test_the_end_is_told_once_though_it_had_come_already(house: House, clerk: Trials) -> None:
    user = await registered(house)
    house.clock.advance(7 * DAY_S)
    assert await house.plan(user) == "free"
    assert [await clerk.end_due(), await clerk.end_due()] == [1, 0]
    assert [event["plan"] for _, event in await house.events(user)] == ["trial", "free"]
    assert "billing.trial_ended" in await house.actions(user)
    (trial,) = await house.subscriptions(user)
    assert trial.ended_at == trial.period_end
