"""What a person can read about their tokens: the statement, and use by feature and day."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from server.kit.errors import NotFound
from server.tokens import statement_store as store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kit.db import Connection
    from server.tokens.statement_store import Line, Pack


@dataclass(frozen=True, slots=True)
class FeatureUse:
    """What one feature used in all."""

    feature: str
    amount: int
    uses: int


@dataclass(frozen=True, slots=True)
class DayUse:
    """What was used on one day of the person's zone."""

    date: dt.date
    by_feature: Mapping[str, int]

    @property
    def amount(self) -> int:
        """All features together."""
        return sum(self.by_feature.values())


@dataclass(frozen=True, slots=True)
class Usage:
    """The last days, today among them."""

    zone: str
    features: tuple[FeatureUse, ...]
    """Those that used most first."""
    days: tuple[DayUse, ...]
    """The oldest first; a day without use is there too."""

    @property
    def amount(self) -> int:
        """All of it."""
        return sum(one.amount for one in self.features)


@dataclass(frozen=True, slots=True)
class Page:
    """A piece of a statement, newest first."""

    lines: tuple[Line, ...]
    next_before: UUID | None
    """Where the next piece begins; None if this was the last."""


async def read_statement(conn: Connection, user_id: UUID, before: UUID | None, most: int) -> Page:
    """A person's statement behind the line of the transfer `before`."""
    lines = await store.list_lines(conn, user_id, before, most + 1)
    page = tuple(lines[:most])
    return Page(page, page[-1].transfer.id if len(lines) > most else None)


async def list_packs(conn: Connection) -> list[Pack]:
    """What is sold, in its order."""
    return await store.list_packs(conn)


async def fetch_pack(conn: Connection, pack_id: str) -> Pack:
    """A pack that is sold."""
    pack = await store.find_pack(conn, pack_id)
    if pack is None:
        raise NotFound("There is no such pack.")
    return pack


async def read_usage(conn: Connection, user_id: UUID, now_s: float, zone: str, days: int) -> Usage:
    """What was used in so many days up to now; a reservation counts when and as far as it was settled."""
    place = ZoneInfo(zone)
    today = dt.datetime.fromtimestamp(now_s, place).date()
    dates = [today - dt.timedelta(days=back) for back in reversed(range(days))]
    midnights = [dt.datetime(date.year, date.month, date.day, tzinfo=place) for date in dates]
    amounts: defaultdict[int, dict[str, int]] = defaultdict(dict)
    totals: Counter[str] = Counter()
    uses: Counter[str] = Counter()
    for row in await store.sum_by_feature_and_day(conn, user_id, midnights):
        amounts[row.day][row.feature] = row.amount
        totals[row.feature] += row.amount
        uses[row.feature] += row.uses
    return Usage(
        zone=zone,
        features=tuple(FeatureUse(name, amount, uses[name]) for name, amount in totals.most_common()),
        days=tuple(DayUse(date, amounts[number]) for number, date in enumerate(dates, start=1)),
    )
