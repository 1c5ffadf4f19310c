from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import pytest
from pydantic import Field, ValidationError

from server.kit.api import WHOLE, Call, Model, Routes, build_app_routes
from server.kit.security import CSRF_COOKIE, CSRF_HEADER, GUEST_COOKIE, csrf_token
from tests.server.kit.conftest import SECRET, authenticate, floor

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from server.kit.settings import Settings

ID = "8a7c1a1e-3f5b-4d0c-9a52-6a1f0f8f3c11"
NOTE = {"title": "Rain", "stars": 3}


def bearer(kind: str = "user") -> dict[str, str]:
    return {"Authorization": f"Bearer {kind}:{uuid4()}"}


def as_page(client: TestClient) -> dict[str, str]:
    """Give the client a guest's cookies and return the header that its page would send."""
    guest = str(uuid4())
    token = csrf_token(SECRET.encode(), guest)
    client.cookies.set(GUEST_COOKIE, guest)
    client.cookies.set(CSRF_COOKIE, token)
    return {CSRF_HEADER: token}


@pytest.mark.req("S0-48")
def test_a_valid_body_reaches_the_handler_and_its_reply_comes_in_the_envelope(client: TestClient) -> None:
    answer = client.post("/api/notes", json=NOTE, headers=bearer())

    assert answer.status_code == 201
    assert answer.json() == {"ok": True, "data": {"told": "Rain 3 by user"}}
    assert answer.headers["set-cookie"] == "seen=1"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.req("S0-48")
@pytest.mark.parametrize("content_type", [None, "text/plain", "application/json; charset=utf-8", "garbage"])
def test_validation_does_not_depend_on_the_content_type(content_type: str | None, client: TestClient) -> None:
    headers = bearer() | ({"Content-Type": content_type} if content_type else {})

    assert client.post("/api/notes", content=json.dumps(NOTE), headers=headers).status_code == 201
    wrong = client.post("/api/notes", content='{"title": ""}', headers=headers)
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["field"]) == (400, "invalid_param", "title")


@pytest.mark.req("S0-48")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("", None),
        ("{", None),
        ("[]", None),
        ("null", None),
        ('{"stars": 1}', "title"),
        ('{"title": 5}', "title"),
        ('{"title": "x", "stars": "1"}', "stars"),
        ('{"title": "x", "stars": 1.5}', "stars"),
        ('{"title": "x", "stars": 6}', "stars"),
        ('{"title": "x", "stars": NaN}', "stars"),
        ('{"title": "x", "more": 1}', "more"),
        ('{"title": "a\\u0000b"}', None),
        ('{"title": "a\\\\\\u0000b"}', None),
        ('{"title": "\\ud800"}', None),
        (b'{"title": "\xff"}', None),
    ],
)
def test_a_wrong_body_is_told_with_its_field(
    body: str | bytes, field: str | None, client: TestClient
) -> None:
    answer = client.post("/api/notes", content=body, headers=bearer())

    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_param"
    assert answer.json().get("field") == field
    assert answer.json()["error"].endswith(".")


def test_an_escaped_backslash_before_u0000_is_a_text_like_any_other(client: TestClient) -> None:
    answer = client.post("/api/notes", content='{"title": "a\\\\u0000b"}', headers=bearer())

    assert answer.json()["data"]["told"].startswith(r"a\u0000b")


@pytest.mark.req("S0-48")
@pytest.mark.parametrize(
    ("query", "outcome"),
    [
        ("", "None False"),
        ("?stars=4&loud=true", "4 True"),
        ("?stars=9", "stars"),
        ("?stars=x", "stars"),
        ("?stars=1&stars=2", "stars"),
        ("?loud=perhaps", "loud"),
        ("?unknown=1", "unknown"),
        ("?stars=%00", "stars"),
    ],
)
def test_a_query_is_converted_and_checked(query: str, outcome: str, client: TestClient) -> None:
    answer = client.get(f"/api/notes{query}").json()

    assert outcome == (answer["data"]["told"] if answer["ok"] else answer["field"])


def test_a_zero_character_in_a_path_is_refused(client: TestClient) -> None:
    assert client.get("/api/named/rain").json()["data"] == {"told": "rain"}
    answer = client.get("/api/named/a%00b")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_param")


def test_every_method_can_be_declared(client: TestClient) -> None:
    assert client.put("/api/named/rain", json=NOTE).json()["data"] == {"told": "put rain"}
    assert client.patch("/api/named/rain", json=NOTE).json()["data"] == {"told": "patch rain"}


def test_path_parameters_are_converted_and_what_does_not_fit_is_not_there(client: TestClient) -> None:
    assert client.get(f"/api/notes/{uuid4()}").json()["data"] == {"told": "4"}
    assert client.get("/api/notes/seven").status_code == 404
    assert client.get("/api/not%00there").status_code == 404


def test_a_wrong_method_is_told_all_that_are_allowed(client: TestClient) -> None:
    answer = client.put("/api/notes", json=NOTE)

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
    head = client.head("/api/notes")
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    ("method", "path", "who", "status"),
    [
        ("GET", "/api/notes", None, 200),
        ("POST", "/api/notes", None, 401),
        ("POST", "/api/notes", "guest", 201),
        ("DELETE", f"/api/notes/{ID}", None, 401),
        ("DELETE", f"/api/notes/{ID}", "guest", 403),
        ("DELETE", f"/api/notes/{ID}", "user", 200),
        ("GET", "/api/audit", None, 401),
        ("GET", "/api/audit", "guest", 403),
        ("GET", "/api/audit", "user", 403),
        ("GET", "/api/audit", "admin", 200),
    ],
)
def test_each_route_admits_whom_it_declares(
    method: str, path: str, who: str | None, status: int, client: TestClient
) -> None:
    body = NOTE if method == "POST" else None
    answer = client.request(method, path, json=body, headers=bearer(who) if who else {})

    assert answer.status_code == status
    assert answer.json()["ok"] is (status < 400)
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_cookie_alone_does_not_authorise_an_unsafe_request(client: TestClient) -> None:
    header = as_page(client)

    assert client.post("/api/notes", json=NOTE, headers=header).status_code == 201
    for wrong in (
        {},
        {CSRF_HEADER: "guess"},
        header | {"Sec-Fetch-Site": "cross-site"},
        {CSRF_HEADER: csrf_token(SECRET.encode(), "somebody else")},
    ):
        answer = client.post("/api/notes", json=NOTE, headers=wrong)
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


def test_a_csrf_token_of_another_guest_does_not_fit_even_with_its_cookie(client: TestClient) -> None:
    as_page(client)
    foreign = csrf_token(SECRET.encode(), str(uuid4()))
    client.cookies.set(CSRF_COOKIE, foreign)

    assert client.post("/api/notes", json=NOTE, headers={CSRF_HEADER: foreign}).status_code == 403


def test_a_bearer_needs_no_csrf_token(client: TestClient) -> None:
    as_page(client)
    assert client.post("/api/notes", json=NOTE, headers=bearer()).status_code == 201


def test_requests_are_limited_per_address_and_tell_how_much_is_left(settings: Settings) -> None:
    with floor(settings, address="203.0.113.9", limit=2) as client:
        first, second, third = (client.get("/api/notes") for _ in range(3))

    assert [first.status_code, second.status_code, third.status_code] == [200, 200, 429]
    assert first.headers["ratelimit-limit"] == "2"
    assert [first.headers["ratelimit-remaining"], second.headers["ratelimit-remaining"]] == ["1", "0"]
    assert third.json()["code"] == "rate_limited"
    assert int(third.headers["retry-after"]) == third.json()["retry_after_s"] >= 1


def test_users_are_limited_each_for_themselves_and_guests_by_their_address(settings: Settings) -> None:
    with floor(settings, address="203.0.113.9", limit=1) as client:
        users = [client.get("/api/notes", headers=bearer()).status_code for _ in range(3)]
        guests = [client.get("/api/notes", headers=bearer("guest")).status_code for _ in range(3)]

    assert users == [200, 200, 200]
    assert guests == [200, 429, 429]


def test_this_machine_is_not_counted_outside_production(settings: Settings) -> None:
    with floor(settings, limit=1) as client:
        assert [client.get("/api/notes").status_code for _ in range(3)] == [200, 200, 200]


def test_the_same_operation_or_name_twice_is_refused() -> None:
    class Empty(Model):
        pass

    async def read_it(_: Call) -> Empty:
        return Empty()

    for second in ("/one", "/two"):
        routes = Routes("test")
        routes.get("/one", summary="It")(read_it)
        routes.get(second, summary="It again")(read_it)
        with pytest.raises(ValueError, match="declared twice"):
            build_app_routes([routes], authenticate=authenticate)


def test_models_refuse_what_json_has_no_word_for() -> None:
    class Level(Model):
        gain_db: float

    reply: dict[str, Any] = {"gain_db": float("nan")}
    with pytest.raises(ValueError, match="finite"):
        Level(**reply)


@pytest.mark.parametrize(
    ("value", "told"), [(2, 2), (2.0, 2), (2.5, None), ("2", None), (True, None), (6, None)]
)
def test_a_whole_number_may_be_written_with_a_point(value: object, told: int | None) -> None:
    class Rating(Model):
        stars: Annotated[int, Field(ge=1, le=5), WHOLE]

    text = json.dumps({"stars": value})
    if told is None:
        with pytest.raises(ValidationError):
            Rating.model_validate_json(text)
    else:
        assert Rating.model_validate_json(text).stars == told
    assert Rating.model_json_schema()["properties"]["stars"]["maximum"] == 5


@pytest.mark.req("S0-10")
def test_a_form_is_read_where_one_is_declared(client: TestClient) -> None:
    told = client.post("/api/letters", data={"title": "a", "grant": "b"}).json()
    assert told["data"] == {"told": "NoteForm a"}
    assert client.post("/api/letters", json={"title": "a"}).json()["data"] == {"told": "Note a"}
    twice = client.post(
        "/api/letters",
        content="title=a&title=b",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert (twice.status_code, twice.json()["field"]) == (400, "title")
    assert client.post("/api/named/x", data={"title": "a"}).status_code == 405
    assert client.post("/api/notes", data={"title": "a"}, headers=bearer()).status_code == 400


def test_an_alias_is_the_same_operation_with_the_keys_that_its_callers_know(client: TestClient) -> None:
    answers = {
        path: client.post(path, json={"title": "a"}).json()
        for path in ("/api/letters", "/letters", "/old/letters")
    }
    assert answers["/letters"] == {"ok": True, "data": {"told": "Note a"}}
    assert answers["/old/letters"] == answers["/api/letters"] == {**answers["/letters"], "told": "Note a"}


def test_a_key_calls_the_kinds_of_routes_that_it_is_for(client: TestClient) -> None:
    key = {**bearer("key"), "User-Agent": "a program", "X-Request-Id": "r1"}
    assert client.get("/api/keyed", headers=key).json()["data"] == {"told": "a program r1"}
    assert client.post("/api/notes", json={"title": "a"}, headers=key).status_code == 403
    assert client.get("/api/keyed", headers=bearer()).status_code == 200
