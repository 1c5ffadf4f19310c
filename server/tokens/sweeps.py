"""What is done about tokens by the clock: ended grants, dead jobs, and a look at the books."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import structlog

from server.kit import events
from server.kit.jobs import Schedule
from server.tokens import hold_store, statement_store, store
from server.tokens.errors import ReservationClosed
from server.tokens.service import lapse, release

if TYPE_CHECKING:
    from uuid import UUID

    from server.kit.bus import Bus
    from server.kit.db import Database
    from server.kit.jobs import Work

MOST: Final = 500
"""To be looked up at once."""
DEAD: Final = "The job did not come to an end."

log = structlog.stdlib.get_logger("soundwell.tokens")


async def lapse_ended(database: Database, bus: Bus, now: dt.datetime) -> int:
    """Take back what is left of grants that have ended, a transaction for each person; returns how many."""
    lapsed = 0
    while users := await _with_ended_grants(database, now):
        for user_id in users:
            async with database.transaction() as conn:
                await lapse(conn, user_id, now)
            await events.notify(bus, user_id)
        lapsed += len(users)
    return lapsed


async def release_dead(database: Database, bus: Bus) -> int:
    """Give back what dead jobs had reserved, a transaction for each; returns how many."""
    released = 0
    while jobs := await _overdue(database):
        for job_id in jobs:
            try:
                async with database.transaction() as conn:
                    hold = await release(conn, job_id, DEAD)
            except ReservationClosed:  # it came to its end after all
                continue
            await events.notify(bus, hold.user_id)
            released += 1
    return released


async def _with_ended_grants(database: Database, now: dt.datetime) -> list[UUID]:
    async with database.connection() as conn:
        return await store.list_with_ended_grants(conn, now, MOST)


async def _overdue(database: Database) -> list[UUID]:
    async with database.connection() as conn:
        return await hold_store.list_overdue(conn, MOST)


async def look_at_books(database: Database) -> int:
    """Tell the operator of every number that does not add up; returns how many there are."""
    async with database.connection() as conn:
        found = await statement_store.list_discrepancies(conn)
    for one in found:
        log.error("the books do not balance", account=one.account, kept=one.kept, counted=one.counted)
    return len(found)


async def _sweep(work: Work) -> None:
    await release_dead(work.db, work.bus)  # first: what comes back to a grant that has ended lapses at once
    await lapse_ended(work.db, work.bus, dt.datetime.fromtimestamp(work.clock.now(), dt.UTC))


async def _look(work: Work) -> None:
    await look_at_books(work.db)


SCHEDULES: Final = (
    Schedule("return tokens", "* * * * *", _sweep),
    Schedule("look at the token books", "41 3 * * *", _look),
)
