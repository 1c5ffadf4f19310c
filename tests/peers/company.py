"""A payment company in memory: what it holds is the truth; what it says of it may come in any order."""

from __future__ import annotations

import asyncio
import itertools
import json
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeVar

from server.kit.errors import ProviderError
from server.providers.payments import InboundEvent, RemoteInvoice, RemotePayment, RemoteSubscription

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping

    from server.providers.payments import CheckoutWish, Item

MONTH_S: Final = 2_592_000.0
SLOW_S: Final = 0.02

Thing = TypeVar("Thing")


@dataclass
class Company:
    """Behind the payment port; its messages are kept until a test delivers them."""

    chance: random.Random
    name: str = "local"
    subscriptions: dict[str, RemoteSubscription] = field(default_factory=dict)
    invoices: dict[str, RemoteInvoice] = field(default_factory=dict)
    payments: dict[str, RemotePayment] = field(default_factory=dict)
    messages: list[bytes] = field(default_factory=list)
    names: Iterator[str] = field(default_factory=lambda: (uuid.uuid4().hex for _ in itertools.count()))

    def begin(self, customer: str, price: str, now_s: float) -> str:
        """A subscription, paid."""
        subscription = RemoteSubscription(
            f"sub_{next(self.names)}", customer, price, "active", now_s, now_s + MONTH_S, False, None
        )
        self._keep(subscription)
        self.bill(subscription.id, is_paid=True)
        return subscription.id

    def change(self, subscription_id: str, price: str) -> None:
        self._keep(replace(self.subscriptions[subscription_id], price_id=price, cancel_at_period_end=False))

    def cancel(self, subscription_id: str) -> None:
        self._keep(replace(self.subscriptions[subscription_id], cancel_at_period_end=True))

    def renew(self, subscription_id: str, *, is_paid: bool) -> None:
        """The period is over: another begins, or the card fails."""
        old = self.subscriptions[subscription_id]
        self.bill(subscription_id, is_paid=is_paid)
        if not is_paid:
            self._keep(replace(old, status="past_due"))
            return
        end_s = old.period_end_s
        self._keep(replace(old, status="active", period_start_s=end_s, period_end_s=end_s + MONTH_S))

    def end(self, subscription_id: str) -> None:
        old = self.subscriptions[subscription_id]
        self._keep(replace(old, status="ended", ended_at_s=old.period_end_s))

    def bill(self, subscription_id: str, *, is_paid: bool) -> None:
        subscription = self.subscriptions[subscription_id]
        at_s = subscription.period_start_s
        invoice = RemoteInvoice(
            f"in_{next(self.names)}",
            subscription.customer_id,
            subscription_id,
            900,
            "EUR",
            "paid" if is_paid else "open",
            "",
            at_s,
            at_s if is_paid else None,
        )
        self.invoices[invoice.id] = invoice
        self._tell("invoice", invoice.id, invoice.customer_id)

    def pay(self, customer: str, reference: str) -> str:
        """A pack of tokens, bought."""
        payment = RemotePayment(
            f"pay_{next(self.names)}", customer, reference, 500, "EUR", "paid", 0, is_disputed=False
        )
        self.payments[payment.id] = payment
        self._tell("payment", payment.id, customer)
        return payment.id

    def refund(self, payment_id: str, amount_minor: int) -> None:
        old = self.payments[payment_id]
        given_back = min(old.amount_minor, old.refunded_minor + amount_minor)
        self.payments[payment_id] = replace(old, refunded_minor=given_back)
        self._tell("payment", payment_id, old.customer_id)

    async def fetch_subscription(self, subscription_id: str) -> RemoteSubscription:
        return await self._slowly(self.subscriptions, subscription_id)

    async def fetch_invoice(self, invoice_id: str) -> RemoteInvoice:
        return await self._slowly(self.invoices, invoice_id)

    async def fetch_payment(self, payment_id: str) -> RemotePayment:
        return await self._slowly(self.payments, payment_id)

    def verify_webhook(self, body: bytes, headers: Mapping[str, str], now_s: float) -> InboundEvent:
        """Signatures are another test's affair."""
        del headers, now_s
        return InboundEvent(**json.loads(body))

    async def create_customer(self, email: str, name: str, key: str) -> str:
        raise NotImplementedError

    async def create_checkout(self, wish: CheckoutWish, key: str) -> str:
        raise NotImplementedError

    async def open_portal(self, customer_id: str, return_url: str) -> str:
        raise NotImplementedError

    async def cancel_at_period_end(self, subscription_id: str, key: str) -> RemoteSubscription:
        raise NotImplementedError

    async def end_now(self, subscription_id: str, key: str) -> RemoteSubscription:
        raise NotImplementedError

    async def change_plan(self, subscription_id: str, item: Item, key: str) -> RemoteSubscription:
        raise NotImplementedError

    async def close(self) -> None:
        """It has nothing to give up."""

    def _keep(self, subscription: RemoteSubscription) -> None:
        self.subscriptions[subscription.id] = subscription
        self._tell("subscription", subscription.id, subscription.customer_id)

    def _tell(self, kind: str, object_id: str, customer_id: str) -> None:
        event_id = f"evt_{next(self.names)}"
        event = {
            "id": event_id,
            "type": kind,
            "kind": kind,
            "object_id": object_id,
            "customer_id": customer_id,
        }
        self.messages.append(json.dumps(event).encode())

    async def _slowly(self, shelf: Mapping[str, Thing], name: str) -> Thing:
        """What is there when it is asked, told later: much may happen on the way."""
        found = shelf.get(name)
        await asyncio.sleep(self.chance.choice((0.0, 0.0, 0.0, SLOW_S)))
        if found is None:
            raise ProviderError
        return found
