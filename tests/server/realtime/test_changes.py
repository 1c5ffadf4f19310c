from __future__ import annotations

from server.realtime.changes import APART_S, Changes


def test_the_newest_value_within_ten_milliseconds_wins() -> None:
    changes = Changes()
    changes.add(1, {"a": 1, "b": 1}, 30, now=5.0)
    changes.add(2, {"a": 2}, 50, now=5.005)
    assert not changes.is_due(5.0099)
    assert changes.is_due(5.0101)
    assert changes.take(5.0101) == ({"a": 2, "b": 1}, [1, 2], 50)
    assert changes.due_at is None


def test_changes_are_made_at_most_twenty_times_a_second() -> None:
    changes = Changes()
    changes.add(1, {"a": 1}, 30, now=0.0)
    changes.take(0.010)
    changes.add(2, {"a": 2}, 30, now=0.011)
    assert changes.due_at == 0.010 + APART_S


def test_changes_can_be_put_off() -> None:
    changes = Changes()
    changes.add(1, {"a": 1}, 30, now=0.0)
    changes.wait(2.0, now=0.010)
    assert not changes.is_due(2.0)
    assert changes.is_due(2.01)
