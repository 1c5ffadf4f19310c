"""Every declared route, visited by everybody: nobody gets further than the declaration says."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Final

import pytest

from server.app import route_groups
from server.kit.api import ADMIN, ANYONE, PRINCIPAL, USER
from tests.api.site import running_site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from server.kit.api import Auth, Operation
    from tests.api.site import Site

OPERATIONS: Final = [operation for group in route_groups() for operation in group.operations]
ADMITTED: Final[dict[Auth, set[str]]] = {
    ANYONE: {"anonymous", "guest", "user", "admin"},
    PRINCIPAL: {"guest", "user", "admin"},
    USER: {"user", "admin"},
    ADMIN: {"admin"},
}
REFUSAL: Final = {"anonymous": 401, "guest": 403, "user": 403, "admin": 403}
ENDS_THE_LOGIN: Final = {"logout", "revoke_other_sessions", "delete_account"}
"""They are visited by nobody who is still needed; tests of their own show who may call them."""


@pytest.fixture
async def site(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    async with running_site(database_url, redis_url, tmp_path) as site:
        yield site


async def visitors(site: Site) -> dict[str, dict[str, str]]:
    """The headers that each of them sends."""
    await site.newcomer("admin@example.org")
    await site.ask("UPDATE users SET role = 'admin'")
    login = {"email": "admin@example.org", "password": "a lamp beside the harbour"}
    body = (await site.http.post("/api/auth/login", json=login)).json()
    return {
        "anonymous": {},
        "guest": await site.guest(),
        "user": await site.newcomer("jo@example.org"),
        "admin": {"Authorization": f"Bearer {body['data']['access_token']}"},
    }


def address_of(operation: Operation) -> str:
    """With something that nobody has in place of each parameter."""
    filled = re.sub(r"{\w+:uuid}", str(uuid.UUID(int=7)), operation.path)
    return re.sub(r"{\w+(:\w+)?}", "nothing", filled)


@pytest.mark.req("S1-34", "S1-28", "S0-11", "S4-53")
async def test_every_route_admits_whom_it_declares_and_nobody_else(site: Site) -> None:
    """A refusal of authority is told apart from any other by its code; bodies are empty on purpose."""
    wrong: list[str] = []
    who = await visitors(site)
    site.http.cookies.clear()
    for operation in OPERATIONS:
        if operation.name in ENDS_THE_LOGIN:
            continue
        for name, headers in who.items():
            answer = await site.http.request(operation.method, address_of(operation), headers=headers)
            is_refused = answer.status_code == REFUSAL[name] and answer.json()["code"] in {
                "unauthenticated",
                "forbidden",
            }
            is_admitted = name in ADMITTED[operation.auth]
            if (is_admitted and answer.status_code >= 500) or is_admitted == is_refused:
                wrong.append(
                    f"{operation.method} {operation.path} by {name}: {answer.status_code} {answer.text}"
                )
            site.http.cookies.clear()
    assert wrong == []
    assert len(OPERATIONS) > 40


async def test_a_key_opens_the_kinds_of_routes_that_it_names(site: Site) -> None:
    headers = await site.verified()
    for scope in ("listen", "account", "tokens", "billing"):
        wish = {"name": scope, "scopes": [scope]}
        made = (await site.http.post("/api/auth/api-keys", json=wish, headers=headers)).json()["data"]
        key = {"Authorization": f"Bearer {made['key']}"}
        for operation in OPERATIONS:
            if operation.auth in {ANYONE, ADMIN}:
                continue
            answer = await site.http.request(operation.method, address_of(operation), headers=key)
            is_refused = answer.status_code == 403 and "key" in answer.json()["error"]
            assert is_refused == (operation.scope != scope), f"{scope}: {operation.path} {answer.text}"


async def test_nobody_reaches_what_is_somebody_elses(site: Site) -> None:
    """Rows of one person, asked for by another: as if there were none."""
    owner, other = await site.verified(), await site.newcomer("ann@example.org")
    noise = {"kind": "noise", "color": "pink", "level": 50}
    preset = {
        "title": "Mine",
        "minutes": 25,
        "program": {"v": 1, "title": "x", "mode": "focus", "layers": {"n": noise}},
    }
    made = (await site.http.post("/api/presets", json=preset, headers=owner)).json()["data"]
    wish = {"name": "mine", "scopes": ["listen"]}
    key = (await site.http.post("/api/auth/api-keys", json=wish, headers=owner)).json()["data"]
    (login, *_) = (await site.get("/api/auth/sessions", owner))["sessions"]
    for path in (
        f"/api/presets/{made['id']}",
        f"/api/auth/api-keys/{key['id']}",
        f"/api/auth/sessions/{login['id']}",
    ):
        refused = await site.http.delete(path, headers=other)
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found"), path
        assert (await site.http.delete(path, headers=owner)).status_code in {200, 204}, path
