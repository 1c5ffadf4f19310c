from __future__ import annotations

import uuid
from typing import Any

import pytest

from server.kit.db import Database
from tests.api.site import PASSWORD, Site
from tests.server.tokens.desk import NOW, Desk

USE: dict[str, Any] = {"amount": 4, "feature": "voice", "reason": "a line"}

WRONG: tuple[tuple[dict[str, Any], str | None, str], ...] = (
    ({"amount": 0}, None, "amount"),
    ({"amount": 1.5}, None, "amount"),
    ({"amount": 10**9 + 1}, None, "amount"),
    ({"feature": "Voice"}, None, "feature"),
    ({"reason": "x" * 201}, None, "reason"),
    ({"key": ""}, None, "key"),
    ({}, "x" * 201, "Idempotency-Key"),
    ({"key": "a"}, "b", "key"),
    ({"user": "me"}, None, "user"),
)
"""Fields, the header, and what is named as wrong."""
CALLERS = (
    ("GET", "/api/tokens/balance", 403, 200),
    ("GET", "/api/tokens/transactions", 403, 200),
    ("GET", "/api/tokens/analytics", 403, 200),
    ("GET", "/api/tokens/packs", 200, 200),
    ("POST", "/api/tokens/use", 403, 400),
    ("POST", "/api/tokens/add", 403, 403),
)
"""What guests and users are answered."""


async def admin(site: Site) -> dict[str, str]:
    """The headers of an administrator."""
    await site.verified("admin@example.org")
    await site.ask("UPDATE users SET role = 'admin' WHERE email = 'admin@example.org'")
    who = {"email": "admin@example.org", "password": PASSWORD}
    answer = await site.http.post("/api/auth/login", json=who)
    return {"Authorization": f"Bearer {answer.json()['data']['access_token']}"}


async def id_of(site: Site, email: str = "jo@example.org") -> str:
    (row,) = await site.ask("SELECT id FROM users WHERE email = $1", email)
    return str(row["id"])


async def give(site: Site, amount: int, email: str = "jo@example.org") -> None:
    """By the hand of an administrator."""
    addition = {"user": await id_of(site, email), "amount": amount, "reason": "a test"}
    answer = await site.http.post("/api/tokens/add", headers=await admin(site), json=addition)
    assert answer.status_code == 201, answer.text


async def use(site: Site, headers: dict[str, str], **fields: Any) -> Any:
    return await site.http.post("/api/tokens/use", headers=headers, json={**USE, **fields})


@pytest.mark.req("S4-18", "S4-22", "S4-23")
async def test_what_is_added_can_be_used(site: Site) -> None:
    headers = await site.newcomer()
    empty = {"available": 0, "granted": 0, "earned": 0, "bought": 0, "held": 0, "debt": 0, "grants": []}
    before = await site.get("/api/tokens/balance", headers)
    assert before["earned"] == 0
    assert before.keys() == empty.keys()
    await give(site, 10)
    used = await use(site, headers)
    assert used.status_code == 200, used.text
    data = used.json()["data"]
    assert (data["type"], data["amount"], data["feature"], data["reason"]) == ("use", -4, "voice", "a line")
    assert (data["job"], data["hold"]) == (None, None)
    after = await site.get("/api/tokens/balance", headers)
    assert after["available"] == data["available"] == before["available"] + 6


async def test_the_balance_says_when_what_lapses(site: Site) -> None:
    headers = await site.newcomer()
    database = await Database.connect(site.settings.database_url)
    await Desk(database, uuid.UUID(await id_of(site))).give("granted", 7, ends=NOW)
    await database.close()
    balance = await site.get("/api/tokens/balance", headers)
    assert {"amount": 7, "ends_at": NOW.timestamp()} in balance["grants"]
    assert sum(grant["amount"] for grant in balance["grants"]) == balance["granted"]


@pytest.mark.req("S4-69")
async def test_a_shortage_says_what_is_missing(site: Site) -> None:
    headers = await site.newcomer()
    await give(site, 10)
    there = (await site.get("/api/tokens/balance", headers))["available"]
    refused = await use(site, headers, amount=there + 1)
    assert (refused.status_code, refused.json()["code"]) == (409, "insufficient_tokens")
    assert (refused.json()["needed"], refused.json()["available"]) == (there + 1, there)


@pytest.mark.req("S4-91")
async def test_a_key_in_header_or_body_is_used_once(site: Site) -> None:
    headers = await site.newcomer()
    await give(site, 100)
    first = await use(site, {**headers, "Idempotency-Key": "k-1"})
    again = await use(site, headers, key="k-1")
    both = await use(site, {**headers, "Idempotency-Key": "k-1"}, key="k-1")
    assert first.json()["data"] == again.json()["data"] == both.json()["data"]
    for fields in ({"amount": 5}, {"feature": "song"}, {"reason": ""}):
        other = await use(site, headers, key="k-1", **fields)
        assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    without = [await use(site, headers) for _ in range(2)]
    assert without[0].json()["data"]["id"] != without[1].json()["data"]["id"]


@pytest.mark.req("S0-48")
async def test_a_wrong_use_is_refused_by_name(site: Site) -> None:
    headers = await site.newcomer()
    for fields, header, field in WRONG:
        named = {} if header is None else {"Idempotency-Key": header}
        answer = await use(site, {**headers, **named}, **fields)
        assert (fields, answer.status_code, answer.json()["field"]) == (fields, 400, field)


@pytest.mark.req("S4-19")
async def test_the_statement_goes_on_where_the_last_page_ended(site: Site) -> None:
    headers = await site.newcomer()
    await give(site, 100)
    for amount in (1, 2, 3):
        await use(site, headers, amount=amount)
    first = await site.get("/api/tokens/transactions?limit=2", headers)
    assert [one["amount"] for one in first["transactions"]] == [-3, -2]
    rest = await site.get(f"/api/tokens/transactions?limit=100&cursor={first['next_cursor']}", headers)
    assert [one["amount"] for one in rest["transactions"]][:2] == [-1, 100]
    assert rest["transactions"][1]["type"] == "admin"
    assert rest["next_cursor"] is None
    other = await site.newcomer("other@example.org")
    stolen = await site.get(f"/api/tokens/transactions?cursor={first['next_cursor']}", other)
    assert stolen["transactions"] == []


@pytest.mark.req("S4-20", "S4-89")
async def test_anybody_may_look_at_the_packs(site: Site) -> None:
    packs = (await site.get("/api/tokens/packs", {}))["packs"]
    assert packs[0] == {
        "id": "pack-100",
        "title": "100 tokens",
        "tokens": 100,
        "price_minor": 500,
        "currency": "EUR",
    }
    assert [pack["tokens"] for pack in packs] == [100, 500, 2000]


@pytest.mark.req("S4-26", "S4-85")
async def test_analytics_tell_what_was_used_for_what(site: Site) -> None:
    headers = await site.newcomer()
    await give(site, 100)
    await use(site, headers, amount=4)
    await use(site, headers, amount=5, feature="song")
    data = await site.get("/api/tokens/analytics?days=7", headers)
    assert data["amount"] == 9
    assert data["features"] == [
        {"feature": "song", "amount": 5, "uses": 1},
        {"feature": "voice", "amount": 4, "uses": 1},
    ]
    assert len(data["days"]) == 7
    assert data["days"][-1]["by_feature"] == {"song": 5, "voice": 4}
    assert sum(day["amount"] for day in data["days"]) == 9


@pytest.mark.req("S4-23")
async def test_an_administrator_adds_once_for_a_key_and_it_is_written_down(site: Site) -> None:
    await site.newcomer()
    headers = await admin(site)
    addition = {"user": await id_of(site), "amount": 10, "reason": "an outage", "key": "k"}
    first, again = [await site.http.post("/api/tokens/add", headers=headers, json=addition) for _ in range(2)]
    assert first.json()["data"] == again.json()["data"]
    assert (first.json()["data"]["type"], first.json()["data"]["amount"]) == ("admin", 10)
    row, *_ = await site.ask("SELECT * FROM audit_logs WHERE action = 'tokens.added'")
    assert str(row["principal_id"]) == await id_of(site, "admin@example.org")
    assert (row["category"], row["severity"]) == ("tokens", "notice")
    assert row["metadata"]["reason"] == "an outage"
    nobody = {**addition, "user": str(uuid.uuid4()), "key": "l"}
    assert (await site.http.post("/api/tokens/add", headers=headers, json=nobody)).status_code == 404
    without_reason = {**addition, "reason": ""}
    refused = await site.http.post("/api/tokens/add", headers=headers, json=without_reason)
    assert (refused.status_code, refused.json()["field"]) == (400, "reason")


async def test_who_may_call(site: Site) -> None:
    guest, user = await site.guest(), await site.newcomer()
    for method, path, guests, users in CALLERS:
        for headers, status in ((guest, guests), (user, users)):
            answer = await site.http.request(method, path, headers=headers)
            assert (path, answer.status_code) == (path, status)


@pytest.mark.req("S3-240")
async def test_a_change_is_told_to_who_looks(site: Site) -> None:
    headers = await site.newcomer()
    page = await site.get("/api/events", headers)
    assert page["snapshot"]["tokens"]["earned"] == 0
    await give(site, 10)
    news = await site.get(f"/api/events?after={page['cursor']}", headers)
    told = [event["data"] for event in news["events"] if event["type"] == "tokens.changed"]
    assert [(one["type"], one["delta"], one["reason"]) for one in told] == [("admin", 10, "a test")]
