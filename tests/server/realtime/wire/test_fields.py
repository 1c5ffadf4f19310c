from __future__ import annotations

import math
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest

from server.realtime.wire.fields import (
    Anything,
    Choice,
    Flag,
    Int,
    ListOf,
    Nullable,
    Number,
    Patch,
    Record,
    Row,
    Text,
    refuse_foreign,
)

if TYPE_CHECKING:
    from server.realtime.wire.fields import Check

GOOD: list[tuple[Check, object, object]] = [
    (Int(0, 5), 5, 5),
    (Number(0, 5), 2.5, 2.5),
    (Number(0, 5), 3, 3),
    (Text(3), "abc", "abc"),
    (Choice(("a", "b")), "a", "a"),
    (Flag(), True, True),
    (Anything(), {"x": [1]}, {"x": [1]}),
    (Patch(2), {"a": 1, "b": "pink"}, {"a": 1, "b": "pink"}),
    (ListOf(Int(0, 5), 2), [1, 2], (1, 2)),
    (Row((Int(0, 5), Text(3))), [1, "a"], (1, "a")),
    (Record({"a": Int(0, 5)}, {"b": Text(3)}), {"a": 1, "b": "x", "unknown": 7}, {"a": 1, "b": "x"}),
    (Record({"a": Int(0, 5)}, {"b": Text(3)}), {"a": 1}, {"a": 1}),
    (Nullable(Int(0, 5)), None, None),
    (Nullable(Int(0, 5)), 1, 1),
]
BAD: list[tuple[Check, object]] = [
    (Int(0, 5), 6),
    (Int(0, 5), -1),
    (Int(0, 5), True),
    (Int(0, 5), 1.0),
    (Int(0, 5), "1"),
    (Number(0, 5), 5.1),
    (Number(0, 5), True),
    (Number(0, 5), math.nan),
    (Number(0, 5), "1"),
    (Text(3), "abcd"),
    (Text(3), 1),
    (Choice(("a", "b")), "c"),
    (Choice(("a", "b")), 1),
    (Flag(), 1),
    (Anything(), []),
    (Patch(2), {}),
    (Patch(2), {"a": 1, "b": 2, "c": 3}),
    (Patch(2), {"a": True}),
    (Patch(2), {"a": [1]}),
    (Patch(2), 1),
    (ListOf(Int(0, 5), 2), [1, 2, 3]),
    (ListOf(Int(0, 5), 2), [6]),
    (ListOf(Int(0, 5), 2), 1),
    (Row((Int(0, 5), Text(3))), [1]),
    (Row((Int(0, 5), Text(3))), ["a", 1]),
    (Row((Int(0, 5), Text(3))), 1),
    (Record({"a": Int(0, 5)}), {}),
    (Record({"a": Int(0, 5)}), {"a": 9}),
    (Record({"a": Int(0, 5)}), []),
    (Nullable(Int(0, 5)), 9),
]


@pytest.mark.parametrize(("check", "value", "taken"), GOOD)
def test_good_values_are_taken_and_fit_the_schema(check: Check, value: object, taken: object) -> None:
    assert check(value) == taken
    assert jsonschema_rs.is_valid(check.schema(), value)


@pytest.mark.parametrize(("check", "value"), BAD)
def test_bad_values_are_refused_with_what_was_wanted(check: Check, value: object) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        check(value)


def nested(levels: int) -> object:
    return [nested(levels - 1)] if levels else 1


def test_foreign_values_are_found_at_any_depth() -> None:
    refuse_foreign({"a": [1, 2.5, "x", None, True, {"b": nested(3)}]}, depth=6, keys=2)
    for value in (math.inf, math.nan, b"raw", object(), [b"raw"], {"a": {"b": math.inf}}):
        with pytest.raises(ValueError, match="only"):
            refuse_foreign(value, depth=6, keys=2)


def test_nesting_and_keys_have_a_bound() -> None:
    refuse_foreign(nested(6), depth=6, keys=2)
    with pytest.raises(ValueError, match="nesting"):
        refuse_foreign(nested(7), depth=6, keys=2)
    with pytest.raises(ValueError, match="at most 2 keys"):
        refuse_foreign([{"a": 1, "b": 2, "c": 3}], depth=6, keys=2)
