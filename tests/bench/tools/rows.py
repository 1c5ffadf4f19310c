"""A row of a benchmark's last line."""

from __future__ import annotations

from typing import Any


def row(
    what: str,
    figure: float,
    unit: str,
    goal: str,
    *,
    met: bool,
    peer: str | None = None,
    peer_figure: str | None = None,
) -> dict[str, Any]:
    """One figure beside its goal and the best that is known elsewhere."""
    return {
        "what": what,
        "figure": figure,
        "unit": unit,
        "goal": goal,
        "met": met,
        "peer": peer,
        "peer_figure": peer_figure,
    }
