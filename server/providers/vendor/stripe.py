"""Stripe behind the payment port, by its own SDK.

What is fetched has the shape of the SDK's API version; the older places of a few fields are read too, since
accounts may be pinned to them.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any, Final, Self

import stripe
import structlog

from server.kit.errors import ProviderError
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
    from collections.abc import Iterator, Mapping

    from server.kit.settings import Settings
    from server.providers.payments import (
        CheckoutWish,
        InvoiceStatus,
        Item,
        PaymentStatus,
        SubscriptionStatus,
    )

NAME: Final = "stripe"
TIMEOUT_S: Final = 20.0
RETRIES: Final = 2
SIGNATURE_HEADER: Final = "stripe-signature"

_SUBSCRIPTION: Final[dict[str, SubscriptionStatus]] = {
    "incomplete": "incomplete",
    "trialing": "active",
    "active": "active",
    "past_due": "past_due",
    "unpaid": "past_due",
    "paused": "past_due",
    "canceled": "ended",
    "incomplete_expired": "ended",
}
_PAYMENT: Final[dict[str, PaymentStatus]] = {
    "succeeded": "paid",
    "canceled": "failed",
    "requires_payment_method": "failed",
}
_INVOICE: Final[dict[str, InvoiceStatus]] = {
    "draft": "draft",
    "open": "open",
    "paid": "paid",
    "void": "void",
    "uncollectible": "uncollectible",
}

log = structlog.stdlib.get_logger("soundwell.stripe")


class StripePayments:
    """One account at Stripe."""

    name = NAME

    def __init__(self, secret: str, webhook_secret: str, prices: Mapping[str, str], url: str = "") -> None:
        self._http = stripe.HTTPXClient(timeout=TIMEOUT_S)
        self._client = stripe.StripeClient(
            secret,
            http_client=self._http,
            max_network_retries=RETRIES,
            base_addresses={"api": url} if url else None,
        )
        self._webhook_secret = webhook_secret
        self._theirs = dict(prices)
        self._ours = {theirs: ours for ours, theirs in prices.items()}

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The account of the settings."""
        return cls(
            settings.stripe_secret.get_secret_value(),
            settings.stripe_webhook_secret.get_secret_value(),
            settings.vendor_prices,
            settings.stripe_url,
        )

    async def create_customer(self, email: str, name: str, key: str) -> str:
        with _asking():
            made = await self._client.v1.customers.create_async(
                {"email": email, "name": name}, {"idempotency_key": key}
            )
        return made.id

    async def create_checkout(self, wish: CheckoutWish, key: str) -> str:
        with _asking():
            session = await self._client.v1.checkout.sessions.create_async(
                self._session(wish),  # type: ignore[arg-type]  # a plain dict, as the API describes it
                {"idempotency_key": key},
            )
        if not session.url:
            raise ProviderError("Stripe made a checkout without an address.")
        return session.url

    async def open_portal(self, customer_id: str, return_url: str) -> str:
        with _asking():
            session = await self._client.v1.billing_portal.sessions.create_async(
                {"customer": customer_id, "return_url": return_url}
            )
        return session.url

    async def fetch_subscription(self, subscription_id: str) -> RemoteSubscription:
        with _asking():
            found = await self._client.v1.subscriptions.retrieve_async(subscription_id)
        return self._subscription(found.to_dict())

    async def fetch_invoice(self, invoice_id: str) -> RemoteInvoice:
        with _asking():
            found = await self._client.v1.invoices.retrieve_async(invoice_id)
        return _invoice(found.to_dict())

    async def fetch_payment(self, payment_id: str) -> RemotePayment:
        with _asking():
            found = await self._client.v1.payment_intents.retrieve_async(
                payment_id, {"expand": ["latest_charge"]}
            )
        return _payment(found.to_dict())

    async def cancel_at_period_end(self, subscription_id: str, key: str) -> RemoteSubscription:
        with _asking():
            changed = await self._client.v1.subscriptions.update_async(
                subscription_id, {"cancel_at_period_end": True}, {"idempotency_key": key}
            )
        return self._subscription(changed.to_dict())

    async def end_now(self, subscription_id: str, key: str) -> RemoteSubscription:
        with _asking():
            ended = await self._client.v1.subscriptions.cancel_async(
                subscription_id, None, {"idempotency_key": key}
            )
        return self._subscription(ended.to_dict())

    async def change_plan(self, subscription_id: str, item: Item, key: str) -> RemoteSubscription:
        price = self._price(item)
        with _asking():
            found = await self._client.v1.subscriptions.retrieve_async(subscription_id)
            line = found.to_dict()["items"]["data"][0]["id"]
            changed = await self._client.v1.subscriptions.update_async(
                subscription_id,
                {
                    "items": [{"id": line, "price": price}],
                    "cancel_at_period_end": False,
                    "proration_behavior": "create_prorations",
                },
                {"idempotency_key": key},
            )
        return self._subscription(changed.to_dict())

    def verify_webhook(self, body: bytes, headers: Mapping[str, str], now_s: float) -> InboundEvent:  # noqa: ARG002 - the SDK looks at its own clock
        try:
            stripe.WebhookSignature.verify_header(
                body.decode(), headers.get(SIGNATURE_HEADER, ""), self._webhook_secret, int(WEBHOOK_AGE_S)
            )
            event = json.loads(body)
        except (stripe.SignatureVerificationError, ValueError) as error:
            raise BadSignature from error
        about = event["data"]["object"]
        kind, object_id = _looked_at(event["type"], about)
        return InboundEvent(
            id=event["id"],
            type=event["type"],
            kind=kind,
            object_id=object_id,
            customer_id=_id(about.get("customer")),
            reference=(about.get("metadata") or {}).get("reference", ""),
        )

    async def close(self) -> None:
        await self._http.close_async()  # type: ignore[no-untyped-call]  # the SDK left it so

    def _price(self, item: Item) -> str:
        theirs = self._theirs.get(item.price_id)
        if theirs is None:
            raise ProviderError(f"No price of Stripe is set for {item.price_id}.")
        return theirs

    def _session(self, wish: CheckoutWish) -> dict[str, Any]:
        """A checkout session; each of its objects carries our order."""
        item, reference = wish.item, {"reference": wish.reference}
        common = {
            "customer": wish.customer_id,
            "client_reference_id": wish.reference,
            "metadata": reference,
            "success_url": wish.success_url,
            "cancel_url": wish.cancel_url,
        }
        if item.every:
            line: dict[str, Any] = {"price": self._price(item), "quantity": 1}
            more = {"mode": "subscription", "subscription_data": {"metadata": reference}}
        else:
            product = {"name": item.label}
            price = {
                "currency": item.currency.lower(),
                "unit_amount": item.amount_minor,
                "product_data": product,
            }
            line = {"price_data": price, "quantity": 1}
            more = {"mode": "payment", "payment_intent_data": {"metadata": reference}}
        return {**common, **more, "line_items": [line]}

    def _subscription(self, given: dict[str, Any]) -> RemoteSubscription:
        line = given["items"]["data"][0]
        theirs = _id(line.get("price") or line.get("plan"))
        return RemoteSubscription(
            id=given["id"],
            customer_id=_id(given["customer"]),
            price_id=self._ours.get(theirs, theirs),
            status=_SUBSCRIPTION[given["status"]],
            period_start_s=float(line.get("current_period_start") or given["current_period_start"]),
            period_end_s=float(line.get("current_period_end") or given["current_period_end"]),
            cancel_at_period_end=bool(given["cancel_at_period_end"]),
            ended_at_s=None if given.get("ended_at") is None else float(given["ended_at"]),
        )


def _invoice(given: dict[str, Any]) -> RemoteInvoice:
    parent = (given.get("parent") or {}).get("subscription_details") or {}
    paid_at = (given.get("status_transitions") or {}).get("paid_at")
    return RemoteInvoice(
        id=given["id"],
        customer_id=_id(given["customer"]),
        subscription_id=_id(parent.get("subscription") or given.get("subscription")),
        amount_minor=max(0, given["total"]),
        currency=given["currency"].upper(),
        status=_INVOICE[given["status"]],
        url=given.get("hosted_invoice_url") or "",
        issued_at_s=float(given["created"]),
        paid_at_s=None if paid_at is None else float(paid_at),
    )


def _payment(given: dict[str, Any]) -> RemotePayment:
    charge = given.get("latest_charge")
    charge = charge if isinstance(charge, dict) else {}
    return RemotePayment(
        id=given["id"],
        customer_id=_id(given.get("customer")),
        reference=(given.get("metadata") or {}).get("reference", ""),
        amount_minor=given["amount"],
        currency=given["currency"].upper(),
        status=_PAYMENT.get(given["status"], "pending"),
        refunded_minor=charge.get("amount_refunded") or 0,
        is_disputed=bool(charge.get("disputed")),
    )


def _looked_at(event_type: str, about: Mapping[str, Any]) -> tuple[Kind, str]:
    """Which object a message makes us look at."""
    if event_type.startswith("customer.subscription."):
        return "subscription", _id(about)
    if event_type.startswith("invoice."):
        return "invoice", _id(about)
    if event_type.startswith("payment_intent."):
        return "payment", _id(about)
    if event_type.startswith("charge.") and about.get("payment_intent"):
        return "payment", _id(about["payment_intent"])
    if event_type == "checkout.session.completed" and about.get("subscription"):
        return "subscription", _id(about["subscription"])
    if event_type == "checkout.session.completed" and about.get("payment_intent"):
        return "payment", _id(about["payment_intent"])
    return "other", _id(about)


def _id(reference: Any) -> str:
    """Of an object, or of what stands for it."""
    if isinstance(reference, dict):
        reference = reference.get("id")
    return str(reference or "")


@contextlib.contextmanager
def _asking() -> Iterator[None]:
    """What Stripe refuses, or does not answer, is an error of the provider; its words are for the log."""
    try:
        yield
    except stripe.StripeError as error:
        log.warning("stripe refused", error=str(error), kind=type(error).__name__)
        raise ProviderError from error
