"""Lemon Squeezy behind the payment port, by its JSON:API. No peer exists: tests compare recorded shapes.

It makes its own customers, by the address that is typed at its checkout, and repeats our order only in its
messages. It signs no time, so a message is known by its bytes. It cannot end a subscription at once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any, Final, Self

import httpx2
import structlog

from server.kit.clock import add_months
from server.kit.errors import ProviderError
from server.providers.payments import (
    BadSignature,
    InboundEvent,
    Kind,
    RemoteInvoice,
    RemotePayment,
    RemoteSubscription,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.kit.settings import Settings
    from server.providers.payments import (
        CheckoutWish,
        InvoiceStatus,
        Item,
        PaymentStatus,
        SubscriptionStatus,
    )

NAME: Final = "lemonsqueezy"
URL: Final = "https://api.lemonsqueezy.com"
MEDIA: Final = "application/vnd.api+json"
TIMEOUT_S: Final = 20.0
SIGNATURE_HEADER: Final = "x-signature"

_KINDS: Final[dict[str, Kind]] = {
    "subscriptions": "subscription",
    "subscription-invoices": "invoice",
    "orders": "payment",
}
_SUBSCRIPTION: Final[dict[str, SubscriptionStatus]] = {
    "on_trial": "active",
    "active": "active",
    "cancelled": "active",  # it runs on to its end
    "past_due": "past_due",
    "unpaid": "past_due",
    "paused": "past_due",
    "expired": "ended",
}
_INVOICE: Final[dict[str, InvoiceStatus]] = {
    "pending": "open",
    "paid": "paid",
    "void": "void",
    "refunded": "refunded",
    "partial_refund": "paid",
}
_ORDER: Final[dict[str, PaymentStatus]] = {
    "pending": "pending",
    "failed": "failed",
    "paid": "paid",
    "refunded": "paid",
    "partial_refund": "paid",
}

log = structlog.stdlib.get_logger("soundwell.lemonsqueezy")


class LemonSqueezyPayments:
    """One store at Lemon Squeezy."""

    name = NAME

    def __init__(
        self,
        key: str,
        store: str,
        secret: str,
        variants: Mapping[str, str],
        variant_once: str = "",
        url: str = URL,
    ) -> None:
        headers = {"Authorization": f"Bearer {key}", "Accept": MEDIA, "Content-Type": MEDIA}
        self._http = httpx2.AsyncClient(base_url=url, headers=headers, timeout=TIMEOUT_S)
        self._store = store
        self._secret = secret.encode()
        self._theirs = dict(variants)
        self._ours = {theirs: ours for ours, theirs in variants.items()}
        self._variant_once = variant_once

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The store of the settings."""
        return cls(
            settings.lemonsqueezy_api_key.get_secret_value(),
            settings.lemonsqueezy_store_id,
            settings.lemonsqueezy_webhook_secret.get_secret_value(),
            settings.vendor_prices,
            settings.lemonsqueezy_variant_once,
        )

    async def create_customer(self, email: str, name: str, key: str) -> str:  # noqa: ARG002 - an address is one customer
        query = {"filter[store_id]": self._store, "filter[email]": email}
        found = await self._ask("GET", "/v1/customers", params=query)
        if found["data"]:
            return str(found["data"][0]["id"])
        attributes = {"name": name or email, "email": email}
        made = await self._ask("POST", "/v1/customers", json=self._new("customers", attributes))
        return str(made["data"]["id"])

    async def create_checkout(self, wish: CheckoutWish, key: str) -> str:  # noqa: ARG002 - a page that nobody opens costs nothing
        item = wish.item
        variant = self._variant(item) if item.every else self._variant_once
        if not variant:
            raise ProviderError("No variant of Lemon Squeezy is set for what is bought once.")
        customer = await self._ask("GET", f"/v1/customers/{wish.customer_id}")
        attributes: dict[str, Any] = {
            "product_options": {"name": item.label, "redirect_url": wish.success_url},
            "checkout_data": {
                "email": customer["data"]["attributes"]["email"],
                "custom": {"reference": wish.reference},
            },
        }
        if not item.every:
            attributes["custom_price"] = item.amount_minor
        made = await self._ask("POST", "/v1/checkouts", json=self._new("checkouts", attributes, variant))
        return str(made["data"]["attributes"]["url"])

    async def open_portal(self, customer_id: str, return_url: str) -> str:  # noqa: ARG002 - its portal leads nowhere else
        customer = await self._ask("GET", f"/v1/customers/{customer_id}")
        url = customer["data"]["attributes"]["urls"]["customer_portal"]
        if not url:
            raise ProviderError("Lemon Squeezy has no portal for this customer yet.")
        return str(url)

    async def fetch_subscription(self, subscription_id: str) -> RemoteSubscription:
        return self._subscription(await self._ask("GET", f"/v1/subscriptions/{subscription_id}"))

    async def fetch_invoice(self, invoice_id: str) -> RemoteInvoice:
        return _invoice(await self._ask("GET", f"/v1/subscription-invoices/{invoice_id}"))

    async def fetch_payment(self, payment_id: str) -> RemotePayment:
        return _payment(await self._ask("GET", f"/v1/orders/{payment_id}"))

    async def cancel_at_period_end(self, subscription_id: str, key: str) -> RemoteSubscription:  # noqa: ARG002 - twice is once
        return self._subscription(await self._ask("DELETE", f"/v1/subscriptions/{subscription_id}"))

    async def end_now(self, subscription_id: str, key: str) -> RemoteSubscription:
        return await self.cancel_at_period_end(subscription_id, key)

    async def change_plan(self, subscription_id: str, item: Item, key: str) -> RemoteSubscription:  # noqa: ARG002 - twice is once
        attributes = {"variant_id": int(self._variant(item)), "cancelled": False}
        changed = {"data": {"type": "subscriptions", "id": subscription_id, "attributes": attributes}}
        return self._subscription(
            await self._ask("PATCH", f"/v1/subscriptions/{subscription_id}", json=changed)
        )

    def verify_webhook(self, body: bytes, headers: Mapping[str, str], now_s: float) -> InboundEvent:  # noqa: ARG002 - no time is signed
        signature = hmac.digest(self._secret, body, "sha256").hex()
        if not hmac.compare_digest(signature.encode(), headers.get(SIGNATURE_HEADER, "").encode()):
            raise BadSignature
        event = json.loads(body)
        meta, about = event["meta"], event["data"]
        return InboundEvent(
            id=hashlib.sha256(body).hexdigest(),
            type=meta["event_name"],
            kind=_KINDS.get(about["type"], "other"),
            object_id=str(about["id"]),
            customer_id=str(about["attributes"].get("customer_id") or ""),
            reference=str((meta.get("custom_data") or {}).get("reference", "")),
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def _ask(self, method: str, path: str, **more: Any) -> Any:
        """One request; what is refused, or not answered, is an error of the provider."""
        try:
            answer = await self._http.request(method, path, **more)
            answer.raise_for_status()
            return answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            log.warning("lemon squeezy refused", error=str(error), path=path)
            raise ProviderError from error

    def _new(self, kind: str, attributes: Mapping[str, Any], variant: str = "") -> dict[str, Any]:
        """A resource of the store, to be made."""
        relationships = {"store": {"data": {"type": "stores", "id": self._store}}}
        if variant:
            relationships["variant"] = {"data": {"type": "variants", "id": variant}}
        return {"data": {"type": kind, "attributes": attributes, "relationships": relationships}}

    def _variant(self, item: Item) -> str:
        theirs = self._theirs.get(item.price_id)
        if theirs is None:
            raise ProviderError(f"No variant of Lemon Squeezy is set for {item.price_id}.")
        return theirs

    def _subscription(self, given: Any) -> RemoteSubscription:
        about = given["data"]["attributes"]
        theirs = str(about["variant_id"])
        ours = self._ours.get(theirs, theirs)
        end = _moment(about["ends_at"] or about["renews_at"])
        status = _SUBSCRIPTION[about["status"]]
        return RemoteSubscription(
            id=str(given["data"]["id"]),
            customer_id=str(about["customer_id"]),
            price_id=ours,
            status=status,
            period_start_s=add_months(end, -12 if ours.endswith("-year") else -1).timestamp(),
            period_end_s=end.timestamp(),
            cancel_at_period_end=bool(about["cancelled"]),
            ended_at_s=end.timestamp() if status == "ended" else None,
        )


def _invoice(given: Any) -> RemoteInvoice:
    about = given["data"]["attributes"]
    status = _INVOICE[about["status"]]
    issued_at_s = _moment(about["created_at"]).timestamp()
    return RemoteInvoice(
        id=str(given["data"]["id"]),
        customer_id=str(about["customer_id"]),
        subscription_id=str(about["subscription_id"]),
        amount_minor=about["total"],
        currency=about["currency"],
        status=status,
        url=about["urls"]["invoice_url"] or "",
        issued_at_s=issued_at_s,
        paid_at_s=_moment(about["updated_at"]).timestamp() if status == "paid" else None,
    )


def _payment(given: Any) -> RemotePayment:
    """The price without the tax that it adds, and of what was given back the same share."""
    about = given["data"]["attributes"]
    return RemotePayment(
        id=str(given["data"]["id"]),
        customer_id=str(about["customer_id"]),
        reference="",
        amount_minor=about["subtotal"],
        currency=about["currency"],
        status=_ORDER[about["status"]],
        refunded_minor=round(about["subtotal"] * about["refunded_amount"] / max(1, about["total"])),
        is_disputed=False,
    )


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
