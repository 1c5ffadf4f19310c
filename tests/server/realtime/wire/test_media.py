"""Media packets against the golden vectors, which the JavaScript codec passes too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from server.realtime import wire

VECTORS = Path(__file__).parents[3] / "vectors" / "wire"


def vectors(name: str) -> list[Any]:
    return [pytest.param(one, id=one["name"]) for one in json.loads((VECTORS / name).read_text())["vectors"]]


@pytest.mark.parametrize("vector", vectors("media.json"))
def test_packets_pass_their_vectors(vector: Any) -> None:
    data = bytes.fromhex(vector["hex"])
    header, payload = wire.parse_packet(data)
    told = {name: value for name, value in vector["header"].items() if name != "kind"}
    assert header == wire.PacketHeader(**told)
    samples = np.frombuffer(payload, "<i2" if header.codec == "s16" else "<f4").reshape(-1, 2)
    assert samples.tolist() == vector["samples"]
    packed = bytearray(data)
    packed[: wire.HEADER_BYTES] = bytes(wire.HEADER_BYTES)
    wire.pack_headers(packed, 0, header, header.seq, [header.flags], header.tx_us)
    assert packed == data


@pytest.mark.parametrize("vector", vectors("opus.json"))
def test_opus_packets_pass_their_vectors(vector: Any) -> None:
    data = bytes.fromhex(vector["hex"])
    header, payload = wire.parse_packet(data)
    told = {name: value for name, value in vector["header"].items() if name != "kind"}
    assert header == wire.PacketHeader(**told)
    assert payload.hex() == vector["payload"]
    packed = bytearray(bytes(wire.HEADER_BYTES) + payload)
    wire.pack_headers(packed, 0, header, header.seq, [header.flags], header.tx_us)
    assert packed == data
    with pytest.raises(wire.WireError):
        wire.parse_packet(data[: wire.HEADER_BYTES])


@pytest.mark.parametrize("vector", vectors("refused_packets.json"))
def test_what_is_no_packet_is_refused(vector: Any) -> None:
    data = bytes.fromhex(vector["hex"]) + bytes(vector.get("append_zero_bytes", 0))
    with pytest.raises(wire.WireError):
        wire.parse_packet(data)


def test_numbers_of_the_header_wrap() -> None:
    data = bytearray(wire.HEADER_BYTES + 4)
    wire.pack_headers(data, 0, wire.PacketHeader(1, 0, 1, "s16", 259), 2**32, [0], 2**32 + 5)
    header, _ = wire.parse_packet(bytes(data))
    assert (header.seq, header.epoch, header.tx_us) == (0, 3, 5)


def test_headers_of_packets_that_go_together_count_on() -> None:
    stride = 4 + wire.HEADER_BYTES + 4
    data = bytearray(3 * stride)
    wire.pack_headers(data, 4, wire.PacketHeader(1, 7, 1, "s16", 0), 2**32 - 1, [1, 0, 2], 5)
    packets = [bytes(data[at + 4 : at + stride]) for at in range(0, len(data), stride)]
    found = [wire.parse_packet(packet)[0] for packet in packets]
    assert [(one.seq, one.pos, one.flags) for one in found] == [(2**32 - 1, 7, 1), (0, 8, 0), (1, 9, 2)]


def test_the_first_byte_tells_control_from_media() -> None:
    assert wire.is_control(wire.encode(wire.Bye()))
    assert not wire.is_control(b"\x10")
    assert not wire.is_control(b"")


@given(some.integers(0, 2**32), some.integers(1, 127))
def test_an_epoch_is_newer_for_half_the_circle(epoch: int, ahead: int) -> None:
    assert wire.is_newer((epoch + ahead) & 0xFF, epoch & 0xFF)
    assert not wire.is_newer(epoch & 0xFF, (epoch + ahead) & 0xFF)
    assert not wire.is_newer(epoch & 0xFF, epoch & 0xFF)
