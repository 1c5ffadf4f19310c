from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.peers.client import Client

if TYPE_CHECKING:
    from tests.api.site import Site

TICKET = "/api/auth/ws-ticket"


async def refused(site: Site, headers: dict[str, str]) -> tuple[int, str]:
    answer = await site.http.post(TICKET, headers=headers)
    return answer.status_code, answer.json()["code"]


async def test_a_program_becomes_a_guest(site: Site) -> None:
    answer = await site.http.post("/api/auth/guest")
    data: dict[str, Any] = answer.json()["data"]
    assert answer.status_code == 201
    assert data["expires_in_s"] == 30 * 86_400
    headers = {"Authorization": f"bearer {data['token']}"}
    assert (await site.http.post(TICKET, headers=headers)).status_code == 201
    assert (await site.http.post("/api/auth/guest")).json()["data"]["user_id"] != data["user_id"]


async def test_a_page_gets_a_ticket_that_opens_one_socket_from_its_origin(site: Site) -> None:
    headers = await site.visit()
    answer = await site.http.post(TICKET, headers=headers)
    data = answer.json()["data"]
    assert (answer.status_code, data["expires_in_s"]) == (201, 30)
    first = Client(site.socket_url, origin=site.origin)
    welcome = await first.connect(data["ticket"])
    assert (welcome.user["plan"], welcome.user["trial_ends"]) == ("guest", None)
    assert welcome.user["allowance"]["left_s"] == site.settings.free_listening_s  # type: ignore[index]  # a map
    await first.drop()
    second = Client(site.socket_url, origin=site.origin)
    with pytest.raises(ConnectionError, match="4401"):
        await second.connect(data["ticket"])
    await second.drop()


async def test_a_ticket_of_the_page_opens_nothing_for_a_program(site: Site) -> None:
    answer = await site.http.post(TICKET, headers=await site.visit())
    stolen = Client(site.socket_url, origin=None)
    with pytest.raises(ConnectionError, match="4401"):
        await stolen.connect(answer.json()["data"]["ticket"])
    await stolen.drop()


async def test_a_cookie_alone_gets_no_ticket(site: Site) -> None:
    assert await refused(site, {}) == (401, "unauthenticated")
    headers = await site.visit()
    assert await refused(site, {"Origin": site.origin}) == (403, "csrf_failed")
    assert await refused(site, {**headers, "X-CSRF-Token": "x"}) == (403, "csrf_failed")
    assert await refused(site, {**headers, "Sec-Fetch-Site": "cross-site"}) == (403, "csrf_failed")
    assert await refused(site, {**headers, "Origin": "null"}) == (403, "forbidden")
    assert await refused(site, {**headers, "Origin": "https://evil.example"}) == (403, "forbidden")
    del headers["Origin"]
    assert await refused(site, headers) == (403, "forbidden")


@pytest.mark.parametrize("token", ["", "x", "Bearer", "Bearer x.y.z", "Basic eDp5"])
async def test_a_wrong_bearer_is_nobody_even_beside_a_good_cookie(site: Site, token: str) -> None:
    headers = await site.visit()
    assert await refused(site, {**headers, "Authorization": token}) == (401, "unauthenticated")


async def test_a_guest_is_a_row_only_when_something_is_kept(site: Site) -> None:
    headers = await site.guest()
    async with site.listener(headers) as client:
        assert await count_principals(site) == 0
        await client.open(preset="focus", duration_s=60)
        assert await count_principals(site) == 1


async def count_principals(site: Site) -> int:
    return len(await site.ask("SELECT FROM principals"))
