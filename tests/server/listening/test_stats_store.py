from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from server.accounts.store import insert_principal
from server.listening import stats_store
from tests.server.listening.test_stats import NOW, heard

if TYPE_CHECKING:
    from server.kit.db import Database
    from server.kit.principal import Principal

DAYS = [NOW + dt.timedelta(days=number) for number in range(3)]


async def test_days_are_numbered_from_one_and_what_is_before_counts_as_recent_only(
    database: Database, principal: Principal
) -> None:
    async with database.transaction() as conn:
        await insert_principal(conn, principal)
        for hours in (-2, -1, 0, 23, 24):
            await heard(conn, principal, NOW + dt.timedelta(hours=hours), 1)
        since = NOW - dt.timedelta(hours=1)
        days, recent_s = await stats_store.sum_by_day(conn, principal.id, DAYS, since)
    assert {day: days[day] for day in (1, 2)} == {1: (2, 120.0), 2: (1, 60.0)}
    assert recent_s == 4 * 60


async def test_who_never_listened_has_no_rows(database: Database, principal: Principal) -> None:
    async with database.connection() as conn:
        assert await stats_store.sum_by_mode(conn, principal.id) == []
        assert await stats_store.sum_by_day(conn, principal.id, DAYS, NOW) == ({}, 0)
