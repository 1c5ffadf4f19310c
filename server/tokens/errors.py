"""What can be refused about tokens.

Conflict                      409  conflict
├── InsufficientTokens        409  insufficient_tokens   needed, available, debt
├── ReservationClosed         409  reservation_closed
└── AlreadyClaimed            409  already_claimed
"""

from __future__ import annotations

from server.kit.errors import Conflict


class InsufficientTokens(Conflict):
    """There are too few to use, or a refund took more than was left."""

    code = "insufficient_tokens"
    message = "You do not have enough tokens."

    def __init__(self, *, needed: int, available: int, debt: int) -> None:
        super().__init__(needed=needed, available=available, debt=debt or None)


class ReservationClosed(Conflict):
    """The job's tokens were settled or went back; neither happens twice."""

    code = "reservation_closed"
    message = "The tokens that were reserved for this are settled or went back."


class AlreadyClaimed(Conflict):
    """A task rewards a person once."""

    code = "already_claimed"
    message = "You have already done this task."
