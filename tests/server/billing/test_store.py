from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

import pytest

from server.billing import store
from server.providers.payments import RemoteInvoice

if TYPE_CHECKING:
    from tests.server.billing.house import House


@pytest.mark.req("S2-71", "S4-39")
async def test_plans_are_rows_with_whole_prices(house: House) -> None:
    async with house.database.connection() as conn:
        plans, prices = await store.list_plans(conn), await store.list_prices(conn)
    assert [plan.name for plan in plans] == ["free", "trial", "pro", "studio"]
    assert {(price.plan, price.every) for price in prices} == {
        (plan, every) for plan in ("pro", "studio") for every in ("month", "year")
    }
    trial, pro = plans[1:3]
    assert trial.limits == pro.limits


@pytest.mark.req("S1-18", "S1-23")
async def test_invoices_come_page_by_page_from_the_newest(house: House) -> None:
    user = await house.person()
    async with house.database.transaction() as conn:
        for number in range(5):
            remote = RemoteInvoice(
                f"in_{number}", "c", "", 900, "EUR", "paid", "", 1000.0 + number // 2, None
            )
            assert await store.put_invoice(conn, "local", user, remote)
            assert not await store.put_invoice(conn, "local", user, remote)
        seen: list[store.InvoiceRow] = []
        while page := await store.list_invoices(
            conn, user, (seen[-1].issued_at, seen[-1].id) if seen else None, 2
        ):
            seen += page
        assert await store.list_invoices(conn, uuid.uuid4(), None, 10) == []
    assert len({row.id for row in seen}) == 5
    assert [row.issued_at for row in seen] == sorted((row.issued_at for row in seen), reverse=True)


async def test_of_nobody_there_is_nothing(house: House) -> None:
    nobody, now = uuid.uuid4(), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    async with house.database.transaction() as conn:
        assert await store.find_standing(conn, nobody, now) is None
        assert await store.find_paid(conn, nobody) is None
        assert await store.find_customer(conn, "local", nobody) is None
        assert await store.lock_customer(conn, "local", "cus") is None
        assert await store.find_order(conn, nobody) is None
        assert await store.take_over_trial(conn, now) is None
