"""The stand-in behind the payment port: a complete provider that takes no money."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from server.kit.clock import add_months
from server.kit.errors import ProviderError, Unavailable
from server.kit.security import is_signed_message
from server.providers.checkout import renewals, store
from server.providers.checkout.deliveries import SIGNATURE_HEADER, Courier
from server.providers.checkout.store import Checkout, Portal
from server.providers.payments import (
    WEBHOOK_AGE_S,
    BadSignature,
    InboundEvent,
    Kind,
    RemoteInvoice,
    RemotePayment,
    RemoteSubscription,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from server.kit.clock import Clock
    from server.kit.db import Connection, Database
    from server.providers.checkout.store import Subscription
    from server.providers.payments import CheckoutWish, Item

NAME: Final = "local"
RENEW_EVERY_S: Final = 60.0

_KINDS: Final[dict[str, Kind]] = {
    "customer": "subscription",
    "invoice": "invoice",
    "payment_intent": "payment",
    "charge": "payment",
}
"""By the first word of an event's type."""


class LocalPayments:
    """The company's desk: what a merchant may ask it."""

    name = NAME

    def __init__(self, database: Database, clock: Clock, secret: bytes, courier: Courier) -> None:
        self.database = database
        self.courier = courier
        self._clock = clock
        self._secret = secret

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Send messages and renew what is due, for as long as the block lasts."""
        tasks = [asyncio.create_task(self.courier.run()), asyncio.create_task(self._renew_for_ever())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def now(self, conn: Connection) -> dt.datetime:
        """The company's own time, which may have been moved."""
        return dt.datetime.fromtimestamp(self._clock.now() + await store.read_ahead_s(conn), dt.UTC)

    async def advance(self, seconds: float) -> dt.datetime:
        """Move the clock, let everything happen that falls due, and return the time it is then."""
        async with self.database.transaction() as conn:
            await store.move_clock(conn, seconds)
            now = await self.now(conn)
        await self.renew_due()
        return now

    async def renew_due(self) -> None:
        """Renew or end every subscription whose period is over."""
        is_more = True
        while is_more:
            async with self.database.transaction() as conn:
                is_more = await renewals.renew_next(conn, await self.now(conn))
        self.courier.wake()

    async def refund(self, payment_id: str, amount_minor: int) -> None:
        """Give back a part of a payment, or what is left of it."""
        async with self.database.transaction() as conn:
            found = await store.find_payment(conn, payment_id, locked=True)
            if found is None or found.status != "paid":
                raise ProviderError("The payment provider has no such payment.")
            refunded = min(found.amount_minor, found.refunded_minor + amount_minor)
            changed = replace(found, refunded_minor=refunded)
            await store.put_payment(conn, changed)
            await renewals.tell_payment(conn, changed, "refunded", await self.now(conn))
        self.courier.wake()

    async def create_customer(self, email: str, name: str, key: str) -> str:  # noqa: ARG002 - the port's signature
        async with self.database.transaction() as conn:
            return await store.insert_customer(conn, renewals.new_id("cus"), email, key)

    async def create_checkout(self, wish: CheckoutWish, key: str) -> str:
        async with self.database.transaction() as conn:
            await _known(conn, wish.customer_id)
            item = wish.item
            checkout = Checkout(
                id=renewals.new_id("cs"),
                customer_id=wish.customer_id,
                label=item.label,
                price_id=item.price_id,
                amount_minor=item.amount_minor,
                currency=item.currency,
                every=item.every,
                reference=wish.reference,
                success_url=wish.success_url,
                cancel_url=wish.cancel_url,
                is_done=False,
                created_at=await self.now(conn),
            )
            made = await store.insert_checkout(conn, checkout, key)
        return f"{_origin(wish.success_url)}/pay/{made}"

    async def open_portal(self, customer_id: str, return_url: str) -> str:
        async with self.database.transaction() as conn:
            await _known(conn, customer_id)
            portal = Portal(renewals.new_id("ps"), customer_id, return_url, await self.now(conn))
            await store.insert_portal(conn, portal)
        return f"{_origin(return_url)}/pay/portal/{portal.id}"

    async def fetch_subscription(self, subscription_id: str) -> RemoteSubscription:
        async with self.database.connection() as conn:
            return _told(await store.find_subscription(conn, subscription_id))

    async def fetch_invoice(self, invoice_id: str) -> RemoteInvoice:
        async with self.database.connection() as conn:
            invoice = await store.find_invoice(conn, invoice_id)
        if invoice is None:
            raise ProviderError("The payment provider does not know this invoice.")
        return RemoteInvoice(
            id=invoice.id,
            customer_id=invoice.customer_id,
            subscription_id=invoice.subscription_id,
            amount_minor=invoice.amount_minor,
            currency=invoice.currency,
            status=invoice.status,
            url="",
            issued_at_s=invoice.issued_at.timestamp(),
            paid_at_s=None if invoice.paid_at is None else invoice.paid_at.timestamp(),
        )

    async def fetch_payment(self, payment_id: str) -> RemotePayment:
        async with self.database.connection() as conn:
            payment = await store.find_payment(conn, payment_id)
        if payment is None:
            raise ProviderError("The payment provider does not know this payment.")
        return RemotePayment(
            id=payment.id,
            customer_id=payment.customer_id,
            reference=payment.reference,
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            status=payment.status,
            refunded_minor=payment.refunded_minor,
            is_disputed=payment.is_disputed,
        )

    async def cancel_at_period_end(self, subscription_id: str, key: str) -> RemoteSubscription:  # noqa: ARG002 - twice is once
        async with self.database.transaction() as conn:
            found = await store.find_subscription(conn, subscription_id, locked=True)
            changed = _told(found)
            if found is not None and found.status != "ended" and not found.cancel_at_period_end:
                kept = replace(found, cancel_at_period_end=True)
                await store.put_subscription(conn, kept)
                await renewals.tell(conn, kept, "updated", await self.now(conn))
                changed = _told(kept)
        self.courier.wake()
        return changed

    async def end_now(self, subscription_id: str, key: str) -> RemoteSubscription:  # noqa: ARG002 - twice is once
        async with self.database.transaction() as conn:
            found = await store.find_subscription(conn, subscription_id, locked=True)
            changed = _told(found)
            if found is not None and found.status != "ended":
                changed = _told(await renewals.end(conn, found, await self.now(conn)))
        self.courier.wake()
        return changed

    async def change_plan(self, subscription_id: str, item: Item, key: str) -> RemoteSubscription:  # noqa: ARG002 - twice is once
        async with self.database.transaction() as conn:
            found = await store.find_subscription(conn, subscription_id, locked=True)
            if found is None or found.status == "ended":
                raise ProviderError("The payment provider has no such subscription.")
            changed = replace(
                found,
                price_id=item.price_id,
                label=item.label,
                amount_minor=item.amount_minor,
                currency=item.currency,
                every=item.every,
                cancel_at_period_end=False,
                period_end=add_months(found.period_start, renewals.MONTHS[item.every]),
            )
            await store.put_subscription(conn, changed)
            await renewals.tell(conn, changed, "updated", await self.now(conn))
        self.courier.wake()
        return _told(changed)

    def verify_webhook(self, body: bytes, headers: Mapping[str, str], now_s: float) -> InboundEvent:
        header = headers.get(SIGNATURE_HEADER.lower(), "")
        if not is_signed_message(body, header, self._secret, now_s, WEBHOOK_AGE_S):
            raise BadSignature
        event = json.loads(body)
        about = event["data"]["object"]
        return InboundEvent(
            id=event["id"],
            type=event["type"],
            kind=_KINDS[event["type"].split(".")[0]],
            object_id=about["id"],
            customer_id=about["customer"],
            reference=about["reference"],
        )

    async def close(self) -> None:
        """It has no connection of its own."""

    async def _renew_for_ever(self) -> None:
        while True:
            with contextlib.suppress(Unavailable):
                await self.renew_due()
            await asyncio.sleep(RENEW_EVERY_S)


async def _known(conn: Connection, customer_id: str) -> None:
    if await store.lock_customer(conn, customer_id) is None:
        raise ProviderError("The payment provider does not know this customer.")


def _told(subscription: Subscription | None) -> RemoteSubscription:
    """As the merchant is told of it."""
    if subscription is None:
        raise ProviderError("The payment provider has no such subscription.")
    return RemoteSubscription(
        id=subscription.id,
        customer_id=subscription.customer_id,
        price_id=subscription.price_id,
        status=subscription.status,
        period_start_s=subscription.period_start.timestamp(),
        period_end_s=subscription.period_end.timestamp(),
        cancel_at_period_end=subscription.cancel_at_period_end,
        ended_at_s=None if subscription.ended_at is None else subscription.ended_at.timestamp(),
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
