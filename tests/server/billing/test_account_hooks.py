from __future__ import annotations

import json
from typing import TYPE_CHECKING

from server.accounts.hooks import Deleted, Exported
from server.billing import account_hooks
from server.kit.jobs import Work
from server.kit.settings import Settings

if TYPE_CHECKING:
    from tests.server.billing.house import House


async def test_who_goes_is_charged_no_more_and_what_was_paid_stays_written(house: House) -> None:
    user = await house.person()
    remote = await house.subscribe(user)
    await house.settle()
    await house.till(user).cancel("my own words")
    async with house.database.transaction() as conn:
        await account_hooks.delete(conn, Deleted(user, "jo@example.org"))
    (job,) = await house.rows(
        "SELECT entrypoint, payload FROM pgqueuer WHERE entrypoint = $1", account_hooks.END
    )
    made = account_hooks.end_job(lambda *_: house.desk)
    work = Work(Settings(), house.database, house.bus, house.clock)
    for _ in range(2):
        await made.run(work, json.loads(job["payload"]))
    assert (await house.desk.fetch_subscription(remote)).status == "ended"
    await house.settle()
    (row,) = await house.subscriptions(user)
    assert (row.status, row.cancel_reason) == ("ended", "")
    assert len(await house.rows("SELECT FROM invoices WHERE user_id = $1", user)) == 1


async def test_without_a_provider_there_is_nobody_to_tell(house: House) -> None:
    made = account_hooks.end_job(lambda *_: None)
    await made.run(Work(Settings(), house.database, house.bus, house.clock), {"subscription": "sub_1"})


async def test_what_is_kept_of_a_person_is_given_to_them(house: House) -> None:
    user, other = await house.person(), await house.person()
    for somebody in (user, other):
        await house.subscribe(somebody)
        await house.buy_pack(somebody)
    await house.settle()
    async with house.database.connection() as conn:
        told = await account_hooks.export(conn, Exported(user))
    assert {name: len(rows) for name, rows in told.items()} == {
        "subscriptions": 1,
        "invoices": 1,
        "orders": 2,
    }
    assert str(other) not in json.dumps(told)
