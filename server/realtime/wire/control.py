"""Control messages: msgpack maps ↔ declared messages."""

from collections.abc import Mapping
from typing import cast

import msgpack  # type: ignore[import-untyped]  # used in this file only

from server.realtime.wire.client import Flow
from server.realtime.wire.codes import CONTROL_BYTES, DEEPEST, MOST_KEYS, WireError
from server.realtime.wire.declare import CLIENT_MESSAGES, FIELDS, SERVER_MESSAGES, Message
from server.realtime.wire.fields import refuse_foreign

_POSITION_END = 2**53
_COUNT_END = 2**32
_FLOW_HEAD = b"\xa1t\xa4flow"


def encode(message: Message) -> bytes:
    """The bytes of a message; optional keys that are None are left out."""
    values: dict[str, object] = {"t": message.T}
    for spec in FIELDS[type(message)]:
        value = getattr(message, spec.attribute)
        if value is not None or spec.required:
            values[spec.key] = value
    if message.REST:
        values.update(cast("Mapping[str, object]", getattr(message, message.REST)))
    return cast("bytes", msgpack.packb(values))


def decode_client(data: bytes) -> Message:
    """A message as the server receives it; raises WireError."""
    if data[1:8] == _FLOW_HEAD:
        return _decode_flow(data)
    return _decode(data, CLIENT_MESSAGES)


def decode_server(data: bytes) -> Message:
    """A message as a client receives it; raises WireError."""
    return _decode(data, SERVER_MESSAGES)


def _unpack(data: bytes) -> dict[str, object]:
    if len(data) > CONTROL_BYTES:
        raise WireError("too_big", f"A message may have {CONTROL_BYTES} bytes.")
    try:
        values = msgpack.unpackb(data, ext_hook=_no_extensions, max_map_len=CONTROL_BYTES)
    except Exception as problem:  # msgpack raises half a dozen unrelated kinds, all of them mean the same
        raise WireError("bad_message", "A message is a msgpack map with text keys.") from problem
    if not isinstance(values, dict):
        raise WireError("bad_message", "A message is a msgpack map.")
    return values


def _no_extensions(code: int, _: bytes) -> object:
    raise ValueError(f"extension type {code}")


def _decode(data: bytes, known: Mapping[str, type[Message]]) -> Message:
    values = _unpack(data)
    named = values.pop("id", None) if known is CLIENT_MESSAGES else None
    re = named if type(named) is int and 0 <= named < _COUNT_END else None
    try:
        refuse_foreign(values, DEEPEST, MOST_KEYS)
    except ValueError as problem:
        raise WireError("bad_message", f"A message holds {problem}.", re=re) from problem
    if named is not None:
        values["id"] = named
    kind = values.pop("t", None)
    cls = known.get(kind) if isinstance(kind, str) else None
    if cls is None:
        raise WireError("unknown_type", "This server does not know that kind of message.", re=re)
    return _build(cls, values, re)


def _build(cls: type[Message], values: dict[str, object], re: int | None) -> Message:
    """Check each declared key and make the message."""
    checked: dict[str, object] = {}
    for spec in FIELDS[cls]:
        value = values.pop(spec.key, None)
        if value is None and not spec.required:
            continue
        try:
            checked[spec.attribute] = spec.check(value)
        except ValueError as problem:
            raise WireError(
                "bad_message", f"{cls.T}.{spec.key} must be {problem}.", re=re, field=spec.key
            ) from problem
    if cls.REST:
        checked[cls.REST] = values
    return cls(**checked)


def _decode_flow(data: bytes) -> Message:
    """Most messages are these, so they get their own checks, straight on."""
    values = _unpack(data)
    sid, play, have, limit = values.get("sid"), values.get("play"), values.get("have"), values.get("limit")
    underruns, late_ms = values.get("underruns", 0), values.get("late_ms", 0)
    if not (
        type(sid) is int
        and 0 <= sid < 65_536
        and type(play) is int
        and 0 <= play < _POSITION_END
        and type(have) is int
        and 0 <= have < _POSITION_END
        and type(limit) is int
        and 0 <= limit < _POSITION_END
        and type(underruns) is int
        and 0 <= underruns < _COUNT_END
        and isinstance(late_ms, int | float)
        and 0 <= late_ms <= 60_000
    ):
        raise WireError(
            "bad_message", "flow has whole, positive sid, play, have, limit, underruns and late_ms."
        )
    return Flow(sid=sid, play=play, have=have, limit=limit, underruns=underruns, late_ms=late_ms)
