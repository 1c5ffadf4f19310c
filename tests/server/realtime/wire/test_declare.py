from __future__ import annotations

import dataclasses
from typing import Annotated

import pytest

from server.realtime import wire
from server.realtime.wire.declare import Message, declared
from server.realtime.wire.fields import Int

registry: dict[str, type[Message]] = {}


@declared(registry)
class Ping(Message):
    """A message of the tests."""

    T = "ping"
    REST = "more"
    from_: Annotated[int, Int(0, 5), "whence"]
    to: Annotated[int | None, Int(0, 5), "whither"] = None
    more: dict[str, object] = dataclasses.field(default_factory=dict)


def test_a_declaration_makes_a_frozen_registered_message() -> None:
    assert registry == {"ping": Ping}
    ping = Ping(from_=1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        ping.to = 2  # type: ignore[misc]  # that it is refused is the point
    assert not hasattr(ping, "__dict__")


def test_keys_are_read_from_the_annotations() -> None:
    whence, whither = wire.FIELDS[Ping]
    assert (whence.key, whence.attribute, whence.doc, whence.required) == ("from", "from_", "whence", True)
    assert (whither.key, whither.check, whither.required) == ("to", Int(0, 5), False)


def test_every_message_and_key_says_what_it_is_for() -> None:
    for cls in (*wire.CLIENT_MESSAGES.values(), *wire.SERVER_MESSAGES.values()):
        assert cls.__doc__
        assert not cls.__doc__.startswith(cls.__name__ + "(")
        for spec in wire.FIELDS[cls]:
            assert spec.doc, (cls.T, spec.key)
