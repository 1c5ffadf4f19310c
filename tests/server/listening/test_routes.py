from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsp import listen
from server.listening.presets import PRESETS
from tests.api.site import until

if TYPE_CHECKING:
    from tests.api.site import Site
    from tests.peers.client import Client


async def test_presets_are_for_everybody_and_can_be_opened_as_they_stand(site: Site) -> None:
    data = await site.get("/api/presets", {})
    assert [preset["id"] for preset in data["presets"]] == [preset.id for preset in PRESETS]
    assert data["effect_levels"] == {"low": 20, "medium": 45, "high": 75}
    for preset in data["presets"]:
        program = listen.parse_program(preset["program"])
        addresses = {spec.address for spec in listen.param_specs(program)}
        assert set(preset["methods"]) == {"am", "isochronic", "binaural"}
        assert all(set(patch) <= addresses for patch in preset["methods"].values())
        assert {layer["address"] for layer in preset["layers"]} <= addresses
        assert preset["evidence"]["for"]
        assert preset["evidence"]["against"]
        assert set(preset["why"]) == set(preset["methods"])


async def listen_and_stop(site: Site, headers: dict[str, str], times: int = 1) -> list[str]:
    """Sessions that began and ended, in that order."""
    async with site.listener(headers) as client:
        return [await _play_and_stop(client) for _ in range(times)]


async def _play_and_stop(client: Client) -> str:
    stream = await client.open(preset="relax", duration_s=60)
    await until(lambda: stream.ring.is_playing)
    await client.transport(stream, "stop")
    await until(lambda: stream.ended is not None)
    return stream.ready.session


@pytest.mark.req("S0-31", "S0-32", "S0-33")
async def test_ones_own_listenings_newest_first_page_by_page(site: Site) -> None:
    headers = await site.guest()
    sessions = await listen_and_stop(site, headers, times=3)
    data = await site.get("/api/listening/sessions", headers)
    assert [one["id"] for one in data["sessions"]] == sessions[::-1]
    assert data["next_cursor"] is None
    one = data["sessions"][0]
    assert (one["mode"], one["preset"], one["reason"], one["success"]) == ("relax", "relax", "stopped", False)
    assert one["planned_s"] == 60
    assert 0 < one["heard_s"] < 60
    assert one["started_at"] < one["ended_at"]
    first = await site.get("/api/listening/sessions?limit=2", headers)
    rest = await site.get(f"/api/listening/sessions?limit=2&cursor={first['next_cursor']}", headers)
    assert [*first["sessions"], *rest["sessions"]] == data["sessions"]
    assert rest["next_cursor"] is None


@pytest.mark.req("S0-57")
async def test_nobody_sees_the_listenings_of_another(site: Site) -> None:
    await listen_and_stop(site, await site.guest())
    assert await site.get("/api/listening/sessions", await site.guest()) == {
        "sessions": [],
        "next_cursor": None,
    }
    assert (await site.http.get("/api/listening/sessions")).status_code == 401


@pytest.mark.req("S0-48")
async def test_a_wrong_question_is_refused_by_name(site: Site) -> None:
    headers = await site.guest()
    wrong = {
        "limit=0": "limit",
        "limit=101": "limit",
        "limit=ten": "limit",
        "cursor=%20": "cursor",
        "cursor=1-2": "cursor",
        f"cursor=12345678901234567-{'0' * 32}": "cursor",
        "principal=1": "principal",
    }
    for query, field in wrong.items():
        answer = await site.http.get(f"/api/listening/sessions?{query}", headers=headers)
        assert (query, answer.status_code, answer.json()["field"]) == (query, 400, field)
