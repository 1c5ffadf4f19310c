from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from dsp import listen
from server.listening.presets import FOCUS
from tests.api.site import until
from tests.server.listening.test_routes import listen_and_stop

if TYPE_CHECKING:
    from tests.api.site import Site

PROGRAM = FOCUS.program()
NEW: dict[str, Any] = {"title": "Rainy work", "minutes": 50, "program": PROGRAM}


async def create(site: Site, headers: dict[str, str], **fields: Any) -> Any:
    answer = await site.http.post("/api/presets", headers=headers, json={**NEW, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]


async def test_a_preset_is_kept_renamed_ordered_and_deleted(site: Site) -> None:
    headers = await site.guest()
    first, second = [await create(site, headers, title=title) for title in ("Rain", "Work")]
    assert (first["title"], first["mode"], first["genre"], first["effect"]) == (
        "Rain",
        "focus",
        "ambient",
        "medium",
    )
    assert listen.parse_program(first["program"]).title == "Rain"
    renamed = (
        await site.http.put(
            f"/api/presets/{first['id']}", headers=headers, json={"title": "Night", "minutes": 20}
        )
    ).json()["data"]
    assert renamed == {
        **first,
        "title": "Night",
        "minutes": 20,
        "program": {**first["program"], "title": "Night"},
    }
    order = {"ids": [second["id"], first["id"]]}
    ordered = (await site.http.put("/api/presets", headers=headers, json=order)).json()["data"]
    assert ordered == {"own": [second, renamed]}
    await site.http.put(f"/api/favourites/{second['id']}", headers=headers)
    await site.http.put("/api/favourites/sleep", headers=headers)
    deleted = await site.http.delete(f"/api/presets/{second['id']}", headers=headers)
    assert (deleted.status_code, deleted.json()) == (200, {"ok": True, "data": {}})
    library = await site.get("/api/library", headers)
    assert library == {"own": [renamed], "favourites": ["sleep"], "resume": None}
    await site.http.delete("/api/favourites/sleep", headers=headers)
    assert (await site.get("/api/library", headers))["favourites"] == []


async def test_what_a_session_came_to_sound_like_can_be_kept(site: Site) -> None:
    headers = await site.guest()
    async with site.listener(headers) as client:
        stream = await client.open(preset="focus", duration_s=60)
        await until(lambda: stream.ring.is_playing)
        await client.set(stream, **{"am.depth": 75.0})
        await client.transport(stream, "stop")
        await until(lambda: stream.ended is not None)
    made = await create(site, headers, program=None, session=stream.ready.session)
    assert (made["title"], made["effect"]) == ("Rainy work", "high")
    assert made["program"]["modulation"]["depth"] == 75
    assert made["program"]["modulation"]["rate_hz"] == [[0, 10, "linear"], [120, 16, "linear"]]


async def test_one_can_go_on_where_one_was(site: Site) -> None:
    headers = await site.guest()
    (session,) = await listen_and_stop(site, headers)
    resume = (await site.get("/api/library", headers))["resume"]
    assert (resume["session"], resume["preset"], resume["planned_s"]) == (session, "relax", 60)
    assert resume["left_s"] == pytest.approx(60 - resume["heard_s"])
    assert resume["ended_at"] > resume["started_at"]
    async with site.listener(headers) as client:
        stream = await client.open(preset="focus", duration_s=60)
        resume = (await site.get("/api/library", headers))["resume"]
        assert (resume["session"], resume["ended_at"]) == (stream.ready.session, None)


async def test_a_program_from_a_link_is_checked_for_anybody(site: Site) -> None:
    answer = await site.http.post("/api/programs/check", json={"program": PROGRAM})
    data = answer.json()["data"]
    assert data["program"] == listen.parse_program(PROGRAM).to_json()
    assert (data["genre"], data["effect"]) == ("ambient", "medium")
    assert data["cost"] == listen.program_cost(listen.parse_program(PROGRAM))


@pytest.mark.req("S0-48")
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 61}, "title"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 721}, "minutes"),
        ({"program": None}, None),
        ({"session": str(uuid.uuid4())}, None),
        ({"program": {**PROGRAM, "mode": "party"}}, "program.mode"),
        ({"program": {**PROGRAM, "layers": {}}}, "program.layers"),
        ({"place": 1}, "place"),
    ],
)
async def test_a_wrong_preset_is_refused_by_name(
    site: Site, fields: dict[str, Any], field: str | None
) -> None:
    headers = await site.guest()
    answer = await site.http.post("/api/presets", headers=headers, json={**NEW, **fields})
    assert (answer.status_code, answer.json().get("field")) == (400, field)
    assert (await site.get("/api/library", headers))["own"] == []


@pytest.mark.req("S0-57")
async def test_the_preset_of_another_is_not_there(site: Site) -> None:
    made, stranger = await create(site, await site.guest()), await site.guest()
    (session,) = await listen_and_stop(site, await site.guest())
    name = {"title": "Mine", "minutes": 1}
    for method, path, body in (
        ("PUT", f"/api/presets/{made['id']}", name),
        ("DELETE", f"/api/presets/{made['id']}", None),
        ("PUT", f"/api/favourites/{made['id']}", None),
        ("POST", "/api/presets", {**name, "session": session}),
    ):
        answer = await site.http.request(method, path, headers=stranger, json=body)
        assert (method, path, answer.status_code) == (method, path, 404)
