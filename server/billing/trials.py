"""The trial: seven days of everything, without a card, ended by the clock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from server.accounts import service as accounts
from server.billing import letters, service, store
from server.billing.grants import grant_month
from server.billing.service import instant
from server.kit import audit, events
from server.kit.audit import Origin

if TYPE_CHECKING:
    from server.accounts.hooks import Registered
    from server.kit.db import Connection
    from server.kit.jobs import Work

LENGTH: Final = dt.timedelta(days=7)
REMINDED_BEFORE: Final = dt.timedelta(days=2)
ORIGIN: Final = Origin.system("trials")


async def start(conn: Connection, registered: Registered) -> None:
    """Somebody has an account: their trial begins. Once per person, whatever happens."""
    now = instant(registered.at_s)
    if not await store.insert_trial(conn, registered.user_id, now, now + LENGTH):
        return
    trial = await store.find_standing(conn, registered.user_id, now)
    assert trial is not None
    await audit.record(
        conn,
        "billing.trial_started",
        "billing",
        ORIGIN,
        principal_id=registered.user_id,
        ends_at=trial.period_end.isoformat(),
    )
    await grant_month(conn, trial, registered.at_s)
    await service.tell(conn, registered.user_id, registered.at_s)


@dataclass(frozen=True, slots=True)
class Trials:
    """What is done with trials by the clock."""

    work: Work
    site: str

    async def end_due(self) -> int:
        """Tell whose trial is over; that it is, nobody had to write down. Returns how many."""
        number = 0
        while await self._end_one():
            number += 1
        return number

    async def remind_due(self) -> int:
        """Write to whose trial ends soon, once. Returns how many letters went out."""
        number = 0
        while await self._remind_one():
            number += 1
        return number

    async def _end_one(self) -> bool:
        now_s = self.work.clock.now()
        async with self.work.db.transaction() as conn:
            trial = await store.take_over_trial(conn, instant(now_s))
            if trial is None:
                return False
            await audit.record(conn, "billing.trial_ended", "billing", ORIGIN, principal_id=trial.user_id)
            await service.tell(conn, trial.user_id, now_s)
        await events.notify(self.work.bus, trial.user_id)
        return True

    async def _remind_one(self) -> bool:
        now = instant(self.work.clock.now())
        async with self.work.db.transaction() as conn:
            trial = await store.remind_trial(conn, now, now + REMINDED_BEFORE)
            if trial is None:
                return False
            contact = await accounts.contact_of(conn, trial.user_id)
            if contact is not None and await store.find_paid(conn, trial.user_id) is None:
                await letters.remind_of_trial(conn, contact, trial, self.site)
        return True
