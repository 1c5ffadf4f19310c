from __future__ import annotations

from server.realtime import wire
from server.realtime.errors import RealtimeError
from server.realtime.line import Line
from server.realtime.outbox import Outbox


def test_while_nobody_is_connected_messages_are_lost_and_replies_kept() -> None:
    line = Line()
    line.replies.begin(1)
    line.send(wire.Notice(code="x", msg="x"))
    line.refuse(RealtimeError("internal", "No."))
    line.reply(1, wire.StreamBase(sid=1, entry={}))
    line.outbox = Outbox(lambda: None)
    assert line.outbox.pop() is None
    assert line.replies.begin(1) == wire.encode(wire.StreamBase(sid=1, entry={}))


def test_a_refusal_carries_all_that_is_known() -> None:
    line = Line()
    line.outbox = Outbox(lambda: None)
    error = RealtimeError("rate_limited", "Slower.", field="op", sid=3, retry_ms=200, feature="x")
    line.refuse(error, 7)
    data = line.outbox.pop()
    assert isinstance(data, bytes)
    assert wire.decode_server(data) == wire.Error(
        re=7,
        code="rate_limited",
        msg="Slower.",
        field="op",
        sid=3,
        retry_ms=200,
        args={"feature": "x"},
    )
