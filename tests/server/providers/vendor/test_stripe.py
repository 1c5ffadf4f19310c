"""Stripe's adapter, against localstripe where that has the objects, else against what Stripe documents.

localstripe knows customers, subscriptions, invoices, payments, refunds and signed messages. It has no
checkout sessions, no portal and no prices: those requests are recorded and compared with the reference.
"""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from server.kit.errors import ProviderError
from server.kit.security import sign_message
from server.providers.payments import BadSignature, CheckoutWish, Item
from server.providers.vendor.stripe import StripePayments
from tests.peers.localstripe import localstripe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.peers.localstripe import LocalStripe

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<:DeprecationWarning")
"""Of httpx, about how the SDK calls it."""

SECRET = "whsec_test"
PRICES = {"pro-month": "price_pro", "studio-month": "price_studio"}
PRO = Item("pro-month", "Soundwell Pro", 900, "EUR", "month")
STUDIO = Item("studio-month", "Soundwell Studio", 2400, "EUR", "month")
PACK = Item("pack-100", "100 tokens", 500, "EUR", "")


@pytest.fixture(scope="module")
def peer() -> Iterator[LocalStripe]:
    with localstripe() as peer:
        peer.sell("price_pro", 900)
        peer.sell("price_studio", 2400)
        yield peer


@pytest.fixture
async def stripe(peer: LocalStripe) -> AsyncIterator[StripePayments]:
    payments = StripePayments("sk_test_ours", SECRET, PRICES, peer.url)
    yield payments
    await payments.close()


class Recorder(ThreadingHTTPServer):
    """Answers with a given object and keeps what was asked."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str, dict[str, str], str]] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Recorder

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        key = self.headers.get("Idempotency-Key", "")
        self.server.asked.append((self.command, self.path, dict(parse_qsl(body)), key))
        answer = json.dumps(self.server.answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = _answer  # noqa: N815 - the base class's names

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder({}) as recorder:
        thread = Thread(target=recorder.serve_forever)
        thread.start()
        yield recorder
        recorder.shutdown()
        thread.join()


@pytest.fixture
async def recorded(recorder: Recorder) -> AsyncIterator[StripePayments]:
    payments = StripePayments("sk_test", SECRET, PRICES, f"http://127.0.0.1:{recorder.server_port}")
    yield payments
    await payments.close()


async def test_a_customer_is_made_and_subscribed_and_told_as_it_is(
    stripe: StripePayments, peer: LocalStripe
) -> None:
    customer = await stripe.create_customer("ada@example.org", "Ada", "key")
    peer.put_card(customer)
    remote = await stripe.fetch_subscription(peer.subscribe(customer, "price_pro"))
    assert (remote.customer_id, remote.price_id, remote.status) == (customer, "pro-month", "active")
    assert remote.period_end_s - remote.period_start_s > 27 * 86_400
    cancelled = await stripe.cancel_at_period_end(remote.id, "k1")
    assert (cancelled.status, cancelled.cancel_at_period_end) == ("active", True)
    ended = await stripe.end_now(remote.id, "k2")
    assert ended.status == "ended"
    assert ended.ended_at_s is not None


async def test_an_invoice_is_told_as_it_is(stripe: StripePayments, peer: LocalStripe) -> None:
    customer = await stripe.create_customer("ada@example.org", "Ada", "key")
    peer.put_card(customer)
    subscription = peer.subscribe(customer, "price_pro")
    (given,) = peer.ask("GET", f"/v1/invoices?customer={customer}")["data"]
    invoice = await stripe.fetch_invoice(given["id"])
    assert (invoice.customer_id, invoice.subscription_id) == (customer, subscription)
    assert (invoice.amount_minor, invoice.currency, invoice.status) == (900, "EUR", "paid")
    assert abs(invoice.issued_at_s - time.time()) < 600


@pytest.mark.req("S1-86")
async def test_a_payment_and_what_was_given_back_of_it(stripe: StripePayments, peer: LocalStripe) -> None:
    customer = await stripe.create_customer("ada@example.org", "Ada", "key")
    peer.put_card(customer)
    payment = peer.pay(customer, 500, "our order")
    paid = await stripe.fetch_payment(payment)
    assert (paid.customer_id, paid.reference, paid.amount_minor) == (customer, "our order", 500)
    assert (paid.currency, paid.status, paid.refunded_minor) == ("EUR", "paid", 0)
    peer.refund(payment, 200)
    assert (await stripe.fetch_payment(payment)).refunded_minor == 200


async def test_what_stripe_refuses_is_an_error_of_the_provider(stripe: StripePayments) -> None:
    for method in (stripe.fetch_subscription, stripe.fetch_invoice, stripe.fetch_payment):
        with pytest.raises(ProviderError):
            await method("nothing")
    with pytest.raises(ProviderError):
        await stripe.open_portal("cus_nobody", "http://localhost/dashboard")


async def test_nobody_at_the_address_is_an_error_of_the_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    payments = StripePayments("sk_test", SECRET, PRICES, "http://127.0.0.1:1")
    monkeypatch.setattr(payments._client._requestor._client, "_sleep_time_seconds", lambda *_, **__: 0.0)
    with pytest.raises(ProviderError):
        await payments.fetch_payment("pi_1")
    await payments.close()


@pytest.mark.req("S0-40", "S3-177", "S3-178")
async def test_a_checkout_is_asked_for_as_stripe_describes_it(
    recorded: StripePayments, recorder: Recorder
) -> None:
    recorder.answer = {"id": "cs_1", "object": "checkout.session", "url": "https://pay.example/cs_1"}
    sub, once = (
        CheckoutWish("cus_1", item, "order-1", "http://a/billing/success", "http://a/billing/cancel")
        for item in (PRO, PACK)
    )
    assert await recorded.create_checkout(sub, "order:1") == "https://pay.example/cs_1"
    await recorded.create_checkout(once, "order:2")
    (method, path, fields, key), (_, _, fields_once, _) = recorder.asked
    assert (method, path, key) == ("POST", "/v1/checkout/sessions", "order:1")
    common = {
        "customer": "cus_1",
        "client_reference_id": "order-1",
        "metadata[reference]": "order-1",
        "success_url": "http://a/billing/success",
        "cancel_url": "http://a/billing/cancel",
        "line_items[0][quantity]": "1",
    }
    assert fields == common | {
        "mode": "subscription",
        "line_items[0][price]": "price_pro",
        "subscription_data[metadata][reference]": "order-1",
    }
    assert fields_once == common | {
        "mode": "payment",
        "line_items[0][price_data][currency]": "eur",
        "line_items[0][price_data][unit_amount]": "500",
        "line_items[0][price_data][product_data][name]": "100 tokens",
        "payment_intent_data[metadata][reference]": "order-1",
    }


async def test_a_price_that_is_not_set_is_not_sold(recorded: StripePayments) -> None:
    wish = CheckoutWish("cus_1", Item("pro-year", "x", 1, "EUR", "year"), "o", "http://a", "http://a")
    with pytest.raises(ProviderError, match="pro-year"):
        await recorded.create_checkout(wish, "k")


async def test_a_checkout_without_an_address_is_none(recorded: StripePayments, recorder: Recorder) -> None:
    recorder.answer = {"id": "cs_1", "object": "checkout.session", "url": None}
    with pytest.raises(ProviderError):
        await recorded.create_checkout(CheckoutWish("cus_1", PACK, "o", "http://a", "http://a"), "k")


async def test_the_portal_is_asked_for_as_stripe_describes_it(
    recorded: StripePayments, recorder: Recorder
) -> None:
    recorder.answer = {"id": "bps_1", "object": "billing_portal.session", "url": "https://p.example/1"}
    assert await recorded.open_portal("cus_1", "http://a/dashboard") == "https://p.example/1"
    assert recorder.asked[0][1:3] == (
        "/v1/billing_portal/sessions",
        {"customer": "cus_1", "return_url": "http://a/dashboard"},
    )


async def test_a_plan_is_changed_as_stripe_describes_it(recorded: StripePayments, recorder: Recorder) -> None:
    line = {
        "id": "si_1",
        "price": {"id": "price_studio"},
        "current_period_start": 1,
        "current_period_end": 2,
    }
    recorder.answer = {
        "id": "sub_1",
        "object": "subscription",
        "customer": "cus_1",
        "status": "active",
        "cancel_at_period_end": False,
        "items": {"object": "list", "data": [line]},
    }
    changed = await recorded.change_plan("sub_1", STUDIO, "change:1")
    assert (changed.price_id, changed.period_start_s, changed.period_end_s) == ("studio-month", 1.0, 2.0)
    assert recorder.asked[1] == (
        "POST",
        "/v1/subscriptions/sub_1",
        {
            "items[0][id]": "si_1",
            "items[0][price]": "price_studio",
            "cancel_at_period_end": "false",
            "proration_behavior": "create_prorations",
        },
        "change:1",
    )


@pytest.mark.parametrize(
    ("event_type", "about", "kind", "object_id"),
    [
        ("customer.subscription.deleted", {"id": "sub_1"}, "subscription", "sub_1"),
        ("invoice.payment_failed", {"id": "in_1"}, "invoice", "in_1"),
        ("payment_intent.succeeded", {"id": "pi_1"}, "payment", "pi_1"),
        ("charge.refunded", {"id": "ch_1", "payment_intent": "pi_1"}, "payment", "pi_1"),
        ("charge.dispute.created", {"id": "dp_1", "payment_intent": "pi_1"}, "payment", "pi_1"),
        ("charge.updated", {"id": "ch_1", "payment_intent": None}, "other", "ch_1"),
        ("checkout.session.completed", {"id": "cs", "subscription": "sub_1"}, "subscription", "sub_1"),
        ("checkout.session.completed", {"id": "cs", "payment_intent": {"id": "pi_1"}}, "payment", "pi_1"),
        ("customer.created", {"id": "cus_1"}, "other", "cus_1"),
    ],
)
@pytest.mark.req("S4-48", "S4-49", "S4-50", "S4-51")
def test_a_signed_message_says_what_to_look_at(
    event_type: str, about: dict[str, Any], kind: str, object_id: str
) -> None:
    payments = StripePayments("sk_test", SECRET, PRICES)
    full = {**about, "customer": "cus_1", "metadata": {"reference": "order-1"}}
    body = json.dumps({"id": "evt_1", "type": event_type, "data": {"object": full}}).encode()
    now = int(time.time())
    event = payments.verify_webhook(body, {"stripe-signature": sign_message(body, SECRET.encode(), now)}, now)
    assert (event.kind, event.object_id, event.customer_id) == (kind, object_id, "cus_1")
    assert (event.id, event.reference) == ("evt_1", "order-1")


@pytest.mark.req("S1-41", "S4-59")
def test_a_message_that_stripe_did_not_sign_now_is_refused() -> None:
    payments = StripePayments("sk_test", SECRET, PRICES)
    now = int(time.time())
    for body, header in (
        (b"{}", ""),
        (b"{}", sign_message(b"{}", b"another", now)),
        (b"{}", sign_message(b"{}", SECRET.encode(), now - 301)),
        (b"\xff", sign_message(b"\xff", SECRET.encode(), now)),
        (b"no json", sign_message(b"no json", SECRET.encode(), now)),
    ):
        with pytest.raises(BadSignature):
            payments.verify_webhook(body, {"stripe-signature": header}, now)
