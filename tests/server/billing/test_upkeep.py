from __future__ import annotations

from typing import TYPE_CHECKING

from server.billing.upkeep import SCHEDULES
from server.kit.jobs import Work
from server.kit.settings import Settings
from tests.server.billing.house import DAY_S
from tests.server.billing.test_trials import registered

if TYPE_CHECKING:
    from tests.server.billing.house import House


async def run_all(house: House) -> None:
    work = Work(Settings(), house.database, house.bus, house.clock)
    for schedule in SCHEDULES:
        await schedule.run(work)


async def test_the_clock_brings_months_letters_ends_and_forgets(house: House) -> None:
    trying, paying = await registered(house), await house.person()
    await house.subscribe(paying, "pro-year")
    await house.settle()
    async with house.database.connection() as conn:
        await conn.execute(
            """INSERT INTO idempotent_answers (principal_id, key, request_hash, created_at)
               VALUES ($1, 'k', '', now() - interval '100 years')""",
            paying,
        )
    house.clock.advance(6 * DAY_S)
    await run_all(house)
    assert len(await house.rows("SELECT FROM letters")) == 1
    house.clock.advance(30 * DAY_S)
    await run_all(house)
    await run_all(house)
    assert (await house.events(trying))[-1][1]["plan"] == "free"
    assert (await house.balance(paying)).granted == 600
    assert await house.rows("SELECT FROM idempotent_answers") == []
