from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from tests.api.site import PASSWORD

if TYPE_CHECKING:
    from tests.api.site import Site

NOISE = {"kind": "noise", "color": "pink", "level": 50}
JO = {"email": "jo@example.org", "password": PASSWORD}


async def make(site: Site, headers: dict[str, str], title: str) -> None:
    """A preset, a favourite, and a listening."""
    program = {"v": 1, "title": "x", "mode": "focus", "layers": {"n": NOISE}}
    preset = {"title": title, "minutes": 25, "program": program}
    made = await site.http.post("/api/presets", json=preset, headers=headers)
    assert made.status_code == 201, made.text
    assert (await site.http.put("/api/favourites/focus", headers=headers)).status_code < 300
    async with site.listener(headers) as client:
        await client.open(preset="focus", duration_s=60)


async def test_what_a_guest_made_is_the_users_who_logs_in(site: Site) -> None:
    user = await site.newcomer()
    await make(site, user, "Mine")
    guest = await site.guest()
    await make(site, guest, "Found")
    answer = await site.http.post("/api/auth/login", json=JO, headers=guest)
    bearer = {"Authorization": f"Bearer {answer.json()['data']['access_token']}"}
    library = await site.get("/api/library", bearer)
    assert [one["title"] for one in library["own"]] == ["Mine", "Found"]
    assert library["favourites"] == ["focus"]
    owner = uuid.UUID(answer.json()["data"]["user_id"])
    assert len(await site.ask("SELECT FROM listening_sessions WHERE principal_id = $1", owner)) == 2
    left = await site.get("/api/library", guest)
    assert (left["own"], left["favourites"]) == ([], [])


async def test_it_comes_along_and_it_goes(site: Site) -> None:
    user = await site.newcomer()
    await make(site, user, "Mine")
    data = (await site.get("/api/account/export", user))["data"]
    assert [one["title"] for one in data["presets"]] == ["Mine"]
    assert data["favourites"] == ["focus"]
    assert data["listenings"][0]["mode"] == "focus"
    gone = await site.http.request("DELETE", "/api/account", json={"password": PASSWORD}, headers=user)
    assert gone.status_code == 200, gone.text
    for table in ("presets", "favourites", "listening_sessions", "usage_daily"):
        assert await site.ask(f"SELECT FROM {table}") == [], table
