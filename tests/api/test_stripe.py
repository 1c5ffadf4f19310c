"""The whole application with Stripe behind it: localstripe, in a process of its own, signs and sends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from server.billing.webhooks import Inbox
from server.kit.bus import Bus
from server.kit.clock import Clock
from server.kit.db import Database
from server.providers.vendor.stripe import StripePayments
from tests.api.site import PATIENCE_S, running_site
from tests.peers.localstripe import localstripe

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.site import Site

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<:DeprecationWarning")
"""Of httpx, about how the SDK calls it."""

SECRET = "whsec_test"


async def applied(site: Site, wanted: set[str]) -> None:
    """Do what the worker would, until messages of all these types have come and had their effect."""
    database = await Database.connect(site.settings.database_url)
    bus = await Bus.connect(site.settings.redis_url)
    inbox = Inbox(database, bus, Clock(), StripePayments.of(site.settings))
    async with asyncio.timeout(PATIENCE_S):
        while True:
            rows = await site.ask("SELECT id, type FROM payment_events")
            for row in rows:
                await inbox.apply(row["id"])
            if wanted <= {row["type"] for row in rows}:
                break
            await asyncio.sleep(0.05)
    await inbox.payments.close()
    await bus.close()
    await database.close()


async def state(site: Site, headers: dict[str, str]) -> Any:
    return await site.get("/api/billing/subscription", headers)


@pytest.mark.req("S0-40", "S0-42", "S0-45", "S4-13")
async def test_a_subscription_begins_is_cancelled_and_ends_by_stripes_own_messages(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    with localstripe() as peer:
        peer.sell("price_pro", 900)
        settings: dict[str, Any] = {
            "payments": "stripe",
            "stripe_secret": SecretStr("sk_test_ours"),
            "stripe_webhook_secret": SecretStr(SECRET),
            "stripe_url": peer.url,
            "price_pro_monthly": "price_pro",
        }
        async with running_site(database_url, redis_url, tmp_path, **settings) as site:
            peer.send_messages_to(f"{site.origin}/api/webhooks/stripe", SECRET)
            headers = await site.verified()
            # the peer has no checkout page: what we ask of it fails, and the customer is there
            refused = await site.http.post("/api/billing/checkout", headers=headers, json={"plan_id": "pro"})
            assert (refused.status_code, refused.json()["code"]) == (502, "provider_error")
            (row,) = await site.ask("SELECT customer_id FROM payment_customers")
            peer.put_card(row["customer_id"])
            peer.subscribe(row["customer_id"], "price_pro")
            await applied(site, {"customer.subscription.created", "invoice.payment_succeeded"})
            assert (await state(site, headers))["plan"] == "pro"
            (invoice,) = (await site.get("/api/billing/invoices", headers))["invoices"]
            assert (invoice["amount_minor"], invoice["currency"], invoice["status"]) == (900, "EUR", "paid")
            cancelled = await site.http.post("/api/billing/cancel", headers=headers, json={})
            assert cancelled.json()["data"]["cancel_at_period_end"] is True
            (kept,) = await site.ask("SELECT remote_id FROM subscriptions WHERE provider = 'stripe'")
            peer.ask("DELETE", f"/v1/subscriptions/{kept['remote_id']}")
            await applied(site, {"customer.subscription.deleted"})
            assert (await state(site, headers))["plan"] == "trial"
