from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.server.listening.test_routes import listen_and_stop

if TYPE_CHECKING:
    from tests.api.site import Site


@pytest.mark.req("S0-34", "S0-35", "S4-33", "S4-85")
async def test_what_was_heard_is_counted(site: Site) -> None:
    headers = await site.guest()
    await listen_and_stop(site, headers)
    stats = await site.get("/api/stats?zone=Europe/Berlin&level_dba=80", headers)
    assert stats["zone"] == "Europe/Berlin"
    assert stats["text"].endswith("1 session this week.")
    assert stats["total"]["sessions"] == stats["week"]["sessions"] == 1
    assert stats["modes"] == [{**stats["total"], "mode": "relax"}]
    assert stats["total"]["success_share"] == 0
    assert len(stats["week"]["days"]) == 7
    assert stats["week"]["first"] == stats["week"]["days"][0]["date"]
    dose = stats["dose"]
    assert 0 < dose["heard_s"] == stats["total"]["heard_s"]
    assert (dose["level_dba"], dose["allowed_s"]) == (80, 40 * 3600)
    assert dose["share"] == pytest.approx(dose["heard_s"] / dose["allowed_s"])
    assert "estimate" in dose["note"]


async def test_who_never_listened_has_an_empty_week(site: Site) -> None:
    stats = await site.get("/api/stats", await site.guest())
    assert (stats["zone"], stats["dose"]["level_dba"]) == ("UTC", 65)
    assert stats["total"] == {"sessions": 0, "heard_s": 0, "success_share": None, "rating": None}
    assert stats["modes"] == []
    assert stats["week"]["heard_s"] == stats["dose"]["share"] == 0


@pytest.mark.req("S0-48")
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("zone=Atlantis", "zone"),
        ("zone=../etc", "zone"),
        ("level_dba=nan", "level_dba"),
        ("level_dba=39", "level_dba"),
    ],
)
async def test_a_wrong_question_is_refused_by_name(site: Site, query: str, field: str) -> None:
    answer = await site.http.get(f"/api/stats?{query}", headers=await site.guest())
    assert (answer.status_code, answer.json()["field"]) == (400, field)
