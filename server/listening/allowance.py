"""What a person may still hear today: one count per principal, shared by its streams in this process."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

RATE_HZ = 48_000
WARN_LEFT_S = 180
"""The warning comes when this much is left."""

LIMITED_PLANS = frozenset({"guest", "free"})


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a person's zone."""

    date: dt.date
    ends_at: float
    """Unix seconds of its last moment, which is the first of the next day."""


def day_of(now_s: float, zone: str) -> Day:
    """The day that `now_s` (unix seconds) falls in; it begins at 00:00 in `zone`."""
    place = ZoneInfo(zone)
    today = dt.datetime.fromtimestamp(now_s, place).date()
    tomorrow = today + dt.timedelta(days=1)
    midnight = dt.datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=place)
    return Day(today, midnight.timestamp())


def limit_frames_of(plan: str, free_listening_s: int) -> int | None:
    """Frames a day for a plan; None where nothing is counted against it."""
    return free_listening_s * RATE_HZ if plan in LIMITED_PLANS else None


@dataclass(slots=True)
class Allowance:
    """Counts credited frames of today, and what of them no row holds yet."""

    limit_frames: int | None
    zone: str
    day: Day
    used_frames: int = 0
    warned: bool = False
    reached: bool = False
    pending: dict[dt.date, int] = field(default_factory=dict)
    """Frames per day that are still to be added to `usage_daily`."""

    @property
    def left_frames(self) -> int | None:
        """None: no limit."""
        return None if self.limit_frames is None else max(0, self.limit_frames - self.used_frames)

    @property
    def is_to_warn(self) -> bool:
        """The warning is due and was not given today."""
        left = self.left_frames
        return left is not None and not self.warned and left <= WARN_LEFT_S * RATE_HZ

    @property
    def is_to_tell_end(self) -> bool:
        """Nothing is left, and today nobody was told."""
        return self.left_frames == 0 and not self.reached

    def credit(self, frames: int, now_s: float) -> None:
        """Count frames that a listener's credit covered and that were sent."""
        self.turn(now_s)
        self.used_frames += frames
        self.pending[self.day.date] = self.pending.get(self.day.date, 0) + frames

    def turn(self, now_s: float) -> bool:
        """Begin a new day if midnight has passed; whether it has."""
        if now_s < self.day.ends_at:
            return False
        self.day = day_of(now_s, self.zone)
        self.used_frames = 0
        self.warned = self.reached = False
        return True

    def take_pending(self) -> dict[dt.date, int]:
        """What is to be written now."""
        taken, self.pending = self.pending, {}
        return taken

    def learn(self, date: dt.date, total_frames: int) -> None:
        """Take over the day's total from its row, which other processes write too."""
        if date == self.day.date:
            self.used_frames = total_frames + self.pending.get(date, 0)
