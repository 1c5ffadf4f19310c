from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import schemathesis
from schemathesis.core.result import Ok

from server.kit import errors
from server.kit.api import Call, Model, Routes
from server.kit.openapi import openapi
from tests.server.kit.conftest import NOTES

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    Json = dict[str, Any]

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def document(client: TestClient) -> Json:
    read: Json = client.get("/api/openapi.json").json()
    return read


def statuses(document: Json, method: str, path: str) -> set[str]:
    return set(document["paths"][path][method]["responses"])


@pytest.mark.req("S0-49", "S3-233")
def test_the_document_is_openapi_3_1(document: Json) -> None:
    """Each schema in it is valid JSON Schema 2020-12, each reference leads somewhere."""
    assert document["openapi"] == "3.1.0"
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})
    for reference in _references(document):
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
    names = [
        operation["operationId"]
        for path in document["paths"].values()
        for method, operation in path.items()
        if method in METHODS
    ]
    assert len(names) == len(set(names)) > 10


@pytest.mark.req("S0-49", "S3-233")
def test_a_peer_reads_the_document_and_finds_every_operation(document: Json) -> None:
    schema = schemathesis.openapi.from_dict(document)
    operations = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]

    assert {(operation.method.lower(), operation.path) for operation in operations} == {
        (method, path) for path, methods in document["paths"].items() for method in methods
    }
    schema.validate()


@pytest.mark.req("S0-49")
def test_an_operation_lists_what_may_come_back(document: Json) -> None:
    always = {"400", "401", "429", "500", "503"}

    assert statuses(document, "get", "/healthz") == always | {"200"}
    assert statuses(document, "post", "/api/notes") == always | {"201", "403", "413"}
    assert statuses(document, "delete", "/api/notes/{id}") == always | {"200", "403", "404"}
    assert statuses(document, "get", "/api/upgrade") == always | {"200", "403"}
    refused = document["paths"]["/api/upgrade"]["get"]["responses"]["403"]["content"]["application/json"]
    assert list(refused["examples"]) == ["upgrade_required"]


def test_parameters_and_bodies_are_described(document: Json) -> None:
    query = {one["name"]: one for one in document["paths"]["/api/notes"]["get"]["parameters"]}
    path = document["paths"]["/api/notes/{id}"]["get"]["parameters"]
    body = document["paths"]["/api/notes"]["post"]["requestBody"]
    note = document["components"]["schemas"]["Note"]

    assert query["stars"]["schema"] == {"type": "integer", "minimum": 0, "maximum": 5}
    assert not query["stars"]["required"]
    assert path == [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    ]
    assert body["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Note"}
    assert note["required"] == ["title"]
    assert note["additionalProperties"] is False


def test_success_is_described_in_its_envelope_with_its_headers(document: Json) -> None:
    success = document["paths"]["/api/notes"]["post"]["responses"]["201"]
    schema = success["content"]["application/json"]["schema"]

    assert schema["properties"]["ok"] == {"const": True}
    assert schema["properties"]["data"] == {"$ref": "#/components/schemas/Told"}
    assert {"X-Request-Id", "RateLimit-Limit"} <= set(success["headers"])
    metrics = document["paths"]["/metrics"]["get"]["responses"]["200"]["content"]
    assert metrics == {"text/plain": {"schema": {"type": "string"}}}


def test_who_may_call_is_described(document: Json) -> None:
    notes = document["paths"]["/api/notes"]

    assert notes["get"]["security"] == []
    assert notes["post"]["security"] == [{"bearer": []}, {"cookie": [], "csrf": []}]
    assert document["paths"]["/api/audit"]["get"]["security"] == [{"bearer": []}, {"cookie": []}]


def test_every_code_stands_in_the_error_schema(document: Json) -> None:
    codes = document["components"]["schemas"]["Error"]["properties"]["code"]["enum"]
    assert {row.code for row in errors.error_table()} >= set(codes) >= {"internal", "csrf_failed"}


def test_the_documents_examples_are_answers_of_that_shape(document: Json) -> None:
    validator = jsonschema_rs.validator_for(document["components"]["schemas"]["Error"])
    for methods in document["paths"].values():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                for example in response["content"].get("application/json", {}).get("examples", {}).values():
                    validator.validate(example["value"])
                    assert int(status) >= 400


def test_a_choice_of_types_in_a_query_stays_a_choice() -> None:
    class Where(Model):
        at: int | str | None = None
        until: int | None = 5

    async def read_where(_: Call) -> None:
        return None

    routes = Routes("test")
    routes.get("/where", summary="Where", query=Where)(read_where)
    parameters = openapi([routes, NOTES], title="t", version="1", description="")["paths"]["/where"]["get"]

    assert [one["schema"] for one in parameters["parameters"]] == [
        {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        {"type": "integer", "default": 5},
    ]


def _references(value: object) -> list[str]:
    if isinstance(value, dict):
        here = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return here + [found for inner in value.values() for found in _references(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in _references(inner)]
    return []


def test_an_alias_is_marked_as_old_and_a_form_is_described(document: Json) -> None:
    today, former = document["paths"]["/api/letters"]["post"], document["paths"]["/old/letters"]["post"]
    assert "deprecated" not in today
    assert former["deprecated"] is True
    assert "/api/letters" in former["description"]
    assert today["operationId"] == "create_letter"
    assert set(today["requestBody"]["content"]) == {"application/json", "application/x-www-form-urlencoded"}
