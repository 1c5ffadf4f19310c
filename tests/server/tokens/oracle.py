"""What a ledger should say, with every token as a thing of its own: slow, obvious, and without a database."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from server.tokens.ledger import Balance

RANKS: Final = ("granted", "earned", "bought")


class Token(NamedTuple):
    """One token; the smallest is spent first."""

    rank: int
    end: int
    """When it lapses; 0 if never."""


@dataclass
class Oracle:
    """One person's tokens."""

    own: list[Token] = field(default_factory=list)
    held: dict[int, list[Token]] = field(default_factory=dict)
    """By job."""
    debt: int = 0
    packs: dict[str, list[int]] = field(default_factory=dict)
    """Bought and reversed."""

    def credit(self, kind: str, amount: int, end: int = 0, key: str = "") -> None:
        if kind == "bought":
            self.packs[key] = [amount, 0]
        payment = min(self.debt, amount)
        self.debt -= payment
        self.own += [Token(RANKS.index(kind), end)] * (amount - payment)

    def take(self, amount: int) -> list[Token] | None:
        """The tokens that are spent; None if there are too few, or something is owed."""
        if self.debt or len(self.own) < amount:
            return None
        self.own.sort()
        taken, self.own = self.own[:amount], self.own[amount:]
        return taken

    def close(self, job: int, spent: int) -> None:
        for token in self.held.pop(job)[spent:]:
            if token.rank == RANKS.index("bought") and self.debt:
                self.debt -= 1
            else:
                self.own.append(token)

    def refund(self, key: str, total: int) -> None:
        bought, before = self.packs[key]
        self.packs[key][1] = max(before, min(total, bought))
        for _ in range(self.packs[key][1] - before):
            if (token := Token(RANKS.index("bought"), 0)) in self.own:
                self.own.remove(token)
            else:
                self.debt += 1

    def lapse(self, now: int) -> None:
        self.own = [token for token in self.own if token.rank or token.end > now]

    def balance(self) -> Balance:
        count = Counter(RANKS[token.rank] for token in self.own)
        return Balance(**count, held=sum(map(len, self.held.values())), debt=self.debt)

    def grants(self) -> dict[int, int]:
        """How many lapse when."""
        return dict(sorted(Counter(token.end for token in self.own if token.rank == 0).items()))
