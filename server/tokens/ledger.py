"""The values of the ledger, and the arithmetic that needs no database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Self

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

CreditKind = Literal["granted", "earned", "bought"]
TransferType = Literal[
    "purchase", "use", "reward", "grant", "refund", "reserve", "settle", "release", "lapse", "admin"
]
HoldState = Literal["open", "settled", "released"]

REVENUE: Final = "revenue"
ISSUED: Final = "issued"
REFUNDED: Final = "refunded"

MOST_TOKENS: Final = 1_000_000_000
"""Of one transfer."""


def user_account(user_id: UUID) -> str:
    """What a person has."""
    return f"user:{user_id}"


def held_account(user_id: UUID) -> str:
    """What is reserved for a person's jobs."""
    return f"held:{user_id}"


@dataclass(frozen=True, slots=True)
class Buckets:
    """Tokens by where they came from, in the order in which they are spent; differences may be negative."""

    granted: int = 0
    """Part of a plan; they lapse at the end of their period."""
    earned: int = 0
    """Rewards."""
    bought: int = 0

    @property
    def total(self) -> int:
        return self.granted + self.earned + self.bought

    def first(self, amount: int) -> Buckets:
        """The first `amount` of them to be spent."""
        granted = min(self.granted, amount)
        earned = min(self.earned, amount - granted)
        return Buckets(granted, earned, min(self.bought, amount - granted - earned))

    @classmethod
    def of(cls, kind: CreditKind, amount: int) -> Self:
        """All of one kind."""
        return cls(**{kind: amount})

    def __add__(self, other: Buckets) -> Buckets:
        return Buckets(self.granted + other.granted, self.earned + other.earned, self.bought + other.bought)

    def __sub__(self, other: Buckets) -> Buckets:
        return Buckets(self.granted - other.granted, self.earned - other.earned, self.bought - other.bought)


@dataclass(frozen=True, slots=True)
class Balance:
    """What a person has."""

    granted: int = 0
    earned: int = 0
    bought: int = 0
    held: int = 0
    """Reserved for jobs that go on."""
    debt: int = 0
    """Refunded, but spent before; new credits pay it first."""

    @property
    def buckets(self) -> Buckets:
        return Buckets(self.granted, self.earned, self.bought)

    @property
    def available(self) -> int:
        """What can be used now: nothing while there is debt."""
        return 0 if self.debt else self.buckets.total


@dataclass(frozen=True, slots=True)
class Move:
    """A transfer to be written: `amount` from one account to another, once for its key."""

    source: str
    target: str
    amount: int
    type: TransferType
    key: str
    feature: str = ""
    reason: str = ""
    job_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer as one account's statement shows it."""

    id: UUID
    account: str
    amount: int
    """Below zero where tokens left the account."""
    type: TransferType
    feature: str
    reason: str
    job_id: UUID | None
    available: int | None
    """What the person could use after it; only on a person's own account."""
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """A job's reservation."""

    job_id: UUID
    user_id: UUID
    feature: str
    granted: int
    earned: int
    bought: int
    state: HoldState
    settled: int
    """How many of them were spent in the end."""

    @property
    def buckets(self) -> Buckets:
        """Where its tokens came from."""
        return Buckets(self.granted, self.earned, self.bought)
