from __future__ import annotations

from clients.desktop.net.instance import Instance, sounds_from, value_at

ENTRY = {"kind": "param", "pos": 100, "p": {"a": 1.0}}


def test_an_entry_that_is_told_again_is_kept_once() -> None:
    given = {"engine": "1", "timeline": ({"kind": "end", "pos": 0},)}
    instance = Instance(given)
    instance.append(ENTRY)
    instance.append(dict(ENTRY))
    assert [entry["kind"] for entry in instance.value["timeline"]] == ["end", "param"]
    assert len(given["timeline"]) == 1


def test_a_base_stands_for_all_before_it() -> None:
    instance = Instance({"timeline": [ENTRY, {**ENTRY, "pos": 300}, {**ENTRY, "pos": 100, "from": 400}]})
    base = {"kind": "base", "pos": 300}
    instance.fold(base)
    assert instance.value["timeline"] == [base, {**ENTRY, "pos": 100, "from": 400}]
    assert (sounds_from(ENTRY), sounds_from({"pos": 1, "from": 2})) == (100, 2)


def test_a_course_is_read_at_a_time() -> None:
    assert value_at(10, 5) == 10.0
    assert value_at([[0, 10], [120, 16, "linear"]], 60) == 13.0
    assert value_at([[0, 10], [120, 16]], 500) == 16.0
    assert value_at(None, 0) is None
    assert value_at([], 0) is None
