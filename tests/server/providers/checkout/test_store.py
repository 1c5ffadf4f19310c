from __future__ import annotations

import datetime as dt

from server.providers.checkout import store
from tests.server.providers.checkout.conftest import Company  # noqa: TC001 - fixtures are read at run time

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


async def test_of_nobody_there_is_nothing(company: Company) -> None:
    async with company.database.transaction() as conn:
        assert await store.lock_customer(conn, "x") is None
        assert await store.lock_checkout(conn, "x") is None
        assert await store.find_portal(conn, "x") is None
        assert await store.find_due(conn, NOW, NOW) is None
        assert await store.list_invoices(conn, "x") == []


async def test_a_customer_made_twice_is_one_with_the_newer_address(company: Company) -> None:
    async with company.database.transaction() as conn:
        first = await store.insert_customer(conn, "cus_1", "old@example.org", "key")
        second = await store.insert_customer(conn, "cus_2", "new@example.org", "key")
        customer = await store.lock_customer(conn, first)
    assert first == second == "cus_1"
    assert customer == store.Customer("cus_1", "new@example.org", "", is_good_card=False)
