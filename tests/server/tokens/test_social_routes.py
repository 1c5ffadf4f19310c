from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.tokens.test_routes import admin, id_of

if TYPE_CHECKING:
    from tests.api.site import Site

PAGE = "https://example.com/post"


async def claim(site: Site, headers: dict[str, str], task: str, proof: str) -> Any:
    return await site.http.post("/api/tokens/social", headers=headers, json={"task": task, "proof": proof})


async def review(site: Site, headers: dict[str, str], one: str, **verdict: Any) -> Any:
    return await site.http.post(f"/api/tokens/social/{one}/review", headers=headers, json=verdict)


@pytest.mark.req("S4-24", "S4-25", "S4-71")
async def test_a_task_goes_from_the_claim_to_the_reward(site: Site) -> None:
    headers, reviewer = await site.verified(), await admin(site)
    before = (await site.get("/api/tokens/balance", headers))["earned"]
    tasks = (await site.get("/api/tokens/social", headers))["tasks"]
    assert [(one["id"], one["tokens"], one["claim"]) for one in tasks] == [
        ("share-preset", 20, None),
        ("write-review", 50, None),
        ("follow", 5, None),
    ]
    made = await claim(site, headers, "share-preset", PAGE)
    assert made.status_code == 201, made.text
    own = made.json()["data"]
    assert (own["task"], own["proof"], own["state"], own["note"]) == ("share-preset", PAGE, "pending", "")
    assert (await site.get("/api/tokens/social", headers))["tasks"][0]["claim"] == own
    waiting = (await site.get("/api/tokens/social/claims", reviewer))["claims"]
    assert waiting == [{**own, "user": await id_of(site)}]
    approved = await review(site, reviewer, own["id"], approve=True, note="Thank you.")
    assert (approved.status_code, approved.json()["data"]["state"]) == (200, "approved")
    assert (await site.get("/api/tokens/social", headers))["tasks"][0]["claim"]["note"] == "Thank you."
    assert (await site.get("/api/tokens/balance", headers))["earned"] == before + 20
    assert (await site.get("/api/tokens/social/claims", reviewer))["claims"] == []
    trail = await site.ask("SELECT action FROM audit_logs WHERE category = 'tokens' ORDER BY id")
    assert [row["action"] for row in trail] == ["tokens.claimed", "tokens.claim_reviewed"]


async def test_a_task_is_done_once(site: Site) -> None:
    headers = await site.verified()
    assert (await claim(site, headers, "follow", "@jo")).json()["data"]["state"] == "approved"
    again = await claim(site, headers, "follow", "@jo")
    assert (again.status_code, again.json()["code"]) == (409, "already_claimed")


async def test_who_did_not_confirm_their_address_earns_nothing(site: Site) -> None:
    refused = await claim(site, await site.newcomer(), "follow", "@jo")
    assert (refused.status_code, refused.json()["code"]) == (403, "email_not_verified")


@pytest.mark.req("S0-48")
async def test_a_claim_that_makes_no_sense_is_refused(site: Site) -> None:
    headers = await site.verified()
    for task, proof, status in (
        ("share-preset", "javascript:alert(1)", 400),
        ("share-preset", "x" * 501, 400),
        ("follow", "", 400),
        ("Jump", "@jo", 400),
        ("jump", "@jo", 404),
    ):
        answer = await claim(site, headers, task, proof)
        assert (task, proof, answer.status_code) == (task, proof, status)


async def test_only_administrators_review(site: Site) -> None:
    headers, reviewer = await site.verified(), await admin(site)
    one = (await claim(site, headers, "share-preset", PAGE)).json()["data"]["id"]
    for stranger in (headers, await site.guest()):
        assert (await review(site, stranger, one, approve=True)).status_code == 403
        answer = await site.http.get("/api/tokens/social/claims", headers=stranger)
        assert answer.status_code == 403
    assert (await review(site, reviewer, str(uuid.uuid4()), approve=True)).status_code == 404
    assert (await review(site, reviewer, one, approve=False)).status_code == 200
    other = await review(site, reviewer, one, approve=True)
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
