"""Lemon Squeezy's adapter, against recorded shapes: nobody has a peer of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from typing import Any

import httpx2
import pytest

from server.kit.errors import ProviderError
from server.providers.payments import BadSignature, CheckoutWish, Item
from server.providers.vendor.lemonsqueezy import LemonSqueezyPayments

SECRET = "a secret of the store"
PRO = Item("pro-month", "Soundwell Pro", 900, "EUR", "month")
PACK = Item("pack-100", "100 tokens", 500, "EUR", "")
SUBSCRIPTION = {
    "customer_id": 77,
    "variant_id": 11,
    "status": "active",
    "cancelled": False,
    "renews_at": "2026-03-31T10:00:00.000000Z",
    "ends_at": None,
}


class Shop:
    """Answers as Lemon Squeezy's reference shows, and keeps what was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any]] = []
        self.asked: list[httpx2.Request] = []
        self.payments = LemonSqueezyPayments(
            "key", "5", SECRET, {"pro-month": "11", "studio-year": "12"}, "99", "https://shop.example"
        )
        transport = httpx2.MockTransport(self._answer)
        self.payments._http = httpx2.AsyncClient(
            base_url="https://shop.example", transport=transport, headers=self.payments._http.headers
        )

    def say(self, data: Any, status: int = 200) -> None:
        self.answers.append((status, {"data": data}))

    def body(self, number: int) -> Any:
        return json.loads(self.asked[number].content)["data"]

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        status, answer = self.answers.pop(0)
        return httpx2.Response(status, json=answer)


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.mark.req("S2-12")
async def test_a_customer_is_looked_for_before_one_is_made(shop: Shop) -> None:
    shop.say([])
    shop.say({"id": "77"}, 201)
    shop.say([{"id": "77"}])
    made = [await shop.payments.create_customer("ada@example.org", "", "k") for _ in range(2)]
    assert made == ["77", "77"]
    assert shop.asked[0].url.params["filter[email]"] == "ada@example.org"
    assert shop.asked[0].headers["Authorization"] == "Bearer key"
    assert shop.body(1) == {
        "type": "customers",
        "attributes": {"name": "ada@example.org", "email": "ada@example.org"},
        "relationships": {"store": {"data": {"type": "stores", "id": "5"}}},
    }


async def test_a_checkout_carries_our_order_and_the_address(shop: Shop) -> None:
    for item in (PRO, PACK):
        shop.say({"attributes": {"email": "ada@example.org"}})
        shop.say({"attributes": {"url": "https://shop.example/checkout/1"}}, 201)
        wish = CheckoutWish("77", item, "order-1", "http://a/billing/success", "http://a/billing/cancel")
        assert await shop.payments.create_checkout(wish, "k") == "https://shop.example/checkout/1"
    pro, pack = shop.body(1), shop.body(3)
    assert pro["attributes"] == {
        "product_options": {"name": "Soundwell Pro", "redirect_url": "http://a/billing/success"},
        "checkout_data": {"email": "ada@example.org", "custom": {"reference": "order-1"}},
    }
    assert pro["relationships"]["variant"] == {"data": {"type": "variants", "id": "11"}}
    assert pack["attributes"]["custom_price"] == 500
    assert pack["relationships"]["variant"] == {"data": {"type": "variants", "id": "99"}}


@pytest.mark.parametrize(
    ("more", "status", "is_cancelled", "ended"),
    [
        ({}, "active", False, False),
        ({"status": "past_due"}, "past_due", False, False),
        (
            {"status": "cancelled", "cancelled": True, "ends_at": "2026-03-31T10:00:00Z"},
            "active",
            True,
            False,
        ),
        ({"status": "expired", "cancelled": True, "ends_at": "2026-03-31T10:00:00Z"}, "ended", True, True),
    ],
)
async def test_a_subscription_is_told_as_it_is(
    shop: Shop, more: dict[str, Any], status: str, *, is_cancelled: bool, ended: bool
) -> None:
    shop.say({"id": "3", "attributes": {**SUBSCRIPTION, **more}})
    remote = await shop.payments.fetch_subscription("3")
    assert (remote.id, remote.customer_id, remote.price_id) == ("3", "77", "pro-month")
    assert (remote.status, remote.cancel_at_period_end) == (status, is_cancelled)
    end = dt.datetime(2026, 3, 31, 10, tzinfo=dt.UTC)
    assert remote.period_end_s == end.timestamp()
    assert remote.period_start_s == end.replace(month=2, day=28).timestamp()
    assert (remote.ended_at_s is not None) is ended


async def test_cancelling_and_changing_are_asked_for_as_described(shop: Shop) -> None:
    for _ in range(3):
        shop.say({"id": "3", "attributes": SUBSCRIPTION})
    await shop.payments.cancel_at_period_end("3", "k")
    await shop.payments.end_now("3", "k")
    await shop.payments.change_plan("3", Item("studio-year", "Studio", 1, "EUR", "year"), "k")
    assert [(asked.method, asked.url.path) for asked in shop.asked] == [
        ("DELETE", "/v1/subscriptions/3"),
        ("DELETE", "/v1/subscriptions/3"),
        ("PATCH", "/v1/subscriptions/3"),
    ]
    assert shop.body(2)["attributes"] == {"variant_id": 12, "cancelled": False}


async def test_an_invoice_and_an_order_are_told_as_they_are(shop: Shop) -> None:
    common = {"customer_id": 77, "total": 1190, "currency": "EUR", "created_at": "2026-03-01T10:00:00Z"}
    shop.say(
        {
            "id": "4",
            "attributes": {
                **common,
                "subscription_id": 3,
                "status": "paid",
                "updated_at": "2026-03-01T10:00:05Z",
                "urls": {"invoice_url": "https://shop.example/i/4"},
            },
        }
    )
    invoice = await shop.payments.fetch_invoice("4")
    assert (invoice.subscription_id, invoice.amount_minor, invoice.status) == ("3", 1190, "paid")
    assert invoice.url == "https://shop.example/i/4"
    order = {**common, "subtotal": 1000, "status": "partial_refund", "refunded_amount": 595}
    shop.say({"id": "9", "attributes": order})
    payment = await shop.payments.fetch_payment("9")
    assert (payment.amount_minor, payment.status, payment.refunded_minor) == (1000, "paid", 500)


async def test_the_portal_is_the_customers_own(shop: Shop) -> None:
    shop.say({"attributes": {"urls": {"customer_portal": "https://shop.example/billing"}}})
    assert await shop.payments.open_portal("77", "http://a") == "https://shop.example/billing"
    shop.say({"attributes": {"urls": {"customer_portal": None}}})
    with pytest.raises(ProviderError):
        await shop.payments.open_portal("77", "http://a")


async def test_what_it_refuses_or_we_do_not_sell_is_an_error_of_the_provider(shop: Shop) -> None:
    shop.say(None, 422)
    with pytest.raises(ProviderError):
        await shop.payments.fetch_subscription("3")
    wish = CheckoutWish("77", Item("gold", "Gold", 1, "EUR", "month"), "o", "http://a", "http://a")
    with pytest.raises(ProviderError, match="gold"):
        await shop.payments.create_checkout(wish, "k")
    bare = LemonSqueezyPayments("key", "5", SECRET, {})
    with pytest.raises(ProviderError, match="bought once"):
        await bare.create_checkout(CheckoutWish("77", PACK, "o", "http://a", "http://a"), "k")
    await bare.close()


@pytest.mark.req("S2-55")
def test_a_message_is_known_by_its_bytes_and_believed_if_the_store_signed_it(shop: Shop) -> None:
    event = {
        "meta": {"event_name": "subscription_created", "custom_data": {"reference": "order-1"}},
        "data": {"type": "subscriptions", "id": "3", "attributes": {"customer_id": 77}},
    }
    body = json.dumps(event).encode()
    header = {"x-signature": hmac.digest(SECRET.encode(), body, "sha256").hex()}
    inbound = shop.payments.verify_webhook(body, header, 0)
    assert inbound.id == hashlib.sha256(body).hexdigest()
    assert (inbound.kind, inbound.object_id, inbound.customer_id) == ("subscription", "3", "77")
    assert (inbound.type, inbound.reference) == ("subscription_created", "order-1")
    for wrong_body, wrong_header in ((body + b" ", header), (body, {}), (body, {"x-signature": "é"})):
        with pytest.raises(BadSignature):
            shop.payments.verify_webhook(wrong_body, wrong_header, 0)
