"""Every operation of the document, called with whatever fits it and what does not, as a guest."""

from __future__ import annotations

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
from tests.serving import Serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXAMPLES = 60
LEAST_EXAMPLES = 50

JUDGED = {"GET /api/stats", "POST /api/presets", "POST /api/programs/check", "POST /api/tokens/social"}
"""What is right by the schema may be refused: tables know the zones and tasks, the engine knows programs."""

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
def guest(served: Serving, session: requests.Session) -> dict[str, str]:
    answer = session.post(f"{served.address}/api/auth/guest", timeout=30)
    return {"Authorization": f"Bearer {answer.json()['data']['token']}"}


@pytest.fixture(scope="module")
def tally() -> Iterator[Counter[str]]:
    """Examples of each operation; too few are a failure."""
    counts: Counter[str] = Counter()
    yield counts
    assert all(count >= LEAST_EXAMPLES for count in counts.values()), counts


@pytest.mark.req("S0-48", "S0-49")
@schema.given(noise=noise)
@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_answers_as_the_document_says(
    case: schemathesis.Case[Any],
    noise: dict[str, str],
    served: Serving,
    session: requests.Session,
    guest: dict[str, str],
    tally: Counter[str],
) -> None:
    tally[case.operation.label] += 1
    excluded = [positive_data_acceptance] if case.operation.label in JUDGED else []
    case.call_and_validate(
        base_url=served.address,
        session=session,
        headers={**noise, **guest},
        excluded_checks=excluded,  # type: ignore[arg-type]  # their checks are of another type than they ask for
    )
