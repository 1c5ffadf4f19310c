"""Control messages against the golden vectors, which the JavaScript codec passes too."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgpack  # type: ignore[import-untyped]  # the foreign codec that the bytes are compared with
import pytest
from hypothesis import given
from hypothesis import strategies as some

from server.realtime import wire

if TYPE_CHECKING:
    from collections.abc import Callable

VECTORS = Path(__file__).parents[3] / "vectors" / "wire"


def vectors(name: str) -> list[Any]:
    found = json.loads((VECTORS / name).read_text())["vectors"]
    assert found
    return [pytest.param(one, id=one["name"]) for one in found]


def in_tuples(value: Any) -> Any:
    return tuple(in_tuples(one) for one in value) if isinstance(value, list) else value


@pytest.mark.parametrize("vector", vectors("client.json"))
def test_client_messages_pass_their_vectors(vector: Any) -> None:
    data = bytes.fromhex(vector["hex"])
    message = wire.decode_client(data)
    assert msgpack.unpackb(data) == vector["message"]
    assert vector["message"]["t"] == message.T
    assert wire.encode(message) == data


@pytest.mark.parametrize("vector", vectors("server.json"))
def test_server_messages_pass_their_vectors(vector: Any) -> None:
    data = bytes.fromhex(vector["hex"])
    message = wire.decode_server(data)
    assert msgpack.unpackb(data) == vector["message"]
    assert vector["message"]["t"] == message.T
    assert wire.encode(message) == data


@pytest.mark.parametrize("vector", vectors("refused.json"))
def test_what_is_no_message_is_refused_as_its_vector_says(vector: Any) -> None:
    with pytest.raises(wire.WireError) as refused:
        wire.decode_client(bytes.fromhex(vector["hex"]))
    found = refused.value.code, refused.value.re, refused.value.field
    assert found == (vector["code"], vector["re"], vector["field"])


def test_the_vectors_hold_every_message() -> None:
    sent = {one.values[0]["message"]["t"] for one in vectors("client.json")}
    told = {one.values[0]["message"]["t"] for one in vectors("server.json")}
    assert sent == wire.CLIENT_MESSAGES.keys()
    assert told == wire.SERVER_MESSAGES.keys()


def test_unknown_keys_are_ignored() -> None:
    message = wire.decode_client(msgpack.packb({"t": "bye", "reason": "tired", "mood": {"x": [1]}}))
    assert message == wire.Bye(reason="tired")


def test_keys_of_a_kind_stay_with_an_open_request() -> None:
    message = wire.decode_client(
        msgpack.packb({"t": "stream.open", "id": 1, "kind": "listen", "preset": "x"})
    )
    assert isinstance(message, wire.StreamOpen)
    assert message.args == {"preset": "x"}


def test_null_stands_for_a_missing_optional_key() -> None:
    message = wire.decode_client(msgpack.packb({"t": "time", "id": 1, "c0": 2.0, "srtt_us": None}))
    assert message == wire.TimeProbe(id=1, c0=2.0)


def test_a_message_over_64_kib_is_too_big() -> None:
    with pytest.raises(wire.WireError, match="65536") as refused:
        wire.decode_client(msgpack.packb({"t": "bye", "reason": "x" * 65_536}))
    assert refused.value.code == "too_big"


def test_an_id_that_is_no_number_is_refused() -> None:
    data = msgpack.packb({"t": "session.finish", "id": "one", "sid": 1, "fade_ms": 10})
    with pytest.raises(wire.WireError) as refused:
        wire.decode_client(data)
    assert (refused.value.re, refused.value.field) == (None, "id")


def test_the_number_of_a_wrong_field_is_not_hidden_by_a_float_id() -> None:
    data = msgpack.packb({"t": "session.finish", "id": 1.5, "sid": 1, "fade_ms": 10})
    with pytest.raises(wire.WireError) as refused:
        wire.decode_client(data)
    assert refused.value.re is None


flows = some.builds(
    wire.Flow,
    sid=some.integers(0, 65_535),
    play=some.integers(0, 2**53 - 1),
    have=some.integers(0, 2**53 - 1),
    limit=some.integers(0, 2**53 - 1),
    underruns=some.integers(0, 2**32 - 1),
    late_ms=some.floats(0, 60_000),
)


@given(flows)
def test_the_short_way_of_flow_reads_what_the_long_way_reads(flow: wire.Flow) -> None:
    data = wire.encode(flow)
    shuffled = msgpack.packb(dict(reversed(msgpack.unpackb(data).items())))
    assert wire.decode_client(data) == flow
    assert wire.decode_client(shuffled) == flow


words = some.text("aé☃ ", max_size=8)
values = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(2**63), 2**64 - 1)
    | some.floats()
    | words
    | some.binary(max_size=8),
    lambda inner: some.lists(inner, max_size=5) | some.dictionaries(words, inner, max_size=5),
    max_leaves=20,
)
types = some.sampled_from([*wire.CLIENT_MESSAGES, "nonsense"])
keys = some.sampled_from(
    sorted({spec.key for cls in wire.CLIENT_MESSAGES.values() for spec in wire.FIELDS[cls]} | {"t", "x"})
)


@given(types, some.dictionaries(keys, values, max_size=10))
def test_any_map_is_a_message_or_a_wire_error(kind: str, fields: dict[str, object]) -> None:
    message = read(wire.decode_client, msgpack.packb({"t": kind, **fields}))
    assert message is None or wire.decode_client(wire.encode(message)) == message


@given(some.binary(max_size=200))
def test_any_bytes_are_a_message_or_a_wire_error(data: bytes) -> None:
    for decode in (wire.decode_client, wire.decode_server):
        assert read(decode, b"\xc1" + data) is None
        read(decode, data)


def read(decode: Callable[[bytes], wire.Message], data: bytes) -> wire.Message | None:
    """The message, or None; anything but a WireError fails the test."""
    with contextlib.suppress(wire.WireError):
        return decode(data)
    return None
