"""The OpenAPI 3.1 document of the declared routes."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, cast

from pydantic.json_schema import models_json_schema

from server.kit import errors
from server.kit.api import ADMIN, ANYONE, USER
from server.kit.security import CSRF_HEADER, GUEST_COOKIE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic import BaseModel
    from pydantic.json_schema import JsonSchemaMode

    from server.kit.api import Operation, Routes
    from server.kit.errors import SoundwellError

    Json = dict[str, Any]
    Schemas = Mapping[tuple[type[BaseModel], JsonSchemaMode], Json]

REFERENCE = "#/components/schemas/{model}"

_PARAMETER = re.compile(r"{(\w+)(?::(\w+))?}")
_PARAMETER_SCHEMAS: dict[str | None, Json] = {
    None: {"type": "string", "minLength": 1},
    "str": {"type": "string", "minLength": 1},
    "int": {"type": "integer", "minimum": 0},
    "uuid": {"type": "string", "format": "uuid"},
    "path": {"type": "string"},
}
_ALWAYS = (errors.BadRequest, errors.Unauthenticated, errors.RateLimited, errors.Internal, errors.Unavailable)
_MEANINGS = {200: "Done.", 201: "Made.", 202: "Accepted.", 204: "Done."}


def openapi(groups: Iterable[Routes], *, title: str, version: str, description: str) -> Json:
    """Every operation with its parameters, bodies, answers, errors, headers and who may call it."""
    operations = [operation for group in groups for operation in group.operations]
    schemas, definitions = _schemas(operations)
    paths: dict[str, Json] = defaultdict(dict)
    for operation in operations:
        path = _PARAMETER.sub(r"{\1}", operation.path)
        paths[path][operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": description},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in operations)],
        "paths": dict(paths),
        "components": {
            "schemas": {**definitions, "Error": _error_schema()},
            "headers": _headers(),
            "securitySchemes": _security_schemes(),
        },
    }


def _schemas(operations: Iterable[Operation]) -> tuple[Schemas, Json]:
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {}
    for operation in operations:
        if operation.body is not None:
            wanted[operation.body, "validation"] = None
        if operation.form is not None:
            wanted[operation.form, "validation"] = None
        if operation.reply is not None:
            wanted[operation.reply, "serialization"] = None
    schemas, definitions = models_json_schema(list(wanted), ref_template=REFERENCE)
    return cast("Schemas", schemas), definitions.get("$defs", {})


def _operation(operation: Operation, schemas: Schemas) -> Json:
    described: Json = {
        "operationId": _id(operation),
        "summary": operation.summary,
        "tags": [operation.tag],
        "security": _security(operation),
        "responses": _responses(operation, schemas),
    }
    if operation.alias_of is not None:
        described["deprecated"] = True
        described["description"] = f"An older address of {operation.alias_of}."
    elif operation.handler.__doc__:
        described["description"] = operation.handler.__doc__
    if parameters := [*_path_parameters(operation), *_query_parameters(operation)]:
        described["parameters"] = parameters
    if operation.body is not None:
        content = {"application/json": {"schema": schemas[operation.body, "validation"]}}
        if operation.form is not None:
            content["application/x-www-form-urlencoded"] = {"schema": schemas[operation.form, "validation"]}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _id(operation: Operation) -> str:
    """Unique: an alias adds its address."""
    if operation.alias_of is None:
        return operation.name
    return operation.name + re.sub(r"\W+", "_", operation.path).rstrip("_")


def _path_parameters(operation: Operation) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _PARAMETER_SCHEMAS[kind or None]}
        for name, kind in _PARAMETER.findall(operation.path)
    ]


def _query_parameters(operation: Operation) -> list[Json]:
    if operation.query is None:
        return []
    schema = operation.query.model_json_schema(ref_template=REFERENCE)
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": value.get("description", ""),
            "schema": _without_null(value),
        }
        for name, value in schema["properties"].items()
    ]


def _without_null(schema: Json) -> Json:
    """A query has no null: what may be left out has no type of its own for that."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key not in {"anyOf", "default", "title"}}
    if "default" in schema and schema["default"] is not None:
        rest["default"] = schema["default"]
    return {**rest, **kinds[0]} if len(kinds) == 1 else ({**rest, "anyOf": kinds} if kinds else rest)


def _responses(operation: Operation, schemas: Schemas) -> Json:
    responses = {str(operation.status): _success(operation, schemas)}
    by_status: dict[int, list[type[SoundwellError]]] = defaultdict(list)
    known: list[type[SoundwellError]] = [*_ALWAYS, *_implied(operation), *operation.errors]
    for error in dict.fromkeys(known):
        by_status[error.status].append(error)
    for status, same in sorted(by_status.items()):
        responses[str(status)] = _failure(same)
    return responses


def _implied(operation: Operation) -> list[type[SoundwellError]]:
    """Errors that follow from the declaration."""
    implied: list[type[SoundwellError]] = []
    if operation.query is not None or operation.body is not None:
        implied.append(errors.ValidationFailed)
    if operation.body is not None:
        implied.append(errors.TooLarge)
    if operation.needs_csrf:
        implied.append(errors.CsrfFailed)
    if operation.auth in {USER, ADMIN}:
        implied.append(errors.Forbidden)
    if "{" in operation.path:
        implied.append(errors.NotFound)
    return implied


def _success(operation: Operation, schemas: Schemas) -> Json:
    content: Json
    if operation.media:
        content = {operation.media: {"schema": {"type": "object" if "json" in operation.media else "string"}}}
    else:
        data = schemas[operation.reply, "serialization"] if operation.reply else {"type": "object"}
        content = {"application/json": {"schema": _envelope(data)}}
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-Id", *_LIMIT_HEADERS)}
    return {"description": _MEANINGS[operation.status], "headers": headers, "content": content}


def _envelope(data: Json) -> Json:
    return {
        "type": "object",
        "required": ["ok", "data"],
        "properties": {"ok": {"const": True}, "data": data},
    }


def _failure(known: list[type[SoundwellError]]) -> Json:
    names = ["X-Request-Id"]
    if known[0].status in {errors.RateLimited.status, errors.Unavailable.status}:
        names.append("Retry-After")
    examples = {
        error.code: {
            "summary": error.message,
            "value": {"ok": False, "error": error.message, "code": error.code, "request_id": "5e1f0c9a"},
        }
        for error in known
    }
    return {
        "description": " ".join(dict.fromkeys(error.message for error in known)),
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Error"}, "examples": examples}
        },
    }


def _error_schema() -> Json:
    return {
        "type": "object",
        "required": ["ok", "error", "code", "request_id"],
        "properties": {
            "ok": {"const": False},
            "error": {"type": "string", "description": "A sentence for the person."},
            "code": {"type": "string", "enum": sorted({row.code for row in errors.error_table()})},
            "field": {"type": "string", "description": "The value that is wrong, dotted."},
            "feature": {"type": "string", "description": "What the plan does not include."},
            "retry_after_s": {"type": "integer"},
            "request_id": {"type": "string"},
        },
    }


_LIMIT_HEADERS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


def _headers() -> Json:
    number = {"type": "integer", "minimum": 0}
    return {
        "X-Request-Id": {
            "description": "Quote it when asking about this request.",
            "schema": {"type": "string"},
        },
        "Retry-After": {"description": "Seconds to wait before the next try.", "schema": number},
        "RateLimit-Limit": {"description": "Requests that may come at once.", "schema": number},
        "RateLimit-Remaining": {"description": "How many of them are left.", "schema": number},
        "RateLimit-Reset": {"description": "Seconds until all are back.", "schema": number},
    }


def _security_schemes() -> Json:
    return {
        "bearer": {"type": "http", "scheme": "bearer", "description": "For programs."},
        "cookie": {"type": "apiKey", "in": "cookie", "name": GUEST_COOKIE, "description": "For the page."},
        "csrf": {
            "type": "apiKey",
            "in": "header",
            "name": CSRF_HEADER,
            "description": "The value of the cookie `sw_csrf`, with every unsafe request that uses a cookie.",
        },
    }


def _security(operation: Operation) -> list[Json]:
    if operation.auth is ANYONE:
        return []
    by_cookie: Json = {"cookie": [], "csrf": []} if operation.needs_csrf else {"cookie": []}
    return [{"bearer": []}, by_cookie]
