"""The instance as the client keeps it: everything that determines the sound, for any server to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

Entry = dict[str, Any]


class Instance:
    """Grows with each acknowledged entry."""

    def __init__(self, value: Mapping[str, object]) -> None:
        self.value: dict[str, Any] = {**value, "timeline": list(cast("list[Entry]", value["timeline"]))}

    def append(self, entry: Mapping[str, object]) -> None:
        """Keep an entry; one may answer several requests, and be told again after a resume."""
        if entry not in self.value["timeline"]:
            self.value["timeline"].append(dict(entry))

    def fold(self, base: Mapping[str, object]) -> None:
        """A `base` entry stands for all that sounded before it."""
        pos = cast("int", base["pos"])
        later = [entry for entry in self.value["timeline"] if sounds_from(entry) > pos]
        self.value["timeline"] = [dict(base), *later]


def sounds_from(entry: Mapping[str, object]) -> int:
    """The first frame that an entry may change, look-ahead aside."""
    return cast("int", entry.get("from", entry["pos"]))


def value_at(course: object, time_s: float) -> float | None:
    """A value of the program at one time: a number, or keyframes `[[t_s, value], …]` on straight lines."""
    if isinstance(course, int | float):
        return float(course)
    if not isinstance(course, list | tuple) or not course:
        return None
    times, values = [point[0] for point in course], [point[1] for point in course]
    return float(np.interp(time_s, times, values))
