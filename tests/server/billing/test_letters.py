from __future__ import annotations

import datetime as dt

from server.billing.letters import day


def test_a_day_is_written_as_people_say_it() -> None:
    assert day(dt.datetime(2026, 12, 5, 23, 59, tzinfo=dt.UTC)) == "5 December 2026"
