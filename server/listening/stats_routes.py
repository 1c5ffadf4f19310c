"""HTTP of the statistics."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - pydantic reads the annotations
import functools
import zoneinfo
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints

from server.kit.api import PRINCIPAL, Call, Model, Routes
from server.listening.stats import USUAL_LEVEL_DBA, read_stats

DOSE_NOTE: Final = (
    "An estimate. We know how long you listened, not how loud it was at your ears: measure it and say so. "
    "Safe is 80 dB(A) for 40 hours a week; 3 dB more is half the time (WHO-ITU H.870)."
)

routes = Routes("listening", scope="listen")


@functools.cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("there is no such zone")
    return name


Zone = Annotated[str, StringConstraints(max_length=40), AfterValidator(_known_zone)]


class StatsQuery(Model):
    """Where the person is and how loud they listen."""

    zone: Annotated[Zone | None, Field(description="IANA name; the person's own if not given.")] = None
    level_dba: Annotated[
        float, Field(ge=40, le=110, description="Level at the ear in dB(A), as measured or guessed.")
    ] = USUAL_LEVEL_DBA


class SumItem(Model):
    """Listenings taken together."""

    sessions: int
    heard_s: float
    success_share: float | None
    """Of those that ended."""
    rating: float | None
    """Mean of those that were rated."""


class ModeItem(SumItem):
    """The listenings of one mode."""

    mode: str


class DayItem(Model):
    """The listenings that began on one day."""

    date: dt.date
    sessions: int
    heard_s: float


class WeekItem(Model):
    """The present week, Monday to Sunday."""

    first: dt.date
    sessions: int
    heard_s: float
    days: tuple[DayItem, ...]


class DoseItem(Model):
    """How much of a week's safe sound was heard in the last seven days."""

    heard_s: float
    level_dba: float
    allowed_s: float
    """Seconds a week at this level."""
    share: float
    """1 is all of it."""
    note: str = DOSE_NOTE


class StatsReply(Model):
    """What the caller's listenings add up to."""

    zone: str
    text: str
    total: SumItem
    modes: tuple[ModeItem, ...]
    """Most heard first."""
    week: WeekItem
    dose: DoseItem


@routes.get(
    "/api/stats",
    summary="What the caller's listenings add up to",
    auth=PRINCIPAL,
    query=StatsQuery,
    reply=StatsReply,
)
async def read_listening_stats(call: Call) -> StatsReply:
    """Own rows only; the week begins on Monday, 00:00 in the zone."""
    zone, now_s = call.query.zone or call.known.zone, call.state["clock"].now()
    stats = await read_stats(call.state["db"], call.known.id, now_s, zone, call.query.level_dba)
    return StatsReply.model_validate(stats, from_attributes=True)
