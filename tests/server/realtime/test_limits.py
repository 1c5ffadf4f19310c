from __future__ import annotations

from server.realtime.limits import Limits


def test_streams_go_by_plan_and_connections_by_kind() -> None:
    limits = Limits()
    assert [limits.streams(plan) for plan in ("guest", "free", "pro", "unheard of")] == [1, 1, 3, 1]
    assert [limits.connections(kind) for kind in ("guest", "user")] == [2, 5]


def test_what_is_told_is_what_holds() -> None:
    told = Limits().told("user", "pro")
    assert (told["streams"], told["connections"], told["control_bytes"]) == (3, 5, 65_536)
