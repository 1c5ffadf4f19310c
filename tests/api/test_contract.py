"""Every operation of the document, called by everybody with whatever fits it and what does not."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import positive_data_acceptance

from server.app import DESCRIPTION, TITLE, VERSION, route_groups
from server.kit.openapi import openapi
from tests.api.site import PASSWORD
from tests.serving import Serving, query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", "60"))
"""Of each operation, by the four callers in turn."""
LEAST_EXAMPLES = EXAMPLES - 10

CALLERS = ("anonymous", "guest", "user", "admin")
ENDS_THE_LOGIN = {"POST /api/auth/logout", "DELETE /api/auth/sessions"}
"""Called by nobody whose token is still needed."""

JUDGED = {
    "GET /api/stats",
    "POST /api/presets",
    "POST /api/programs/check",
    "PUT /api/auth/profile",
    "PUT /api/auth/update-profile",
    "PUT /profile",
    "POST /api/auth/register",
    "POST /api/auth/signup",
    "POST /signup",
    "POST /api/auth/reset-password",
    "POST /api/auth/verify-email",
    "GET /api/auth/verify-email/{token}",
    "POST /api/auth/claim-admin",
    "POST /api/newsletter",
    *(f"POST {path}" for path in ("/api/webhooks/{provider}", "/api/billing/webhook", "/webhook")),
    *(f"POST {prefix}/orders/webhooks/payment" for prefix in ("/api", "/api/v1")),
    *(f"POST {prefix}/create-checkout-session" for prefix in ("", "/api", "/api/billing")),
    *(f"POST {prefix}/billing-portal" for prefix in ("", "/api")),
    *(f"POST /api/billing/{name}" for name in ("checkout", "cancel", "portal")),
    *(f"POST /api/billing/{name}" for name in ("cancel-subscription", "customer-portal")),
    *(f"POST /api/subscriptions/{name}" for name in ("checkout", "cancel", "portal")),
    "PUT /api/billing/subscription",
    "PUT /api/subscriptions/update",
    "POST /api/tokens/purchase",
}
"""What is right by the schema may be refused: only tables know the zones, only the engine knows programs,
only a list knows what everybody takes as a password, a link must be one that we sent,
only a provider knows what it signed, and who buys too often waits."""

schema = schemathesis.openapi.from_dict(
    openapi(route_groups(), title=TITLE, version=VERSION, description=DESCRIPTION)
)
noise = st.fixed_dictionaries(
    {"X-Request-Id": st.text("abcABC019-._ /", max_size=80), "User-Agent": st.sampled_from(["", "x", "é"])}
).map(lambda headers: {name: value.encode().strip() for name, value in headers.items()})
"""Headers that change nothing: an operation without parameters has no other examples."""


@pytest.fixture(scope="module")
def served(folder_for_services: Path) -> Iterator[Serving]:
    with Serving(folder_for_services / "contract") as serving:
        yield serving


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    """One connection for all of them."""
    with requests.Session() as session:
        yield session


@pytest.fixture(scope="module")
def callers(served: Serving, session: requests.Session) -> dict[str, dict[str, str]]:
    """The headers that each kind of caller sends."""

    def token(path: str, key: str, body: dict[str, str] | None = None) -> dict[str, str]:
        answer = session.post(f"{served.address}{path}", json=body, timeout=30)
        return {"Authorization": f"Bearer {answer.json()['data'][key]}"}

    jo, ann = ({"email": f"{name}@example.org", "password": PASSWORD} for name in ("jo", "ann"))
    user = token("/api/auth/register", "access_token", jo)
    token("/api/auth/register", "access_token", ann)
    url = served.member("server", "web").environ()["DATABASE_URL"]
    asyncio.run(query(url, "UPDATE users SET role = 'admin' WHERE email = 'ann@example.org'"))
    return {
        "anonymous": {},
        "guest": token("/api/auth/guest", "token"),
        "user": user,
        "admin": token("/api/auth/login", "access_token", ann),
    }


@pytest.fixture(scope="module")
def tally() -> Iterator[Counter[str]]:
    """Examples of each operation; too few are a failure."""
    counts: Counter[str] = Counter()
    yield counts
    assert all(count >= LEAST_EXAMPLES for count in counts.values()), counts


@pytest.mark.req("S0-48", "S0-49")
@schema.given(noise=noise, caller=st.sampled_from(CALLERS))
@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_answers_as_the_document_says(
    case: schemathesis.Case[Any],
    noise: dict[str, str],
    caller: str,
    served: Serving,
    session: requests.Session,
    callers: dict[str, dict[str, str]],
    tally: Counter[str],
) -> None:
    tally[case.operation.label] += 1
    if case.operation.label in ENDS_THE_LOGIN:
        caller = "anonymous"
    session.cookies.clear()
    excluded = [positive_data_acceptance] if case.operation.label in JUDGED else []
    case.call_and_validate(
        base_url=served.address,
        session=session,
        headers={**noise, **callers[caller]},
        excluded_checks=excluded,  # type: ignore[arg-type]  # their checks are of another type than they ask for
    )
