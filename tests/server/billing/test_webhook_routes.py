from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from server.kit.security import sign_message
from server.kit.settings import folder_secret
from server.providers.checkout.setup import SIGNING_FILE
from tests.api.site import running_site
from tests.server.billing.test_routes import applied, pay, post, subscribed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.site import Site

OLD = ("/webhook", "/api/billing/webhook", "/api/orders/webhooks/payment", "/api/v1/orders/webhooks/payment")
DAY_S = 86_400


async def admin(site: Site) -> dict[str, str]:
    """Somebody whom the operator trusts."""
    await site.newcomer("root@example.org")
    await site.ask("UPDATE users SET role = 'admin' WHERE email = 'root@example.org'")
    answer = await post(
        site, "/api/auth/login", {}, email="root@example.org", password="a lamp beside the harbour"
    )
    return {"Authorization": f"Bearer {answer.json()['data']['access_token']}"}


def message(number: int = 1, customer: str = "cus_nobody") -> bytes:
    about = {"id": "sub_1", "customer": customer, "reference": ""}
    return json.dumps(
        {"id": f"evt_{number}", "type": "customer.subscription.updated", "data": {"object": about}}
    ).encode()


async def send(site: Site, path: str, body: bytes, *, late_s: int = 0) -> Any:
    (now,) = await site.ask("SELECT extract(epoch FROM now())::bigint AS s")
    secret = folder_secret(site.settings.data_dir, SIGNING_FILE)
    header = sign_message(body, secret, now["s"] - late_s)
    return await site.http.post(path, content=body, headers={"Local-Signature": header})


@pytest.mark.req("S0-42", "S1-20", "S1-44", "S2-20", "S3-179", "S4-27")
async def test_every_address_takes_a_message_once(site: Site) -> None:
    for number, path in enumerate(("/api/webhooks/local", *OLD)):
        for is_duplicate in (False, True):
            answer = await send(site, path, message(number))
            assert answer.status_code == 200
            assert answer.json()["data"] == {"received": True, "duplicate": is_duplicate}
            assert answer.json().get("received", True) is True
    assert len(await site.ask("SELECT FROM payment_events")) == 5


@pytest.mark.req("S1-41", "S3-185")
async def test_what_nobody_signed_or_somebody_kept_is_refused(site: Site) -> None:
    for answer in (
        await site.http.post("/api/webhooks/local", content=message()),
        await send(site, "/api/webhooks/local", message(), late_s=301),
        await site.http.post("/webhook", content=b"\xff\x00", headers={"Local-Signature": "t=1,v1=1"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_signature")
    assert await site.ask("SELECT FROM payment_events") == []
    lines = await site.ask("SELECT FROM audit_logs WHERE action = 'security.webhook_refused'")
    assert len(lines) == 3


async def test_another_provider_has_no_address_here(site: Site) -> None:
    for provider in ("stripe", "lemonsqueezy", "nobody"):
        assert (await send(site, f"/api/webhooks/{provider}", message())).status_code == 404


@pytest.mark.req("S4-28", "S4-29", "S4-78", "S4-92")
async def test_an_admin_sees_what_is_undone_and_begins_again(site: Site) -> None:
    await send(site, "/api/webhooks/local", message())
    await site.ask("UPDATE payment_events SET status = 'dead', attempts = 8, last_error = 'away'")
    anybody = await site.verified()
    for refused in (
        await site.http.get("/api/webhooks/status", headers=anybody),
        await post(site, "/api/webhooks/retry", anybody),
        await post(site, "/api/billing/local/clock", anybody, advance_s=1),
    ):
        assert refused.status_code == 403
    headers = await admin(site)
    status = await site.get("/api/webhooks/status", headers)
    assert (status["dead"], status["received"]) == (1, 0)
    assert status["undone"][0]["last_error"] == "away"
    retried = (await post(site, "/api/webhooks/retry", headers)).json()["data"]["ids"]
    assert retried == [status["undone"][0]["id"]]
    assert (await site.get("/api/webhooks/status", headers))["received"] == 1


async def test_the_clock_of_the_company_is_moved_and_periods_end(site: Site) -> None:
    headers, root = await site.verified(), await admin(site)
    await subscribed(site, headers)
    await post(site, "/api/billing/cancel", headers)
    moved = await post(site, "/api/billing/local/clock", root, advance_s=32 * DAY_S)
    assert moved.status_code == 200
    await applied(site, 4)
    now = await site.get("/api/billing/subscription", headers)
    assert (now["plan"], now["status"]) == ("trial", "trialing")
    lines = await site.ask("SELECT FROM audit_logs WHERE action = 'admin.local_clock_moved'")
    assert len(lines) == 1


async def test_a_pack_is_given_back_at_the_company(site: Site) -> None:
    headers, root = await site.verified(), await admin(site)
    url = (await post(site, "/api/tokens/purchase", headers, pack_id="pack-100")).json()["url"]
    await pay(site, url)
    (order,) = await site.ask("SELECT id FROM orders")
    early = await post(site, "/api/billing/local/refund", root, order=str(order["id"]))
    assert early.status_code == 404
    await applied(site, 1)
    done = await post(site, "/api/billing/local/refund", root, order=str(order["id"]), amount_minor=250)
    assert done.status_code == 200
    await applied(site, 2)
    assert (await site.get("/api/tokens/balance", headers))["bought"] == 50


async def test_in_production_nobody_moves_the_company(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with running_site(database_url, redis_url, tmp_path) as site:
        root = await admin(site)
        site.settings.__dict__["environment"] = "production"  # the rest of production needs TLS in front
        for path, body in (("clock", {"advance_s": 1}), ("refund", {"order": "0" * 32})):
            refused = await site.http.post(f"/api/billing/local/{path}", headers=root, json=body)
            assert refused.status_code == 403
        assert [row["ahead_s"] for row in await site.ask("SELECT ahead_s FROM local_clock")] == [0]


async def test_where_payments_are_off_there_is_no_company_to_move(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with running_site(database_url, redis_url, tmp_path, payments="off") as site:
        refused = await post(site, "/api/billing/local/clock", await admin(site), advance_s=1)
        assert refused.status_code == 404
