"""Buying and what follows it: checkout, change, cancellation, portal. The money is the provider's affair."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from server.accounts import service as accounts
from server.billing import letters, service, store
from server.billing.errors import AlreadySubscribed, NoCustomer, NoSubscription, UnknownPlan
from server.billing.service import instant
from server.billing.settle import Settling
from server.billing.store import OrderRow
from server.kit import audit, events
from server.kit.errors import NotFound
from server.providers.payments import CheckoutWish, Item, ProviderMissing

if TYPE_CHECKING:
    from uuid import UUID

    from server.accounts.service import Contact
    from server.billing.store import OrderKind, PriceRow, SubscriptionRow
    from server.kit.audit import Origin
    from server.kit.bus import Bus
    from server.kit.clock import Clock
    from server.kit.db import Connection, Database
    from server.providers.payments import Payments

SUCCESS: Final = "/billing/success"
CANCEL: Final = "/billing/cancel"
DASHBOARD: Final = "/dashboard"


@dataclass(frozen=True, slots=True)
class Wish:
    """Something to be paid for."""

    kind: OrderKind
    item: Item
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Till:
    """Where one person buys."""

    db: Database
    bus: Bus
    clock: Clock
    provider: Payments | None
    site: str
    """Origin of the pages to come back to."""
    user_id: UUID
    origin: Origin

    @property
    def payments(self) -> Payments:
        """The provider; raises ProviderMissing where nothing can be bought."""
        if self.provider is None:
            raise ProviderMissing
        return self.provider

    async def find_item(self, price_id: str) -> Item:
        """What a price is for; raises UnknownPlan."""
        async with self.db.connection() as conn:
            return await _item(conn, price_id)

    async def subscribe(self, item: Item) -> str:
        """The address of the page where a first subscription is paid."""
        async with self.db.transaction() as conn:
            contact = await self._buyer(conn)
            if await store.find_paid(conn, self.user_id) is not None:
                raise AlreadySubscribed
            order = await self._order(conn, Wish("subscription", item))
        return await self._checkout(contact, order, item)

    async def purchase(self, wish: Wish) -> str:
        """The address of the page where something is paid once."""
        async with self.db.transaction() as conn:
            contact = await self._buyer(conn)
            order = await self._order(conn, wish)
        return await self._checkout(contact, order, wish.item)

    async def cancel(self, reason: str) -> SubscriptionRow:
        """The subscription ends with what is paid for; returns it as it is then."""
        current = await self._current()
        await self.payments.cancel_at_period_end(str(current.remote_id), f"cancel:{uuid.uuid4()}")
        async with self.db.transaction() as conn:
            contact = await accounts.contact_of(conn, self.user_id)
            row = await self._take(conn, current)
            await store.set_cancel_reason(conn, row.id, reason)
            await self._record(conn, "cancel_asked", reason=reason, ends_at=row.period_end.isoformat())
            if contact is not None and not current.cancel_at_period_end:
                await letters.tell_cancelled(conn, contact, row, self.site)
            await service.tell(conn, self.user_id, self.clock.now())
        await events.notify(self.bus, self.user_id)
        return row

    async def change(self, item: Item) -> SubscriptionRow:
        """Another plan or period from now on; a cancellation is taken back."""
        current = await self._current()
        if current.price_id == item.price_id and not current.cancel_at_period_end:
            return current
        await self.payments.change_plan(str(current.remote_id), item, f"change:{uuid.uuid4()}")
        async with self.db.transaction() as conn:
            row = await self._take(conn, current)
            await self._record(conn, "change_asked", price_id=item.price_id)
            await service.tell(conn, self.user_id, self.clock.now())
        await events.notify(self.bus, self.user_id)
        return row

    async def open_portal(self) -> str:
        """The address of the provider's page for cards and bills."""
        payments = self.payments
        async with self.db.connection() as conn:
            customer_id = await store.find_customer(conn, payments.name, self.user_id)
        if customer_id is None:
            raise NoCustomer
        return await payments.open_portal(customer_id, f"{self.site}{DASHBOARD}")

    async def _buyer(self, conn: Connection) -> Contact:
        """Who buys: refused when they are not there, or have not shown that their address is theirs."""
        contact = await accounts.contact_of(conn, self.user_id)
        if contact is None:
            raise NotFound("There is no such account.")
        await accounts.require_verified(conn, self.user_id)
        return contact

    async def _order(self, conn: Connection, wish: Wish) -> OrderRow:
        order = OrderRow(
            id=uuid.uuid4(),
            user_id=self.user_id,
            kind=wish.kind,
            provider=self.payments.name,
            item=wish.item.price_id,
            tokens=wish.tokens,
            amount_minor=wish.item.amount_minor,
            currency=wish.item.currency,
            status="pending",
            payment_id=None,
            refunded_minor=0,
            created_at=instant(self.clock.now()),
        )
        await store.insert_order(conn, order)
        await self._record(conn, "checkout_started", order_id=str(order.id), item=order.item)
        return order

    async def _checkout(self, contact: Contact, order: OrderRow, item: Item) -> str:
        customer_id = await self._customer(contact)
        wish = CheckoutWish(
            customer_id=customer_id,
            item=item,
            reference=str(order.id),
            success_url=f"{self.site}{SUCCESS}?order={order.id}",
            cancel_url=f"{self.site}{CANCEL}",
        )
        return await self.payments.create_checkout(wish, f"order:{order.id}")

    async def _customer(self, contact: Contact) -> str:
        """Who the person is to the provider; made on the first occasion, and once."""
        payments = self.payments
        async with self.db.connection() as conn:
            known = await store.find_customer(conn, payments.name, self.user_id)
        if known is not None:
            return known
        made = await payments.create_customer(contact.email, contact.name, f"customer:{self.user_id}")
        async with self.db.connection() as conn:
            await store.put_customer(conn, payments.name, self.user_id, made)
        return made

    async def _current(self) -> SubscriptionRow:
        payments = self.payments
        async with self.db.connection() as conn:
            current = await store.find_paid(conn, self.user_id)
        if current is None or current.provider != payments.name:
            raise NoSubscription
        return current

    async def _take(self, conn: Connection, current: SubscriptionRow) -> SubscriptionRow:
        """Our row, fetched anew under the lock: else what a message set in between would be undone."""
        payments, remote_id = self.payments, str(current.remote_id)
        customer_id = await store.find_customer(conn, payments.name, self.user_id)
        await store.lock_customer(conn, payments.name, str(customer_id))
        settling = Settling(conn, payments.name, self.user_id, self.clock.now(), self.origin)
        await settling.subscription(await payments.fetch_subscription(remote_id))
        row = await store.find_subscription(conn, payments.name, remote_id)
        assert row is not None
        return row

    async def _record(self, conn: Connection, action: str, **metadata: str) -> None:
        await audit.record(
            conn,
            f"billing.{action}",
            "billing",
            self.origin,
            principal_id=self.user_id,
            severity="info",
            **metadata,
        )


async def _item(conn: Connection, price_id: str) -> Item:
    price = await store.find_price(conn, price_id)
    if price is None:
        raise UnknownPlan(field="plan_id")
    plan = await store.find_plan(conn, price.plan)
    assert plan is not None
    return item_of(price, plan.title)


def item_of(price: PriceRow, title: str) -> Item:
    """A plan's price as a provider is told of it."""
    return Item(price.id, f"Soundwell {title}", price.amount_minor, price.currency, price.every)
