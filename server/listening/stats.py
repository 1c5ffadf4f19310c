"""What a person's listenings add up to: sums, a week of days, and how much sound their ears had."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from server.listening import stats_store as store

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from server.kit.db import Database

DAYS: Final = 7
HOUR_S: Final = 3600.0

USUAL_LEVEL_DBA: Final = 65.0
"""Quiet listening (ours): what is assumed until somebody measures."""
REFERENCE_DBA: Final = 80.0
REFERENCE_S: Final = 40.0 * HOUR_S
HALVING_DB: Final = 3.0
"""WHO-ITU H.870, mode 1: 80 dB(A) for 40 hours in seven days; 3 dB more is half the time."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Listenings taken together; None where nothing can be said yet."""

    sessions: int
    heard_s: float
    success_share: float | None
    """Of those that ended."""
    rating: float | None
    """Mean of those that were rated."""


@dataclass(frozen=True, slots=True)
class ModeSum(Sum):
    """The listenings of one mode."""

    mode: str


@dataclass(frozen=True, slots=True)
class Day:
    """The listenings that began on one day of the person's zone."""

    date: dt.date
    sessions: int
    heard_s: float


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days, Monday first."""

    days: tuple[Day, ...]

    @property
    def first(self) -> dt.date:
        """Its Monday."""
        return self.days[0].date

    @property
    def sessions(self) -> int:
        """How many began in it."""
        return sum(day.sessions for day in self.days)

    @property
    def heard_s(self) -> float:
        """Seconds heard in them."""
        return sum(day.heard_s for day in self.days)


@dataclass(frozen=True, slots=True)
class Dose:
    """How much of a week's safe sound was heard in the last seven days, if the level is right."""

    heard_s: float
    level_dba: float

    @property
    def allowed_s(self) -> float:
        """Seconds a week at this level."""
        return float(REFERENCE_S * 2.0 ** ((REFERENCE_DBA - self.level_dba) / HALVING_DB))

    @property
    def share(self) -> float:
        """1 is the whole week's dose."""
        return self.heard_s / self.allowed_s


@dataclass(frozen=True, slots=True)
class Stats:
    """The whole report."""

    zone: str
    total: Sum
    modes: tuple[ModeSum, ...]
    """Most heard first."""
    week: Week
    """The present one."""
    dose: Dose

    @property
    def text(self) -> str:
        """The week in a sentence: what was, and nothing about what should be."""
        if self.week.sessions == 0:
            return "Nothing heard this week yet."
        sessions = "1 session" if self.week.sessions == 1 else f"{self.week.sessions} sessions"
        return f"{_duration(self.week.heard_s)} in {sessions} this week."


async def read_stats(
    database: Database, principal_id: UUID, now_s: float, zone: str, level_dba: float
) -> Stats:
    """Two reads: all listenings by mode, and those of the week."""
    now = dt.datetime.fromtimestamp(now_s, ZoneInfo(zone))
    midnights = week_midnights(now)
    async with database.connection() as conn:
        rows = await store.sum_by_mode(conn, principal_id)
        by_day, recent_s = await store.sum_by_day(
            conn, principal_id, midnights, now - dt.timedelta(days=DAYS)
        )
    modes = [_mode_sum(row) for row in rows]
    return Stats(
        zone=zone,
        total=_total(rows),
        modes=tuple(sorted(modes, key=lambda one: -one.heard_s)),
        week=_week(midnights, by_day),
        dose=Dose(recent_s, level_dba),
    )


def week_midnights(now: dt.datetime) -> list[dt.datetime]:
    """The eight midnights that bound the days of the week of `now`, Monday first, in its zone."""
    monday = now.date() - dt.timedelta(days=now.weekday())
    days = (monday + dt.timedelta(days=number) for number in range(DAYS + 1))
    return [dt.datetime(day.year, day.month, day.day, tzinfo=now.tzinfo) for day in days]


def _week(midnights: Iterable[dt.datetime], by_day: Mapping[int, tuple[int, float]]) -> Week:
    *starts, _ = midnights
    nothing = (0, 0.0)
    return Week(tuple(Day(start.date(), *by_day.get(n, nothing)) for n, start in enumerate(starts, start=1)))


def _mode_sum(row: store.ModeRow) -> ModeSum:
    share, rating = _share(row.successes, row.ended), _share(row.stars, row.rated)
    return ModeSum(row.sessions, row.heard_s, share, rating, row.mode)


def _total(rows: Iterable[store.ModeRow]) -> Sum:
    rows = tuple(rows)
    return Sum(
        sessions=sum(row.sessions for row in rows),
        heard_s=sum(row.heard_s for row in rows),
        success_share=_share(sum(row.successes for row in rows), sum(row.ended for row in rows)),
        rating=_share(sum(row.stars for row in rows), sum(row.rated for row in rows)),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _duration(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60.0), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
