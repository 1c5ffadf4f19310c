from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from server.billing.routes import CHECKOUT_LIMIT, LIMITS
from server.billing.webhooks import Inbox
from server.kit.bus import Bus
from server.kit.clock import Clock
from server.kit.db import Database
from server.providers.checkout.cards import GOOD
from server.providers.checkout.setup import open_local
from tests.api.site import PATIENCE_S, running_site

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.site import Site

CHECKOUT = "/api/billing/checkout"
ALIASES = (
    "/api/billing/create-checkout-session",
    "/api/create-checkout-session",
    "/create-checkout-session",
    "/api/subscriptions/checkout",
)


async def post(site: Site, path: str, headers: dict[str, str], **body: Any) -> Any:
    return await site.http.post(path, headers=headers, json=body)


async def pay(site: Site, url: str, number: str = GOOD) -> Any:
    """Press the button on the hosted page."""
    return await site.http.post("/" + url.split("/", 3)[3], data={"number": number, "action": "pay"})


async def applied(site: Site, count: int) -> None:
    """Wait until so many messages of the company are here, and do what the worker would."""
    async with asyncio.timeout(PATIENCE_S):
        while len(rows := await site.ask("SELECT id FROM payment_events ORDER BY id")) < count:  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.01)
    database, clock = await Database.connect(site.settings.database_url), Clock()
    bus = await Bus.connect(site.settings.redis_url)
    inbox = Inbox(database, bus, clock, open_local(site.settings, database, clock))
    for row in rows:
        await inbox.apply(row["id"])
    await bus.close()
    await database.close()


async def subscribed(site: Site, headers: dict[str, str], plan: str = "pro") -> None:
    await pay(site, (await post(site, CHECKOUT, headers, plan_id=plan)).json()["data"]["url"])
    await applied(site, 2)


@pytest.mark.req("S0-45", "S1-14", "S4-12", "S4-17", "S4-83")
async def test_from_trial_to_pro_by_the_hosted_page_and_a_signed_message(site: Site) -> None:
    headers = await site.verified()
    assert (await site.get("/api/billing/subscription", headers))["plan"] == "trial"
    answer = await post(site, CHECKOUT, headers, plan_id="pro", every="year")
    paid = await pay(site, answer.json()["data"]["url"])
    assert "/billing/success?order=" in paid.headers["location"]
    assert (await site.get("/api/billing/subscription", headers))["plan"] == "trial"
    await applied(site, 2)
    now = await site.get("/api/billing/subscription?all=1", headers)
    assert (now["plan"], now["status"], now["cancel_at_period_end"]) == ("pro", "active", False)
    assert [row["plan"] for row in now["history"]] == ["pro", "trial"]
    assert (await site.get("/api/subscriptions/history", headers))["subscriptions"] == now["history"]
    (invoice,) = (await site.get("/api/billing/invoices", headers))["invoices"]
    assert (invoice["amount_minor"], invoice["currency"], invoice["status"]) == (9000, "EUR", "paid")


@pytest.mark.req("S1-35", "S1-36", "S1-37", "S1-38", "S1-39", "S1-40", "S3-184")
async def test_a_checkout_is_refused_in_the_order_of_the_design(site: Site) -> None:
    async def refusal(headers: dict[str, str], plan: str = "pro") -> tuple[int, str]:
        answer = await post(site, CHECKOUT, headers, plan_id=plan)
        return answer.status_code, answer.json().get("code", "")

    assert await refusal({}, "gold") == (401, "unauthenticated")
    assert await refusal({"Authorization": "Bearer x"}, "gold") == (401, "unauthenticated")
    assert await refusal(await site.guest()) == (403, "forbidden")
    newcomer = await site.newcomer("new@example.org")
    assert await refusal(newcomer, "gold") == (400, "unknown_plan")
    assert await refusal(newcomer) == (403, "email_not_verified")
    headers = await site.verified()
    await subscribed(site, headers)
    assert await refusal(headers) == (409, "already_subscribed")
    gone = await site.verified("gone@example.org")
    unlucky = await site.verified("unlucky@example.org")
    await post(site, CHECKOUT, unlucky)
    await site.ask("UPDATE payment_customers SET customer_id = customer_id || 'x'")
    assert await refusal(unlucky) == (502, "provider_error")
    (limit,) = [limit for limit in LIMITS if limit.name == CHECKOUT_LIMIT]
    for _ in range(limit.capacity):
        await refusal(newcomer)
    assert await refusal(newcomer, "gold") == (400, "unknown_plan")
    assert await refusal(newcomer) == (429, "rate_limited")
    await site.ask(
        """WITH gone AS (SELECT id FROM users WHERE email = 'gone@example.org'),
                a AS (DELETE FROM profiles WHERE user_id IN (SELECT id FROM gone)),
                b AS (DELETE FROM credentials WHERE user_id IN (SELECT id FROM gone))
           DELETE FROM users WHERE id IN (SELECT id FROM gone)"""
    )
    assert await refusal(gone) == (404, "not_found")


@pytest.mark.parametrize("path", ALIASES)
@pytest.mark.req("S0-41", "S1-15", "S3-176", "S4-13")
async def test_each_older_address_answers_with_both_shapes(site: Site, path: str) -> None:
    headers = await site.verified()
    me = (await site.get("/api/auth/me", headers))["user_id"]
    body = (await post(site, path, headers, userId=me, priceId="pro-month")).json()
    assert body["ok"] is True
    assert body["url"] == body["data"]["url"]
    assert (await post(site, path, headers)).json()["ok"] is True
    stranger = await post(site, path, headers, userId="00000000-0000-4000-8000-000000000000")
    assert stranger.status_code == 403


@pytest.mark.req("S4-91")
async def test_a_request_that_comes_again_with_its_key_is_one_order(site: Site) -> None:
    headers = {**await site.verified(), "Idempotency-Key": "again"}
    one, two = [(await post(site, CHECKOUT, headers, plan_id="pro")).json() for _ in range(2)]
    assert one == two
    other = await post(site, CHECKOUT, headers, plan_id="studio")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert len(await site.ask("SELECT FROM orders")) == 1


@pytest.mark.req("S4-11", "S4-89")
async def test_everybody_may_see_what_there_is_to_have(site: Site) -> None:
    answer = (await site.http.get("/api/subscriptions/plans")).json()
    assert answer["plans"] == answer["data"]["plans"]
    assert [plan["name"] for plan in answer["plans"]] == ["free", "pro", "studio"]
    assert answer["plans"][0]["prices"] == []


@pytest.mark.req("S1-69", "S1-110", "S4-16")
async def test_change_cancel_and_portal(site: Site) -> None:
    headers = await site.verified()
    for method, path, body in (
        ("PUT", "/api/billing/subscription", {"plan_id": "studio"}),
        ("POST", "/api/billing/cancel", {"reason": "x"}),
    ):
        refused = await site.http.request(method, path, headers=headers, json=body)
        assert (refused.status_code, refused.json()["code"]) == (404, "no_subscription")
    refused = await post(site, "/api/billing/portal", headers)
    assert (refused.status_code, refused.json()["code"]) == (400, "no_customer")
    await subscribed(site, headers)
    changed = await site.http.put("/api/subscriptions/update", headers=headers, json={"plan_id": "studio"})
    assert changed.json()["data"]["plan"] == "studio"
    cancelled = (await post(site, "/api/billing/cancel-subscription", headers, reason="too loud")).json()[
        "data"
    ]
    assert (cancelled["plan"], cancelled["cancel_at_period_end"]) == ("studio", True)
    assert cancelled["reason"] == "too loud"
    assert cancelled["access_until"] == changed.json()["data"]["period_end"]
    for path in ("/api/billing/customer-portal", "/billing-portal", "/api/subscriptions/portal"):
        url = (await post(site, path, headers)).json()["url"]
        assert "Soundwell Studio" in (await site.http.get("/" + url.split("/", 3)[3])).text


@pytest.mark.req("S4-21", "S4-70")
async def test_tokens_come_when_they_are_paid_for(site: Site) -> None:
    headers = await site.verified()
    missing = await post(site, "/api/tokens/purchase", headers, pack_id="gold")
    assert missing.status_code == 404
    url = (await post(site, "/api/tokens/purchase", headers, pack_id="pack-100")).json()["url"]
    await pay(site, url)
    await applied(site, 1)
    assert (await site.get("/api/tokens/balance", headers))["bought"] == 100


async def test_nothing_is_sold_where_payments_are_off(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with running_site(database_url, redis_url, tmp_path, payments="off") as site:
        headers = await site.verified()
        refused = await post(site, CHECKOUT, headers, plan_id="pro")
        assert (refused.status_code, refused.json()["code"]) == (503, "provider_missing")
        for path in ("/api/webhooks/local", "/api/webhooks/stripe", "/webhook"):
            assert (await site.http.post(path, content=b"{}")).status_code == 404
        assert (await site.http.get("/pay/cs_any")).status_code == 404
        assert (await site.http.get("/pay/portal/ps_any")).status_code == 404
