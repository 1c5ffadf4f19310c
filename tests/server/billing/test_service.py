from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from server.accounts.hooks import Registered
from server.billing import service, trials
from server.billing.service import Grant, allow
from server.kit.errors import UpgradeRequired
from server.tokens import service as tokens

if TYPE_CHECKING:
    from uuid import UUID

    from tests.server.billing.house import House

DAY_S = 86_400


async def allowed(house: House, user: UUID, feature: str, **more: object) -> Grant:
    async with house.database.connection() as conn:
        return await allow(conn, user, feature, now_s=house.clock.now(), **more)  # type: ignore[arg-type]  # as given


@pytest.mark.req("S0-26", "S3-169", "S3-170", "S3-172", "S3-175")
async def test_the_free_plan_has_its_limits_and_says_which_was_reached(house: House) -> None:
    user = await house.person()
    assert await house.plan(user) == "free"
    assert await allowed(house, user, "multi_project") == Grant("plan", 1)
    for feature, used in (("multi_project", 1), ("daily_release_limit", 1), ("listening_time", 0)):
        with pytest.raises(UpgradeRequired) as refused:
            await allowed(house, user, feature, used=used)
        assert refused.value.feature == feature


@pytest.mark.req("S3-171", "S4-31")
async def test_pro_has_no_limits_and_studio_has_more(house: House) -> None:
    user = await house.person()
    await house.subscribe(user)
    await house.settle()
    assert await allowed(house, user, "multi_project", used=1000) == Grant("plan", None)
    with pytest.raises(UpgradeRequired):
        await allowed(house, user, "stem_separation")
    till = house.till(user)
    await till.change(await till.find_item("studio-month"))
    assert await allowed(house, user, "stem_separation") == Grant("plan", None)


async def test_what_the_plan_does_not_include_is_had_for_tokens_or_an_order(house: House) -> None:
    user = await house.person()
    async with house.database.transaction() as conn:
        await tokens.credit(conn, user, "earned", 10, key="thanks", reason="thanks")
    assert await allowed(house, user, "song", price_tokens=10) == Grant("tokens", None)
    with pytest.raises(UpgradeRequired):
        await allowed(house, user, "song", price_tokens=11)
    await house.buy_pack(user)
    (order,) = await house.rows("SELECT id FROM orders")
    with pytest.raises(UpgradeRequired):
        await allowed(house, user, "song", order_id=order["id"])
    await house.settle()
    assert await allowed(house, user, "song", order_id=order["id"]) == Grant("order", None)
    for stranger, order_id in ((await house.person(), order["id"]), (user, uuid.uuid4())):
        with pytest.raises(UpgradeRequired):
            await allowed(house, stranger, "song", order_id=order_id)


@pytest.mark.req("S0-25", "S0-56")
async def test_the_trial_counts_as_pro_to_its_last_moment_and_not_after(house: House) -> None:
    user = await house.person()
    async with house.database.transaction() as conn:
        await trials.start(conn, Registered(user, "ada@example.org", "Ada", house.clock.now()))
    assert await house.plan(user) == "trial"
    assert await allowed(house, user, "multi_project", used=50) == Grant("plan", None)
    house.clock.advance(7 * DAY_S - 1)
    assert await house.plan(user) == "trial"
    house.clock.advance(1)
    assert await house.plan(user) == "free"


async def test_of_a_trial_and_a_subscription_the_greater_counts(house: House) -> None:
    user = await house.person()
    async with house.database.transaction() as conn:
        await trials.start(conn, Registered(user, "ada@example.org", "Ada", house.clock.now()))
    await house.subscribe(user)
    await house.settle()
    told = await service.snapshot(house.database, user, house.clock.now())
    assert (told["plan"], told["status"], told["trial_ends"]) == ("pro", "active", None)


async def test_who_is_behind_keeps_the_plan_while_the_provider_waits_for_a_card(house: House) -> None:
    user = await house.person()
    await house.subscribe(user)
    async with house.database.connection() as conn:
        await conn.execute("UPDATE local_customers SET is_good_card = false")
    await house.desk.advance(32 * DAY_S)
    await house.settle()
    assert await house.plan(user) == "pro"
    assert (await service.snapshot(house.database, user, house.clock.now()))["status"] == "past_due"
    await house.desk.advance(8 * DAY_S)
    await house.settle()
    assert await house.plan(user) == "free"
