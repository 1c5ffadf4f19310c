"""The borders between the gateway and what sounds."""

from __future__ import annotations

import dataclasses

import pytest

from dsp import listen
from server.listening.stream import ListenStream
from server.realtime import stream
from tests.peers.tone import ToneStream


def test_the_grid_and_the_lookahead_are_those_of_the_engine() -> None:
    assert stream.QUANTUM == listen.QUANTUM
    assert stream.RATE_HZ == listen.RATE_HZ
    assert ListenStream.lookahead == listen.LOOKAHEAD


@pytest.mark.parametrize("kind", [ToneStream, ListenStream])
def test_streams_have_what_the_gateway_calls(kind: type[object]) -> None:
    for name, member in vars(stream.Stream).items():
        if callable(member) and not name.startswith("_"):
            assert callable(getattr(kind, name)), name


@pytest.mark.parametrize(
    "kind", [stream.Envelope, stream.Change, stream.Restore, stream.OpenRequest, stream.OpenContext]
)
def test_what_crosses_the_border_does_not_change(kind: type[object]) -> None:
    assert dataclasses.is_dataclass(kind)
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]  # where Python keeps it
