"""The wire as a document: AsyncAPI 3 for programs, tables for people. Both are made from the declarations."""

from typing import Any

from server.realtime import wire

_ABOUT = (
    "One socket carries live listening and events. Messages are binary: a msgpack map (first byte ≥ 0x80) "
    "as described here, or an audio packet (first byte 0x10): a 24-byte little-endian header and interleaved "
    "samples. The schemas show the decoded maps."
)


def document(version: str) -> dict[str, Any]:
    """The AsyncAPI 3 document of this server; `receive` is what clients send."""
    client = {f"client.{kind}": cls for kind, cls in wire.CLIENT_MESSAGES.items()}
    server = {f"server.{kind}": cls for kind, cls in wire.SERVER_MESSAGES.items()}
    every = {**client, **server}
    channel = {"$ref": "#/channels/socket"}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": f"Soundwell wire {wire.SUBPROTOCOL}", "version": version, "description": _ABOUT},
        "defaultContentType": "application/msgpack",
        "channels": {
            "socket": {
                "address": "/ws",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in every},
                "bindings": {"ws": {"method": "GET"}},
            }
        },
        "operations": {
            "fromClient": {"action": "receive", "channel": channel, "messages": _references(client)},
            "fromServer": {"action": "send", "channel": channel, "messages": _references(server)},
        },
        "components": {"messages": {name: _message(cls) for name, cls in every.items()}},
    }


def message_tables() -> str:
    """Markdown: a table for each message of the client, then of the server, then codes."""
    parts = ["## From the client", *(_table(cls) for cls in wire.CLIENT_MESSAGES.values())]
    parts += ["## From the server", *(_table(cls) for cls in wire.SERVER_MESSAGES.values())]
    rows = "\n".join(f"| `{code}` | {wire.CLOSE_CODES[code]} |" for code in wire.ERROR_CODES)
    parts += ["## Errors", f"| code | close code when fatal |\n|---|---|\n{rows}"]
    return "\n\n".join(parts) + "\n"


def _references(messages: dict[str, type[wire.Message]]) -> list[dict[str, str]]:
    return [{"$ref": f"#/channels/socket/messages/{name}"} for name in messages]


def _message(cls: type[wire.Message]) -> dict[str, Any]:
    fields = wire.FIELDS[cls]
    properties: dict[str, Any] = {"t": {"const": cls.T}}
    properties |= {spec.key: {**spec.check.schema(), "description": spec.doc} for spec in fields}
    return {
        "name": cls.T,
        "summary": _about(cls),
        "contentType": "application/msgpack",
        "payload": {
            "type": "object",
            "properties": properties,
            "required": ["t", *(spec.key for spec in fields if spec.required)],
        },
    }


def _table(cls: type[wire.Message]) -> str:
    rows = [
        f"| `{spec.key}` | {'yes' if spec.required else ''} | {_shape(spec.check.schema())} | {spec.doc} |"
        for spec in wire.FIELDS[cls]
    ]
    head = f"### `{cls.T}`\n\n{_about(cls)}\n\n| key | required | value | meaning |\n|---|---|---|---|"
    return "\n".join([head, *rows])


def _about(cls: type[wire.Message]) -> str:
    return " ".join((cls.__doc__ or "").split())


def _shape(schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if "anyOf" in schema:
        return " or ".join(_shape(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " ".join(f"`{name}`" for name in schema["enum"])
    kind = {"integer": "whole number", "string": "text", "object": "map", "array": "list", "boolean": "flag"}
    return kind.get(schema["type"], str(schema["type"]))
