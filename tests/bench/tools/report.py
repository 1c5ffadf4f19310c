"""What a benchmark prints: a line for each row, and last one JSON object."""

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Final

NOBODY: Final[Mapping[str, str]] = MappingProxyType({})
"""No peer does it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report; `peer_figure` is text because peers are quoted in their own form."""

    what: str
    figure: float
    unit: str
    goal: str
    met: bool
    peer: str = ""
    peer_figure: str = ""


def row(
    what: str, figure: float, unit: str, goal: float, beside: Mapping[str, str], *, at_least: bool = False
) -> Row:
    """A row whose figure may not exceed the goal, or may not fall below it."""
    met = figure >= goal if at_least else figure <= goal
    sign = ">=" if at_least else "<="
    return Row(
        what, figure, unit, f"{sign} {goal:g}", bool(met), ", ".join(beside), ", ".join(beside.values())
    )


def print_report(bench: str, rows: Iterable[Row]) -> None:
    """Print each row as soon as it is known."""
    found: list[Row] = []
    for one in rows:
        sys.stdout.write(_line(one) + "\n")
        sys.stdout.flush()
        found.append(one)
    sys.stdout.write(json.dumps({"bench": bench, "rows": [asdict(one) for one in found]}) + "\n")


def _line(one: Row) -> str:
    mark = "met " if one.met else "MISSED"
    pairs = zip(one.peer.split(", "), one.peer_figure.split(", "), strict=True) if one.peer else ()
    beside = "; ".join(f"{name} {figure}" for name, figure in pairs)
    return f"{mark:6} {one.what:48} {one.figure:12.4g} {one.unit:13} (goal {one.goal}) {beside}"
