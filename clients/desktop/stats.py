"""What was listened to this week, from one's own sessions."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clients.desktop.api import Api

_PAGE: Final = 100
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WIDEST_BAR: Final = 30


@dataclass(frozen=True, slots=True)
class Week:
    """From Monday on, in local time."""

    sessions: int
    minutes: float
    days: tuple[float, ...]
    """Minutes from Monday to Sunday."""
    modes: Mapping[str, float]
    """Minutes by mode, most first."""
    dose: str = ""
    """The server's estimate of the week's dose, in a sentence."""

    def to_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "sessions": self.sessions,
            "minutes": round(self.minutes, 1),
            "days": dict(zip(_DAYS, (round(day, 1) for day in self.days), strict=True)),
            "modes": {mode: round(minutes, 1) for mode, minutes in self.modes.items()},
            "dose": self.dose,
        }


async def fetch_week(api: Api, now: dt.datetime) -> Week:
    """The sessions since Monday, page by page."""
    monday = begin_of_week(now)
    found: list[Mapping[str, Any]] = []
    cursor = ""
    while True:
        page = await api.get_own(f"/api/listening/sessions?limit={_PAGE}{cursor}")
        found += page["sessions"]
        is_older = bool(found) and found[-1]["started_at"] < monday.timestamp()
        if page["next_cursor"] is None or is_older:
            return replace(week_of(found, now), dose=dose_of((await api.get_own("/api/stats"))["dose"]))
        cursor = f"&cursor={page['next_cursor']}"


def dose_of(dose: Mapping[str, Any]) -> str:
    """How much of a week's safe sound it was, as far as anybody can know."""
    share = "under 1 %" if dose["share"] < 0.01 else f"{dose['share'] * 100:.0f} %"
    return (
        f"Dose of seven days: {share} of what is safe, if it was {dose['level_dba']:.0f} dB(A) at your ears."
    )


def begin_of_week(now: dt.datetime) -> dt.datetime:
    """Monday, 00:00."""
    return (now - dt.timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)


def week_of(sessions: Sequence[Mapping[str, Any]], now: dt.datetime) -> Week:
    """What of them belongs to this week, by the day on which it began."""
    monday = begin_of_week(now)
    days = [0.0] * 7
    modes: Counter[str] = Counter()
    count = 0
    for session in sessions:
        if session["started_at"] < monday.timestamp():
            continue
        started = dt.datetime.fromtimestamp(session["started_at"], now.tzinfo)
        minutes = session["heard_s"] / 60
        days[started.weekday()] += minutes
        modes[session["mode"]] += minutes
        count += 1
    return Week(count, sum(days), tuple(days), dict(modes.most_common()))


def lines(week: Week, *, is_ascii: bool) -> list[str]:
    """A line for the week, one for each day, one for the modes; numbers beside the bars."""
    most = max(*week.days, 1.0)
    sign = "#" if is_ascii else "█"
    told = [f"This week: {week.sessions} sessions, {week.minutes:.0f} minutes."]
    for name, minutes in zip(_DAYS, week.days, strict=True):
        bar = sign * round(minutes / most * _WIDEST_BAR)
        told.append(f" {name} {minutes:4.0f} min {bar}".rstrip())
    if week.modes:
        told.append(", ".join(f"{mode} {minutes:.0f} min" for mode, minutes in week.modes.items()) + ".")
    return [*told, week.dose] if week.dose else told
