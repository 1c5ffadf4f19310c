from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from server.kit.middleware import BodyLimit, Proxies, RequestContext, UnexpectedErrors
from server.kit.settings import Settings
from tests.server.kit.conftest import floor

if TYPE_CHECKING:
    from starlette.testclient import TestClient
    from starlette.types import Message, Receive, Scope, Send

ADMIN = {"Authorization": f"Bearer admin:{uuid4()}"}


@pytest.mark.req("S3-231")
def test_each_answer_carries_a_request_id_which_an_error_repeats(client: TestClient) -> None:
    fine, missing = client.get("/api/notes"), client.get("/api/nothing")

    assert re.fullmatch(r"[0-9a-f]{32}", fine.headers["x-request-id"])
    assert missing.headers["x-request-id"] == missing.json()["request_id"] != fine.headers["x-request-id"]


@pytest.mark.parametrize(
    ("given", "is_kept"), [("abc-123.X_", True), ("a" * 65, False), ("two words", False)]
)
def test_a_callers_own_request_id_is_kept_if_it_is_plain(
    given: str,
    is_kept: bool,  # noqa: FBT001 - a column of the table
    client: TestClient,
) -> None:
    answer = client.get("/api/nothing", headers={"X-Request-Id": given})

    assert (answer.headers["x-request-id"] == given) is is_kept
    assert (answer.json()["request_id"] == given) is is_kept


@pytest.mark.parametrize("path", ["/api/notes", "/api/nothing", "/api/broken", "/docs", "/metrics"])
def test_every_answer_tells_the_browser_what_not_to_do(path: str, client: TestClient) -> None:
    headers = client.get(path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert "script-src 'self';" in headers["content-security-policy"]
    assert "ws://localhost:8000" in headers["content-security-policy"]
    assert "cross-origin-opener-policy" not in headers


@pytest.mark.req("S3-230")
def test_a_fault_is_told_without_its_reason(client: TestClient) -> None:
    answer = client.get("/api/broken")

    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert "secret reason" not in answer.text


async def test_a_fault_after_the_answer_has_begun_ends_the_connection() -> None:
    sent: list[Message] = []

    async def half(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError

    async def keep(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "path": "/", "headers": []}
    with pytest.raises(ZeroDivisionError):
        await UnexpectedErrors(half)(scope, _nothing, keep)
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8000", 200),
        ("LOCALHOST:8000", 200),
        ("127.0.0.1:9999", 200),
        ("[::1]", 200),
        ("evil.example", 400),
        ("evil.example:8000", 400),
        ("localhost.evil.example", 400),
        ("", 400),
    ],
)
def test_only_our_own_names_are_answered(host: str, status: int, client: TestClient) -> None:
    answer = client.get("/api/notes", headers={"Host": host})

    assert answer.status_code == status
    if status == 400:
        assert (answer.json()["ok"], answer.json()["code"]) == (False, "invalid_request")
        assert host not in answer.headers["content-security-policy"] or not host
        assert client.get("/healthz", headers={"Host": host}).status_code == 200


def test_a_stranger_is_not_answered_by_a_local_name_of_production(settings: Settings) -> None:
    production = settings.model_copy(update={"environment": "production", "public_hosts": ("sound.example",)})
    with floor(production, address="203.0.113.9") as client:
        assert client.get("/api/notes", headers={"Host": "localhost"}).status_code == 400
        answer = client.get("/api/notes", headers={"Host": "sound.example"})
    assert answer.status_code == 200
    assert "strict-transport-security" in answer.headers
    assert "connect-src 'self' wss://sound.example;" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("203.0.113.9", "1.2.3.4", "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        ("10.0.0.1", "10.0.0.3", "10.0.0.3"),
        ("10.0.0.1", "1.2.3.4, unknown", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4:5678", "1.2.3.4"),
        ("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("::1", "1.2.3.4", "1.2.3.4"),
        ("socket", "1.2.3.4", "socket"),
    ],
)
def test_only_trusted_proxies_say_who_called(
    peer: str, forwarded: str, caller: str, settings: Settings
) -> None:
    trusting = settings.model_copy(update={"trusted_proxies": ("10.0.0.0/8", "::1/128")})
    with floor(trusting, address=peer) as client:
        answer = client.get("/api/audit", headers=ADMIN | {"X-Forwarded-For": forwarded})

    assert answer.json()["data"]["told"] == caller


@pytest.mark.parametrize(
    ("peer", "kind", "scheme"),
    [("10.0.0.1", "http", "https"), ("10.0.0.1", "websocket", "wss"), ("203.0.113.9", "http", "http")],
)
async def test_only_trusted_proxies_say_that_the_caller_used_tls(peer: str, kind: str, scheme: str) -> None:
    seen: list[Scope] = []

    async def look(scope: Scope, _: Receive, __: Send) -> None:
        seen.append(scope)

    headers = [(b"x-forwarded-for", b"1.2.3.4"), (b"x-forwarded-proto", b"https")]
    scope = {"type": kind, "scheme": "http", "client": (peer, 1), "headers": headers}
    await Proxies(look, Settings(trusted_proxies=("10.0.0.0/8",)))(scope, _nothing, _ignore)

    assert seen[0]["scheme"] == scheme


def test_a_body_beyond_the_limit_is_refused(client: TestClient) -> None:
    headers = {"Authorization": f"Bearer user:{uuid4()}"}
    declared = client.post("/api/notes", content=b" " * 65_537, headers=headers)
    streamed = client.post("/api/notes", content=iter([b" " * 40_000] * 3), headers=headers)

    for answer in (declared, streamed):
        assert (answer.status_code, answer.json()["code"]) == (413, "too_big")
    assert client.post("/api/notes", content=b" " * 65_536, headers=headers).status_code == 400


async def test_a_body_of_a_size_it_does_not_declare_is_counted() -> None:
    read = []

    async def reader(_: Scope, receive: Receive, __: Send) -> None:
        while (message := await receive())["more_body"]:
            read.append(message)

    async def endless() -> Message:
        await asyncio.sleep(0)
        return {"type": "http.request", "body": b"x" * 1000, "more_body": True}

    scope = {"type": "http", "headers": [(b"content-length", b"-1")]}
    with pytest.raises(Exception, match="65536 bytes at most"):
        await BodyLimit(reader, Settings())(scope, endless, _ignore)
    assert len(read) == 65


@pytest.mark.req("S0-03")
def test_other_origins_may_call_only_if_they_are_allowed(settings: Settings) -> None:
    allowing = settings.model_copy(update={"allowed_origins": ("https://friend.example",)})
    with floor(allowing) as client:
        friend = client.get("/api/notes", headers={"Origin": "https://friend.example"})
        foe = client.get("/api/notes", headers={"Origin": "https://foe.example"})
        asked = client.options(
            "/api/notes",
            headers={
                "Origin": "https://friend.example",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "X-CSRF-Token, Content-Type",
            },
        )

    assert friend.headers["access-control-allow-origin"] == "https://friend.example"
    assert friend.headers["access-control-allow-credentials"] == "true"
    assert "access-control-allow-origin" not in foe.headers
    assert asked.status_code == 200
    assert "POST" in asked.headers["access-control-allow-methods"]


@pytest.mark.req("S0-03")
def test_without_allowed_origins_no_other_origin_may_call(client: TestClient) -> None:
    answer = client.get("/api/notes", headers={"Origin": "https://friend.example"})
    assert "access-control-allow-origin" not in answer.headers


async def test_the_lifespan_passes_untouched() -> None:
    seen: list[Any] = []

    async def look(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append((scope, receive, send))

    scope = {"type": "lifespan"}
    stack = Proxies(RequestContext(BodyLimit(UnexpectedErrors(look), Settings())), Settings())
    await stack(scope, _nothing, _ignore)

    assert seen == [({"type": "lifespan"}, _nothing, _ignore)]


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _ignore(_: Message) -> None:
    return None


@pytest.mark.req("S2-15", "S2-16")
def test_a_version_in_the_path_makes_no_difference(client: TestClient) -> None:
    assert client.get("/api/v1/notes?stars=3").json() == client.get("/api/notes?stars=3").json()
    assert client.get("/api/v1").status_code == 404
