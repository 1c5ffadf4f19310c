from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from server.realtime import wire
from tests.api.site import PASSWORD, until

if TYPE_CHECKING:
    import httpx2

    from tests.api.site import Site

JO = {"email": "jo@example.org", "password": PASSWORD}


def set_cookies(answer: httpx2.Response) -> dict[str, str]:
    """Name and attributes of each cookie that an answer sets."""
    lines = answer.headers.get_list("set-cookie")
    return {line.partition("=")[0]: line for line in lines}


async def test_a_page_registers_and_its_script_never_sees_the_refresh_token(site: Site) -> None:
    headers = await site.visit()
    guest = (await site.get("/api/auth/me", headers))["user_id"]
    answer = await site.http.post("/api/auth/register", json=JO, headers=headers)
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["data"]["user_id"], body["user_id"]) == (201, guest, guest)
    cookies = set_cookies(answer)
    assert all(word in cookies["sw_refresh"] for word in ("HttpOnly", "Path=/api/auth", "SameSite=lax"))
    assert "HttpOnly" in cookies["sw_guest"]
    assert "HttpOnly" not in cookies["sw_csrf"]
    assert "refresh" not in answer.text
    bearer = {"Authorization": f"Bearer {body['data']['access_token']}"}
    me = await site.get("/api/auth/me", bearer)
    assert (me["kind"], me["email"], me["is_verified"]) == ("user", "jo@example.org", False)


async def test_a_former_guests_cookie_and_token_prove_nothing_any_more(site: Site) -> None:
    headers = await site.visit()
    former = site.http.cookies["sw_guest"]
    await site.http.post("/api/auth/register", json=JO, headers=headers)
    site.http.cookies.clear()
    site.http.cookies.set("sw_guest", former)
    assert (await site.http.get("/api/auth/me")).status_code == 401
    program = await site.guest()
    await site.http.post("/api/auth/register", json=JO | {"email": "ann@example.org"}, headers=program)
    assert (await site.http.get("/api/auth/me", headers=program)).json()["code"] == "signed_out"


@pytest.mark.req("S1-54", "S1-61", "S0-10", "S3-43")
async def test_logging_in_answers_as_json_and_as_a_form(site: Site) -> None:
    await site.newcomer()
    body = (await site.http.post("/api/auth/login", json=JO)).json()
    assert body["data"]["user"]["email"] == "jo@example.org"
    assert {"access_token", "token_type", "token", "user_id"} <= body.keys()
    form = {"grant_type": "password", "username": JO["email"], "password": PASSWORD}
    granted = await site.http.post("/login", data=form)
    assert granted.status_code == 200, granted.text
    assert set(granted.json()) == {"ok", "data", "access_token", "token_type"}
    assert granted.json()["token_type"] == "bearer"
    refused = await site.http.post("/api/auth/login", data=form | {"password": "something else"})
    assert (refused.status_code, refused.json()["code"]) == (401, "wrong_credentials")
    odd = await site.http.post("/api/auth/login", json={"email": "jo", "password": PASSWORD})
    assert (odd.status_code, odd.json()["field"]) == (400, "email")


async def test_an_unknown_address_and_a_wrong_password_look_the_same(site: Site) -> None:
    await site.newcomer()
    answers = [
        (await site.http.post("/api/auth/login", json={"email": email, "password": "something else"})).json()
        for email in ("jo@example.org", "nobody@example.org")
    ]
    for answer in answers:
        answer.pop("request_id")
    assert answers[0] == answers[1]


async def test_a_page_goes_on_with_its_cookie_and_only_a_page(site: Site) -> None:
    headers = await site.visit()
    await site.http.post("/api/auth/register", json=JO, headers=headers)
    assert (await site.http.post("/api/auth/refresh")).json()["code"] == "csrf_failed"
    first = site.http.cookies["sw_refresh"]
    answer = await site.http.post("/api/auth/refresh", headers=site.page_headers())
    assert answer.json()["data"]["user"]["email"] == "jo@example.org"
    assert site.http.cookies["sw_refresh"] != first
    evil = {**site.page_headers(), "Sec-Fetch-Site": "cross-site"}
    assert (await site.http.post("/api/auth/refresh", headers=evil)).status_code == 403


async def test_twenty_tabs_that_refresh_at_once_stay_logged_in(site: Site) -> None:
    headers = await site.visit()
    await site.http.post("/api/auth/register", json=JO, headers=headers)
    page = site.page_headers()
    cookie = "; ".join(f"{name}={value}" for name, value in site.http.cookies.items())
    answers = await asyncio.gather(
        *(site.http.post("/api/auth/refresh", headers={**page, "Cookie": cookie}) for _ in range(20))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({set_cookies(answer)["sw_refresh"] for answer in answers}) == 1
    assert len(await site.ask("SELECT FROM login_sessions WHERE revoked_at IS NULL")) == 1


async def test_without_a_login_there_is_nothing_to_go_on_with(site: Site) -> None:
    headers = await site.visit()
    answer = await site.http.post("/api/auth/refresh", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")
    assert "Max-Age=0" in set_cookies(answer)["sw_refresh"]


@pytest.mark.req("S3-45", "S3-225")
async def test_logging_out_ends_tokens_and_sockets_at_once(site: Site) -> None:
    headers = await site.newcomer()
    async with site.listener(headers) as client:
        answer = await site.http.post("/api/auth/logout", headers=headers)
        assert answer.json()["message"] == "You are logged out."
        assert await client.closed() == 4401
    assert (await site.http.get("/api/auth/me", headers=headers)).json()["code"] == "signed_out"


async def test_a_page_whose_token_is_old_logs_out_by_its_cookie(site: Site) -> None:
    headers = await site.visit()
    await site.http.post("/api/auth/register", json=JO, headers=headers)
    assert (await site.http.post("/api/auth/logout", headers=site.page_headers())).status_code == 200
    assert await site.ask("SELECT FROM login_sessions WHERE revoked_at IS NULL") == []
    assert "sw_refresh" not in site.http.cookies


async def test_one_sees_and_ends_ones_devices(site: Site) -> None:
    await site.newcomer()
    body = (await site.http.post("/api/auth/login", json=JO, headers={"User-Agent": "a phone"})).json()
    phone = {"Authorization": f"Bearer {body['data']['access_token']}"}
    body = (await site.http.post("/api/auth/login", json=JO, headers={"User-Agent": "a desk"})).json()
    desk = {"Authorization": f"Bearer {body['data']['access_token']}"}
    devices = (await site.get("/api/auth/sessions", desk))["sessions"]
    assert [(one["device"], one["is_this"]) for one in devices][:2] == [("a desk", True), ("a phone", False)]
    gone = await site.http.delete(f"/api/auth/sessions/{devices[1]['id']}", headers=desk)
    assert gone.status_code == 200
    assert (await site.http.get("/api/auth/me", headers=phone)).status_code == 401
    again = await site.http.delete(f"/api/auth/sessions/{devices[1]['id']}", headers=desk)
    assert again.status_code == 404
    ended = await site.http.delete("/api/auth/sessions", headers=desk)
    assert ended.json()["data"] == {"count": 1}
    assert (await site.http.get("/api/auth/me", headers=desk)).status_code == 200


@pytest.mark.req("S0-17", "S1-10", "S3-36", "S3-37")
async def test_older_addresses_answer_as_their_callers_know_it(site: Site) -> None:
    body = (await site.http.post("/api/auth/signup", json=JO)).json()
    assert set(body) == {"ok", "data", "token", "user_id"}
    headers = {"Authorization": f"Bearer {body['token']}"}
    me = (await site.http.get("/api/auth/me", headers=headers)).json()
    assert (me["email"], me["user_id"], me["plan"]) == ("jo@example.org", body["user_id"], "trial")
    assert set((await site.http.get("/profile", headers=headers)).json()) == {"ok", "data"}


async def test_a_playing_guest_who_registers_is_heard_without_a_gap(site: Site) -> None:
    guest = await site.guest()
    async with site.listener(guest) as client:
        stream = await client.open(preset="focus", duration_s=60)
        answer = await site.http.post("/api/auth/register", json=JO, headers=guest)
        bearer = {"Authorization": f"Bearer {answer.json()['data']['access_token']}"}
        renewal = wire.AuthRenew(id=client.next_id(), ticket=await site.ticket(bearer))
        renewed = await client.ask(renewal)
        assert isinstance(renewed, wire.AuthRenewed)
        assert renewed.user["plan"] == "trial"
        await until(lambda: stream.ring.play > 2 * 48_000)
        assert stream.ring.underruns == 0
    (row,) = await site.ask("SELECT principal_id::text AS owner FROM listening_sessions")
    assert row["owner"] == answer.json()["data"]["user_id"]
