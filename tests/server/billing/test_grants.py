from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from server.billing.grants import grant_month, month_of
from tests.server.billing.house import DAY_S

if TYPE_CHECKING:
    from tests.server.billing.house import House


@pytest.mark.parametrize(
    ("now", "month"),
    [
        ("2026-01-01", ("2026-01-31", "2026-02-28")),
        ("2026-01-31", ("2026-01-31", "2026-02-28")),
        ("2026-03-01", ("2026-02-28", "2026-03-31")),
        ("2026-12-31", ("2026-12-31", "2027-01-31")),
        ("2029-01-01", ("2026-12-31", "2027-01-31")),
    ],
)
def test_a_year_has_twelve_months_that_meet(now: str, month: tuple[str, str]) -> None:
    start, end = dt.datetime(2026, 1, 31), dt.datetime(2027, 1, 31)  # noqa: DTZ001 - only days are compared
    found = month_of(start, end, dt.datetime.fromisoformat(now))
    assert tuple(f"{moment:%Y-%m-%d}" for moment in found) == month


@pytest.mark.req("S4-73")
async def test_a_month_of_tokens_is_given_once_and_the_next_one_when_it_comes(house: House) -> None:
    user = await house.person()
    await house.subscribe(user, "pro-year")
    await house.settle()
    (row,) = await house.subscriptions(user)
    assert (await house.balance(user)).granted == 300
    for passed_s, granted in ((0, 300), (32 * DAY_S, 600)):
        house.clock.advance(passed_s)
        async with house.database.transaction() as conn:
            assert await grant_month(conn, row, house.clock.now())
        assert (await house.balance(user)).granted == granted


async def test_what_has_ended_gives_nothing(house: House) -> None:
    user = await house.person()
    remote = await house.subscribe(user)
    await house.desk.end_now(remote, "k")
    await house.settle()
    (row,) = await house.subscriptions(user)
    async with house.database.transaction() as conn:
        assert not await grant_month(conn, row, house.clock.now())
    assert (await house.balance(user)).granted == 0
