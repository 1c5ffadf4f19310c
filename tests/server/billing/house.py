"""Our billing with the local company behind it, and what a test does with both: buy, deliver, look."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from server.billing import service, store
from server.billing.buying import Till, Wish
from server.billing.webhooks import Inbox
from server.kit.audit import Origin
from server.kit.security import sign_message
from server.providers.checkout import renewals
from server.providers.checkout import store as company
from server.providers.checkout.deliveries import SIGNATURE_HEADER, Courier
from server.providers.checkout.provider import LocalPayments
from server.providers.payments import Item
from server.tokens import service as tokens

if TYPE_CHECKING:
    from uuid import UUID

    from server.kit.bus import Bus
    from server.kit.clock import ManualClock
    from server.kit.db import Database
    from server.tokens.ledger import Balance

SECRET = b"what only this data folder knows"
ORIGIN = Origin("203.0.113.7", "request-1", "a test")
SITE = "http://localhost:8000"
DAY_S = 86_400
PACK = Wish("token_pack", Item("pack-100", "100 tokens", 500, "EUR", ""), 100)


@dataclass
class House:
    """Both sides of the contract."""

    database: Database
    bus: Bus
    clock: ManualClock
    desk: LocalPayments
    inbox: Inbox

    @classmethod
    def of(cls, database: Database, bus: Bus, clock: ManualClock) -> Self:
        courier = Courier(database, clock, SECRET, "http://127.0.0.1:1/nowhere", "localhost")
        desk = LocalPayments(database, clock, SECRET, courier)
        return cls(database, bus, clock, desk, Inbox(database, bus, clock, desk))

    async def person(self, *, is_verified: bool = True) -> UUID:
        """Somebody with an account."""
        user = uuid.uuid4()
        async with self.database.transaction() as conn:
            await conn.execute("INSERT INTO principals (id, kind) VALUES ($1, 'user')", user)
            await conn.execute(
                """INSERT INTO users (id, email, email_key, name, verified_at)
                   VALUES ($1, $2, $2, 'Ada', CASE WHEN $3 THEN now() END)""",
                user,
                f"{user.hex}@example.org",
                is_verified,
            )
            await conn.execute("INSERT INTO profiles (user_id) VALUES ($1)", user)
            await conn.execute("INSERT INTO credentials (user_id, password_hash) VALUES ($1, '')", user)
        return user

    def till(self, user: UUID) -> Till:
        return Till(self.database, self.bus, self.clock, self.desk, SITE, user, ORIGIN)

    async def subscribe(self, user: UUID, price: str = "pro-month") -> str:
        """Buy with a good card; the id of the subscription at the company. Nothing is delivered yet."""
        till = self.till(user)
        address = await till.subscribe(await till.find_item(price))
        async with self.database.transaction() as conn:
            checkout = await self._checkout(conn, address)
            await company.set_card(conn, checkout.customer_id, "4242", is_good=True)
            return (await renewals.start_subscription(conn, checkout, await self.desk.now(conn))).id

    async def buy_pack(self, user: UUID, *, is_paid: bool = True) -> str:
        """Buy tokens, or be refused by the bank; the id of the payment at the company."""
        address = await self.till(user).purchase(PACK)
        async with self.database.transaction() as conn:
            checkout = await self._checkout(conn, address)
            payment = await renewals.record_payment(
                conn, checkout, await self.desk.now(conn), is_paid=is_paid
            )
            return payment.id

    async def deliver(self) -> list[int]:
        """Bring every message of the company that was not brought yet; the numbers that they got here."""
        async with self.database.connection() as conn:
            rows = await conn.fetch(
                """UPDATE local_deliveries SET delivered_at = now()
                   WHERE delivered_at IS NULL RETURNING payload"""
            )
        for row in rows:
            await self.receive(row["payload"].encode())
        return [row["id"] for row in await self.rows("SELECT id FROM payment_events ORDER BY id")]

    async def receive(self, body: bytes) -> bool:
        headers = {SIGNATURE_HEADER.lower(): sign_message(body, SECRET, int(self.clock.now()))}
        return await self.inbox.receive(body, headers, ORIGIN)

    async def settle(self) -> None:
        """Deliver everything, and apply all of it."""
        for number in await self.deliver():
            await self.inbox.apply(number)

    async def plan(self, user: UUID) -> str:
        async with self.database.connection() as conn:
            return await service.plan_of(conn, user, self.clock.now())

    async def subscriptions(self, user: UUID) -> list[store.SubscriptionRow]:
        async with self.database.connection() as conn:
            return await store.list_subscriptions(conn, user)

    async def balance(self, user: UUID) -> Balance:
        async with self.database.connection() as conn:
            return await tokens.balance_of(conn, user)

    async def rows(self, sql: str, *args: object) -> list[Any]:
        async with self.database.connection() as conn:
            return list(await conn.fetch(sql, *args))

    async def actions(self, user: UUID | None = None) -> list[str]:
        """What the audit log tells of a person, or of nobody."""
        rows = await self.rows(
            "SELECT action FROM audit_logs WHERE principal_id IS NOT DISTINCT FROM $1 ORDER BY id", user
        )
        return [row["action"] for row in rows]

    async def events(self, user: UUID) -> list[tuple[str, dict[str, Any]]]:
        rows = await self.rows(
            "SELECT type, data FROM events WHERE principal_id = $1 AND topic = 'billing' ORDER BY seq", user
        )
        return [(row["type"], row["data"]) for row in rows]

    async def _checkout(self, conn: Any, address: str) -> company.Checkout:
        checkout = await company.lock_checkout(conn, address.rpartition("/")[2])
        assert checkout is not None
        return checkout
