"""The cards that the stand-in knows: numbers that are published for tests, and no other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Card:
    """What a test number does."""

    last4: str
    is_accepted: bool
    """The bank says yes when it is entered."""
    is_good: bool
    """The bank says yes when it is charged later."""
    what: str


GOOD: Final = "4242424242424242"
CARDS: Final = {
    GOOD: Card("4242", is_accepted=True, is_good=True, what="pays"),
    "4000000000000002": Card("0002", is_accepted=False, is_good=False, what="is declined"),
    "4000000000000341": Card("0341", is_accepted=True, is_good=False, what="pays once, is declined later"),
}


def find_card(number: str) -> Card | None:
    """The test card of this number; None for anything else, which nobody should enter here."""
    return CARDS.get("".join(number.split()))


def grouped(number: str) -> str:
    """As it is printed on a card."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))
