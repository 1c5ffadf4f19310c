from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from server.kit.clock import ManualClock
from server.kit.db import Database
from server.providers.checkout.deliveries import Courier
from server.providers.checkout.pages import checkout_routes
from server.providers.checkout.provider import LocalPayments
from server.providers.payments import CheckoutWish, Item

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

SECRET = b"what only this data folder knows"
SITE = "http://testserver"
PRO = Item("pro-month", "Soundwell Pro", 900, "EUR", "month")
YEAR = Item("pro-year", "Soundwell Pro", 9000, "EUR", "year")
PACK = Item("pack-100", "100 tokens", 500, "EUR", "")


@dataclass
class Company:
    """The stand-in, and what a test looks at."""

    desk: LocalPayments
    clock: ManualClock
    database: Database

    async def checkout(self, item: Item = PRO, *, email: str = "ada@example.org", key: str = "1") -> str:
        """The path of a payment page for a customer of this address."""
        customer = await self.desk.create_customer(email, "Ada", f"customer:{email}")
        wish = CheckoutWish(customer, item, "our order", f"{SITE}/billing/success", f"{SITE}/billing/cancel")
        return (await self.desk.create_checkout(wish, key)).removeprefix(SITE)

    async def told(self) -> list[dict[str, Any]]:
        """Every message so far, in order of the things that happened."""
        async with self.database.connection() as conn:
            rows = await conn.fetch("SELECT payload::jsonb AS payload FROM local_deliveries ORDER BY ctid")
        return [row["payload"] for row in rows]

    async def types(self) -> list[str]:
        return [message["type"] for message in await self.told()]

    async def about(self, event_type: str) -> str:
        """The id of the object that the last message of this type is about."""
        return str(
            [told for told in await self.told() if told["type"] == event_type][-1]["data"]["object"]["id"]
        )


@pytest.fixture
async def company(database_url: str) -> AsyncIterator[Company]:
    database, clock = await Database.connect(database_url), ManualClock()
    courier = Courier(database, clock, SECRET, "http://127.0.0.1:1/nowhere", "testserver")
    yield Company(LocalPayments(database, clock, SECRET, courier), clock, database)
    await database.close()


@pytest.fixture
def browser_of_pages(database_url: str) -> Iterator[TestClient]:
    """The hosted pages alone, and the company in its own loop."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
        database, clock = await Database.connect(database_url), ManualClock()
        courier = Courier(database, clock, SECRET, "http://127.0.0.1:1/nowhere", "testserver")
        yield {"local_payments": LocalPayments(database, clock, SECRET, courier)}
        await database.close()

    with TestClient(Starlette(routes=checkout_routes(), lifespan=lifespan), follow_redirects=False) as client:
        yield client
