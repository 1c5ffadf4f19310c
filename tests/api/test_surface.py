"""The surface that the requirements name, as far as it is built: the document holds it and nothing else."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.api.site import Site

BUILT = {
    "ACC": {
        ("post", "/api/auth/register"),
        ("post", "/api/auth/login"),
        ("post", "/api/auth/refresh"),
        ("post", "/api/auth/logout"),
        ("get", "/api/auth/me"),
        ("put", "/api/auth/profile"),
        ("post", "/api/auth/change-password"),
        ("post", "/api/auth/request-password-reset"),
        ("post", "/api/auth/reset-password"),
        ("post", "/api/auth/verify-email"),
        ("get", "/api/auth/verify-email/{token}"),
        ("post", "/api/auth/resend-verification"),
        ("get", "/api/auth/sessions"),
        ("delete", "/api/auth/sessions"),
        ("delete", "/api/auth/sessions/{id}"),
        ("post", "/api/auth/guest"),
        ("post", "/api/auth/ws-ticket"),
        ("post", "/api/auth/totp"),
        ("post", "/api/auth/totp/confirm"),
        ("post", "/api/auth/totp/remove"),
        ("post", "/api/auth/api-keys"),
        ("get", "/api/auth/api-keys"),
        ("delete", "/api/auth/api-keys/{id}"),
        ("post", "/api/auth/claim-admin"),
        ("get", "/api/account/export"),
        ("delete", "/api/account"),
    },
    "LIS": {
        ("get", "/api/presets"),
        ("post", "/api/presets"),
        ("put", "/api/presets"),
        ("put", "/api/presets/{preset}"),
        ("delete", "/api/presets/{preset}"),
        ("post", "/api/programs/check"),
        ("get", "/api/library"),
        ("put", "/api/favourites/{preset}"),
        ("delete", "/api/favourites/{preset}"),
        ("get", "/api/listening/sessions"),
        ("get", "/api/listening/sessions/{session}"),
        ("patch", "/api/listening/sessions/{session}"),
        ("get", "/api/stats"),
    },
    "TOK": {
        ("get", "/api/tokens/balance"),
        ("get", "/api/tokens/transactions"),
        ("get", "/api/tokens/packs"),
        ("post", "/api/tokens/use"),
        ("post", "/api/tokens/add"),
        ("get", "/api/tokens/social"),
        ("post", "/api/tokens/social"),
        ("get", "/api/tokens/social/claims"),
        ("post", "/api/tokens/social/{claim}/review"),
        ("get", "/api/tokens/analytics"),
    },
    "BIL": {
        ("get", "/api/billing/plans"),
        ("get", "/api/billing/subscription"),
        ("put", "/api/billing/subscription"),
        ("get", "/api/subscriptions/history"),
        ("post", "/api/billing/checkout"),
        ("post", "/api/billing/cancel"),
        ("post", "/api/billing/portal"),
        ("get", "/api/billing/invoices"),
        ("post", "/api/tokens/purchase"),
        ("post", "/api/billing/webhook"),
        ("post", "/api/webhooks/{provider}"),
        ("post", "/api/webhooks/retry"),
        ("get", "/api/webhooks/status"),
        ("post", "/api/billing/local/clock"),
        ("post", "/api/billing/local/refund"),
    },
    "EVT": {("get", "/api/events")},
    "MAIL": {("post", "/api/newsletter"), ("get", "/api/dev/outbox")},
    "OPS": {
        ("get", "/healthz"),
        ("get", "/health"),
        ("get", "/readyz"),
        ("get", "/api/health"),
        ("get", "/api/openapi.json"),
        ("get", "/api/asyncapi.json"),
        ("get", "/metrics"),
    },
}
"""By domain; `/docs`, the page and `/ws` are no operations of the document."""

ALIASES = {
    ("post", "/api/auth/signup"),
    ("post", "/signup"),
    ("post", "/login"),
    ("post", "/refresh-token"),
    ("get", "/api/auth/profile"),
    ("get", "/profile"),
    ("put", "/api/auth/update-profile"),
    ("put", "/profile"),
    ("get", "/api/subscriptions/plans"),
    ("get", "/api/subscriptions/current"),
    ("post", "/api/billing/create-checkout-session"),
    ("post", "/api/create-checkout-session"),
    ("post", "/create-checkout-session"),
    ("post", "/api/subscriptions/checkout"),
    ("put", "/api/subscriptions/update"),
    ("post", "/api/billing/cancel-subscription"),
    ("post", "/api/subscriptions/cancel"),
    ("post", "/api/billing/customer-portal"),
    ("post", "/api/billing-portal"),
    ("post", "/billing-portal"),
    ("post", "/api/subscriptions/portal"),
    ("post", "/webhook"),
    ("post", "/api/orders/webhooks/payment"),
}
"""Older addresses; the document says so."""

FOR_ANYBODY = {
    *BUILT["OPS"],
    *BUILT["MAIL"],
    ("get", "/api/presets"),
    ("post", "/api/programs/check"),
    ("get", "/api/tokens/packs"),
    ("get", "/api/billing/plans"),
    ("post", "/api/billing/webhook"),
    ("post", "/api/webhooks/{provider}"),
    *(("post", f"/api/auth/{name}") for name in ("guest", "register", "login", "refresh", "logout")),
    *(("post", f"/api/auth/{name}") for name in ("request-password-reset", "reset-password", "verify-email")),
    ("get", "/api/auth/verify-email/{token}"),
    ("get", "/api/billing/plans"),
    ("post", "/api/billing/webhook"),
    ("post", "/api/webhooks/{provider}"),
}
"""What need not know who is asking."""


async def operations(site: Site) -> dict[tuple[str, str], dict[str, Any]]:
    """By method and path."""
    document = (await site.http.get("/api/openapi.json")).json()
    return {
        (method, path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


@pytest.mark.req("S0-49", "S3-233")
async def test_the_document_holds_what_is_built_and_nothing_else(site: Site) -> None:
    found = await operations(site)
    former = {key for key, operation in found.items() if operation.get("deprecated")}
    assert former == ALIASES
    assert set(found) - former == set().union(*BUILT.values())


async def test_the_document_says_who_may_call(site: Site) -> None:
    found = await operations(site)
    open_to_all = {key for key, operation in found.items() if not operation["security"]}
    assert open_to_all - ALIASES == FOR_ANYBODY


async def test_who_is_nobody_is_refused_where_the_document_says_so(site: Site) -> None:
    for (method, path), operation in sorted((await operations(site)).items(), key=lambda item: item[0]):
        if operation["security"]:
            answer = await site.http.request(method, re.sub(r"{\w+}", str(uuid.uuid4()), path))
            assert (path, answer.status_code, answer.json()["code"]) == (path, 401, "unauthenticated")


@pytest.mark.req("S0-50")
async def test_what_has_no_envelope_is_there_too(site: Site) -> None:
    kinds = {"/docs": "text/html", "/": "text/html", "/metrics": "text/plain"}
    for path, kind in kinds.items():
        answer = await site.http.get(path)
        assert (path, answer.status_code) == (path, 200)
        assert answer.headers["content-type"].startswith(kind)


async def test_the_sockets_document_is_that_of_this_version(site: Site) -> None:
    document = (await site.http.get("/api/asyncapi.json")).json()
    openapi = (await site.http.get("/api/openapi.json")).json()
    assert document["asyncapi"] == "3.0.0"
    assert document["info"]["version"] == openapi["info"]["version"]


async def test_every_json_answer_has_the_one_shape(site: Site) -> None:
    for path in ("/healthz", "/readyz", "/api/health", "/api/presets"):
        body = (await site.http.get(path)).json()
        assert set(body) == {"ok", "data"}
        assert body["ok"] is True
    refused = (await site.http.get("/api/nothing")).json()
    assert {"ok", "error", "code", "request_id"} <= set(refused)
    assert refused["ok"] is False
