"""The documents that are made from the declarations."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest

from server.realtime import wire
from server.realtime.asyncapi import document, message_tables
from tests.server.realtime.wire.test_control import vectors


def test_every_message_and_key_is_described() -> None:
    found = document("1.2.3")
    json.dumps(found)
    messages = found["components"]["messages"]
    for sender, declared in (("client", wire.CLIENT_MESSAGES), ("server", wire.SERVER_MESSAGES)):
        for kind, cls in declared.items():
            payload = messages[f"{sender}.{kind}"]["payload"]
            assert payload["properties"].keys() == {"t", *(spec.key for spec in wire.FIELDS[cls])}
            assert messages[f"{sender}.{kind}"]["summary"]


def test_every_reference_leads_somewhere() -> None:
    found = document("1.2.3")
    operations = found["operations"].values()
    pointed = [one["$ref"] for operation in operations for one in operation["messages"]]
    pointed += [one["$ref"] for one in found["channels"]["socket"]["messages"].values()]
    assert pointed
    for pointer in pointed:
        place: Any = found
        for step in pointer.removeprefix("#/").split("/"):
            place = place[step]


@pytest.mark.parametrize(("sender", "name"), [("client", "client.json"), ("server", "server.json")])
def test_the_golden_vectors_fit_the_schemas(sender: str, name: str) -> None:
    messages = document("1.2.3")["components"]["messages"]
    for vector in vectors(name):
        message = vector.values[0]["message"]
        schema = messages[f"{sender}.{message['t']}"]["payload"]
        assert jsonschema_rs.is_valid(schema, message), message


def test_the_tables_name_every_key_and_code() -> None:
    tables = message_tables()
    for cls in (*wire.CLIENT_MESSAGES.values(), *wire.SERVER_MESSAGES.values()):
        assert f"### `{cls.T}`" in tables
        for spec in wire.FIELDS[cls]:
            assert f"| `{spec.key}` |" in tables
    for code in wire.ERROR_CODES:
        assert f"| `{code}` | {wire.CLOSE_CODES[code]} |" in tables
