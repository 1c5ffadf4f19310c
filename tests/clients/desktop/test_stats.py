from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from clients.desktop.stats import Week, begin_of_week, dose_of, fetch_week, lines, week_of

if TYPE_CHECKING:
    from clients.desktop.api import Api
    from tests.api.site import Site

SATURDAY = dt.datetime(2026, 11, 21, 18, 0, tzinfo=dt.timezone(dt.timedelta(hours=2)))


def session(day: int, hour: int, heard_min: float, mode: str = "focus") -> dict[str, Any]:
    began = SATURDAY.replace(day=day, hour=hour, minute=0)
    return {"started_at": began.timestamp(), "heard_s": heard_min * 60, "mode": mode}


@pytest.mark.req("S0-34", "S0-35")
def test_a_week_begins_on_monday_at_midnight_where_one_lives() -> None:
    assert begin_of_week(SATURDAY) == SATURDAY.replace(day=16, hour=0)
    told = week_of(
        [
            session(21, 17, 25),
            session(21, 1, 5, "relax"),
            session(16, 0, 60, "sleep"),
            session(15, 23, 99),
        ],
        SATURDAY,
    )
    assert told == Week(3, 90.0, (60.0, 0, 0, 0, 0, 30.0, 0), {"sleep": 60.0, "focus": 25.0, "relax": 5.0})
    assert told.to_json()["days"] == {
        **dict.fromkeys(("Tue", "Wed", "Thu", "Fri", "Sun"), 0.0),
        "Mon": 60.0,
        "Sat": 30.0,
    }


def test_numbers_stand_beside_the_bars() -> None:
    told = lines(Week(3, 90.0, (60.0, 0, 0, 0, 0, 30.0, 0), {"sleep": 60.0}), is_ascii=True)
    assert told[0] == "This week: 3 sessions, 90 minutes."
    assert told[1] == f" Mon   60 min {'#' * 30}"
    assert told[2] == " Tue    0 min"
    assert told[6] == f" Sat   30 min {'#' * 15}"
    assert told[-1] == "sleep 60 min."
    assert len(lines(Week(0, 0.0, (0.0,) * 7, {}), is_ascii=False)) == 8


def test_the_dose_is_an_estimate_in_a_line() -> None:
    for share, told in ((0.0, "under 1 %"), (0.031, "3 %"), (1.2, "120 %")):
        line = dose_of({"share": share, "level_dba": 65.0})
        assert line == f"Dose of seven days: {told} of what is safe, if it was 65 dB(A) at your ears."
        assert len(line) < 80


async def test_pages_are_read_until_the_week_is_whole(
    monkeypatch: pytest.MonkeyPatch, api: Api, site: Site
) -> None:
    assert (await fetch_week(api, SATURDAY)).sessions == 0
    asked: list[str] = []
    pages = {
        "": {"sessions": [session(21, 17, 25)], "next_cursor": "1-a"},
        "&cursor=1-a": {"sessions": [session(20, 17, 5), session(1, 1, 9)], "next_cursor": "2-b"},
    }

    async def get_own(_: Api, path: str) -> Any:
        if path == "/api/stats":
            return {"dose": {"share": 0.031, "level_dba": 70.0}}
        asked.append(path)
        return pages[path.partition("limit=100")[2]]

    monkeypatch.setattr("clients.desktop.api.Api.get_own", get_own)
    assert (await fetch_week(api, SATURDAY)).minutes == 30.0
    assert len(asked) == 2
