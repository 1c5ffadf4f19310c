"""Every operation of the document, called by everybody with whatever fits it and what does not."""

from __future__ import annotations

import asyncio
import os
import re
import uuid
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
ENDS_THE_LOGIN = {"logout", "revoke_other_sessions", "register"}
"""Called by nobody whose token is still needed."""

JUDGED = {
    "read_listening_stats",
    "create_preset",
    "check_program",
    "register",
    "update_profile",
    "reset_password",
    "verify_email",
    "follow_verify_link",
    "claim_admin",
    "ask_for_newsletter",
    "create_checkout",
    "change_subscription",
    "open_portal",
    "cancel_subscription",
    "purchase_tokens",
    "receive_webhook",
    "receive_old_webhook",
    "claim_social_task",
}
"""What is right by the schema may be refused: only tables know zones, plans and proofs, only the engine knows
programs, only a list knows what everybody takes as a password, and links must be ones that somebody sent."""
_KIND = re.compile(r":\w+}")


def labels(names: set[str]) -> set[str]:
    """Method and path of these operations and of their older addresses."""
    return {
        f"{operation.method} {_KIND.sub('}', operation.path)}"
        for group in route_groups()
        for operation in group.operations
        if operation.name in names
    }


JUDGED_LABELS = labels(JUDGED)
ENDING_LABELS = labels(ENDS_THE_LOGIN)
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

    # the server's folder outlives it where the same process comes back to this module
    run = uuid.uuid4().hex
    jo, ann = ({"email": f"{name}-{run}@example.org", "password": PASSWORD} for name in ("jo", "ann"))
    user = token("/api/auth/register", "access_token", jo)
    token("/api/auth/register", "access_token", ann)
    url = served.member("server", "web").environ()["DATABASE_URL"]
    asyncio.run(query(url, f"UPDATE users SET role = 'admin' WHERE email = '{ann['email']}'"))
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
    if case.operation.label in ENDING_LABELS:
        caller = "anonymous"
    session.cookies.clear()
    excluded = [positive_data_acceptance] if case.operation.label in JUDGED_LABELS else []
    case.call_and_validate(
        base_url=served.address,
        session=session,
        headers={**noise, **callers[caller]},
        excluded_checks=excluded,  # type: ignore[arg-type]  # their checks are of another type than they ask for
    )
