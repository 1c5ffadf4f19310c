from __future__ import annotations

from server.realtime import wire
from server.realtime.wire.declare import Request


def test_messages_that_are_answered_have_an_id_and_others_have_none() -> None:
    for kind, cls in wire.CLIENT_MESSAGES.items():
        keys = {spec.key for spec in wire.FIELDS[cls]}
        assert issubclass(cls, Request) == ("id" in keys and kind != "time"), kind


def test_requests_that_move_the_sound_tell_playhead_and_limit() -> None:
    for cls in (wire.StreamOpen, wire.ParamSet, wire.Transport, wire.Flow):
        assert {"play", "limit"} <= {spec.key for spec in wire.FIELDS[cls]}
