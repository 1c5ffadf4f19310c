from __future__ import annotations

from server.realtime import wire


def test_answers_name_the_request() -> None:
    for kind in ("time", "auth.renewed", "stream.ready", "param.ack", "transport.ack", "events.state"):
        (re,) = [spec for spec in wire.FIELDS[wire.SERVER_MESSAGES[kind]] if spec.key == "re"]
        assert re.required


def test_an_end_that_is_open_is_told_as_null() -> None:
    env = wire.StreamEnv(sid=1, rev=1, end_pos=None, gain_env=())
    assert wire.decode_server(wire.encode(env)) == env
    assert b"end_pos" in wire.encode(env)
