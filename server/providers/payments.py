"""What a company that takes payments does for us, and the values that cross that border.

The truth about money is the provider's. What we hold is a copy, fetched when it tells of a change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from server.kit.errors import BadRequest, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kit.clock import Clock
    from server.kit.db import Database
    from server.kit.settings import Settings

Every = Literal["", "month", "year"]
"""How often a price is paid; nothing for what is bought once."""
SubscriptionStatus = Literal["incomplete", "active", "past_due", "ended"]
InvoiceStatus = Literal["draft", "open", "paid", "void", "uncollectible", "refunded"]
PaymentStatus = Literal["pending", "paid", "failed"]
Kind = Literal["subscription", "invoice", "payment", "other"]

WEBHOOK_AGE_S = 300.0
"""A signature older than this proves nothing: somebody may have kept the message."""


class ProviderMissing(Unavailable):
    """No provider is set up, so nothing can be bought here."""

    code = "provider_missing"
    message = "Payments are not set up on this server."


class BadSignature(BadRequest):
    """Whoever sent it, it was not the provider, or not now."""

    code = "bad_signature"
    message = "The signature of this message is not valid."


@dataclass(frozen=True, slots=True)
class Item:
    """What is to be paid for."""

    price_id: str
    """Ours; a vendor's own id for it is the vendor file's business."""
    label: str
    amount_minor: int
    currency: str
    every: Every


@dataclass(frozen=True, slots=True)
class CheckoutWish:
    """Everything that a hosted payment page needs to know."""

    customer_id: str
    item: Item
    reference: str
    """Our order, which the provider repeats in what it tells of this payment."""
    success_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True)
class RemoteSubscription:
    """A subscription as the provider has it now."""

    id: str
    customer_id: str
    price_id: str
    status: SubscriptionStatus
    period_start_s: float
    """Unix seconds."""
    period_end_s: float
    cancel_at_period_end: bool
    ended_at_s: float | None


@dataclass(frozen=True, slots=True)
class RemoteInvoice:
    """An invoice as the provider has it now."""

    id: str
    customer_id: str
    subscription_id: str
    """Empty if it is not for one."""
    amount_minor: int
    currency: str
    status: InvoiceStatus
    url: str
    """Where the person can read it, empty if nowhere."""
    issued_at_s: float
    paid_at_s: float | None


@dataclass(frozen=True, slots=True)
class RemotePayment:
    """A payment for something that is bought once, as the provider has it now."""

    id: str
    customer_id: str
    reference: str
    amount_minor: int
    currency: str
    status: PaymentStatus
    refunded_minor: int
    is_disputed: bool
    """The bank was asked to take it back."""


@dataclass(frozen=True, slots=True)
class InboundEvent:
    """A message whose signature was right: it says what to look at, and nothing more is believed."""

    id: str
    type: str
    kind: Kind
    object_id: str
    customer_id: str
    reference: str = ""
    """Our order, where a provider names it beside the object."""


class Payments(Protocol):
    """One provider. Every method but `verify_webhook` raises `ProviderError` when it cannot do its work.

    `key` makes a request safe to send twice; the second has the effect and the answer of the first.
    """

    @property
    def name(self) -> str:
        """What its rows and its webhook path are called."""
        ...

    async def create_customer(self, email: str, name: str, key: str) -> str:
        """The id of a new customer."""
        ...

    async def create_checkout(self, wish: CheckoutWish, key: str) -> str:
        """The address of a page where it can be paid."""
        ...

    async def open_portal(self, customer_id: str, return_url: str) -> str:
        """The address of a page where cards and subscriptions are looked after."""
        ...

    async def fetch_subscription(self, subscription_id: str) -> RemoteSubscription: ...

    async def fetch_invoice(self, invoice_id: str) -> RemoteInvoice: ...

    async def fetch_payment(self, payment_id: str) -> RemotePayment: ...

    async def cancel_at_period_end(self, subscription_id: str, key: str) -> RemoteSubscription:
        """It runs on to the end of what is paid, and not further."""
        ...

    async def end_now(self, subscription_id: str, key: str) -> RemoteSubscription:
        """It ends at once: the account is being deleted."""
        ...

    async def change_plan(self, subscription_id: str, item: Item, key: str) -> RemoteSubscription:
        """Another price from now on, settled in proportion by the provider; a cancellation is taken back."""
        ...

    def verify_webhook(self, body: bytes, headers: Mapping[str, str], now_s: float) -> InboundEvent:
        """What a message says; raises `BadSignature` if the provider did not send it just now."""
        ...

    async def close(self) -> None:
        """Give up its connections."""
        ...


PaymentsOf = Callable[["Settings", "Database", "Clock"], "Payments | None"]
"""How a process comes by the provider of its settings; None: nothing can be bought."""
