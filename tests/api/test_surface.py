"""The surface that the requirements name, as far as it is built: the document holds it and nothing else."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.api.site import Site

BUILT = {
    "ACC": {("post", "/api/auth/guest"), ("post", "/api/auth/ws-ticket")},
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

GUESTS_ONLY = {("post", "/api/auth/ws-ticket"), ("get", "/api/events")} | BUILT["LIS"] - {
    ("get", "/api/presets"),
    ("post", "/api/programs/check"),
}
"""What needs to know who is asking."""


@pytest.mark.req("S0-49", "S3-233")
async def test_the_document_holds_what_is_built_and_nothing_else(site: Site) -> None:
    document = (await site.http.get("/api/openapi.json")).json()
    operations = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert operations == set().union(*BUILT.values())


async def test_the_document_says_who_may_call(site: Site) -> None:
    document = (await site.http.get("/api/openapi.json")).json()
    secured = {
        (method, path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if operation["security"]
    }
    assert secured == GUESTS_ONLY


async def test_who_is_nobody_is_refused_where_the_document_says_so(site: Site) -> None:
    for method, path in sorted(GUESTS_ONLY):
        answer = await site.http.request(method, path.format(session=uuid.uuid4(), preset=uuid.uuid4()))
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
