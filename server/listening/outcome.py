"""When a listening counts as a success."""

from __future__ import annotations

from typing import Final

ENOUGH_SHARE: Final = 0.8
CHOSEN_REASONS: Final = frozenset({"completed", "stopped", "left", "taken"})
"""Ends that the person or their timer brought about."""


def is_success(*, planned_s: float, heard_s: float, reason: str) -> bool:
    """The planned length was reached, or at least 80 % of it and the person or the timer ended it."""
    if heard_s >= planned_s:
        return True
    return heard_s >= ENOUGH_SHARE * planned_s and reason in CHOSEN_REASONS
