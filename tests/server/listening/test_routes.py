from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsp import listen
from server.listening.catalogue import PRESETS
from server.listening.presets import RELAX
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


@pytest.mark.req("S0-32")
async def test_a_listening_that_is_over_can_be_rated_and_annotated(site: Site) -> None:
    headers = await site.guest()
    (session,) = await listen_and_stop(site, headers)
    path = f"/api/listening/sessions/{session}"
    before = (await site.get("/api/listening/sessions", headers))["sessions"][0]
    assert (before["rating"], before["note"]) == (None, "")
    for change in ({"rating": 4, "note": "Quiet room."}, {"rating": None}, {"note": ""}, {}):
        before |= change
        answer = await site.http.patch(path, headers=headers, json=change)
        assert (answer.status_code, answer.json()["data"]) == (200, before)
    assert (await site.get("/api/listening/sessions", headers))["sessions"] == [before]


async def test_a_listening_that_goes_on_cannot_be_rated(site: Site) -> None:
    headers = await site.guest()
    async with site.listener(headers) as client:
        stream = await client.open(preset="relax", duration_s=60)
        path = f"/api/listening/sessions/{stream.ready.session}"
        answer = await site.http.patch(path, headers=headers, json={"rating": 5})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


@pytest.mark.req("S0-48")
async def test_a_wrong_opinion_is_refused_by_name(site: Site) -> None:
    headers = await site.guest()
    wrong = (
        {"rating": 0},
        {"rating": 6},
        {"rating": 4.5},
        {"note": "x" * 501},
        {"note": None},
        {"success": True},
    )
    for opinion in wrong:
        answer = await site.http.patch(
            "/api/listening/sessions/00000000-0000-0000-0000-000000000000", headers=headers, json=opinion
        )
        assert (opinion, answer.status_code, answer.json()["field"]) == (opinion, 400, *opinion)


async def test_a_listening_can_be_heard_again_as_it_was_last(site: Site) -> None:
    headers = await site.guest()
    async with site.listener(headers) as client:
        stream = await client.open(preset="relax", duration_s=60)
        await until(lambda: stream.ring.is_playing)
        await client.set(stream, **{"rain.level": 80.0})
        await client.transport(stream, "stop")
        await until(lambda: stream.ended is not None)
    data = await site.get(f"/api/listening/sessions/{stream.ready.session}", headers)
    program = data.pop("program")
    assert data == (await site.get("/api/listening/sessions", headers))["sessions"][0]
    assert program["layers"]["rain"]["level"] == 80
    assert program["modulation"] == listen.parse_program(RELAX.program()).to_json()["modulation"]


@pytest.mark.req("S0-57")
async def test_the_listening_of_another_is_not_there(site: Site) -> None:
    (session,) = await listen_and_stop(site, await site.guest())
    path, stranger = f"/api/listening/sessions/{session}", await site.guest()
    for answer in (
        await site.http.get(path, headers=stranger),
        await site.http.patch(path, headers=stranger, json={"rating": 1}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
