from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.site import PASSWORD

if TYPE_CHECKING:
    from tests.api.site import Site

ANOTHER = "a boat behind the lighthouse"
PROFILE = {
    "name": "Jo",
    "zone": "Europe/Berlin",
    "artist_name": "Harbour",
    "bio": "Lamps.",
    "website": "https://jo.example",
    "country": "DE",
    "language": "de",
}


@pytest.mark.req("S1-13", "S4-05", "S4-06", "S4-81")
async def test_a_profile_is_what_its_owner_says(site: Site) -> None:
    headers = await site.newcomer()
    answer = await site.http.put("/api/auth/profile", json=PROFILE, headers=headers)
    assert answer.status_code == 200, answer.text
    me = await site.get("/api/auth/me", headers)
    assert {name: me[name] for name in PROFILE} == PROFILE
    for name, value in (("zone", "Moon/Crater"), ("website", "javascript:alert(1)"), ("country", "Germany")):
        refused = await site.http.put("/api/auth/profile", json={**PROFILE, name: value}, headers=headers)
        assert (refused.status_code, refused.json()["field"]) == (400, name)


async def test_a_guest_has_no_account_to_change(site: Site) -> None:
    headers = await site.guest()
    for method, path in (
        ("PUT", "/api/auth/profile"),
        ("GET", "/api/auth/sessions"),
        ("DELETE", "/api/account"),
    ):
        assert (await site.http.request(method, path, headers=headers)).status_code == 403
    assert (await site.get("/api/auth/me", headers))["kind"] == "guest"


async def test_a_password_is_changed_and_set_anew(site: Site) -> None:
    headers = await site.newcomer()
    change = {"current_password": PASSWORD, "new_password": ANOTHER}
    assert (
        await site.http.post("/api/auth/change-password", json=change, headers=headers)
    ).status_code == 200
    again = await site.http.post("/api/auth/change-password", json=change, headers=headers)
    assert again.json()["code"] == "wrong_credentials"
    answers = [
        (await site.http.post("/api/auth/request-password-reset", json={"email": email}))
        for email in ("jo@example.org", "nobody@example.org")
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    odd = {"token": "nothing", "new_password": PASSWORD}
    assert (await site.http.post("/api/auth/reset-password", json=odd)).json()["code"] == "bad_token"


async def test_an_address_is_confirmed_by_form_or_by_link(site: Site) -> None:
    await site.verified()
    await site.newcomer("ann@example.org")
    link = await site.link("verify")
    assert (await site.http.get(f"/api/auth/verify-email/{link}")).status_code == 200
    assert (await site.http.get(f"/api/auth/verify-email/{link}")).json()["code"] == "bad_token"
    rows = await site.ask("SELECT verified_at FROM users")
    assert all(row["verified_at"] for row in rows)


async def test_the_mail_can_be_sent_again(site: Site) -> None:
    headers = await site.newcomer()
    assert (await site.http.post("/api/auth/resend-verification", headers=headers)).status_code == 202
    assert len(await site.ask("SELECT FROM letters")) == 2


async def test_a_key_opens_what_it_says_and_nothing_else(site: Site) -> None:
    headers = await site.newcomer()
    wish = {"name": "my script", "scopes": ["listen"]}
    refused = await site.http.post("/api/auth/api-keys", json=wish, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "email_not_verified")
    await site.http.post("/api/auth/verify-email", json={"token": await site.link("verify")})
    made = (await site.http.post("/api/auth/api-keys", json=wish, headers=headers)).json()["data"]
    key = {"Authorization": f"Bearer {made['key']}"}
    assert (await site.http.get("/api/library", headers=key)).status_code == 200
    async with site.listener(key) as client:
        await client.open(preset="focus", duration_s=60)
        for path in ("/api/auth/me", "/api/auth/sessions", "/api/auth/api-keys", "/api/account/export"):
            assert (await site.http.get(path, headers=key)).status_code == 403, path
        listed = (await site.get("/api/auth/api-keys", headers))["keys"]
        assert [(one["name"], one["scopes"]) for one in listed] == [("my script", ["listen"])]
        assert "key" not in listed[0]
        gone = await site.http.delete(f"/api/auth/api-keys/{made['id']}", headers=headers)
        assert gone.status_code == 200
        assert await client.closed() == 4401
    assert (await site.http.get("/api/library", headers=key)).status_code == 401


async def test_the_second_factor_over_http(site: Site) -> None:
    headers = await site.newcomer()
    begun = await site.http.post("/api/auth/totp", json={"password": PASSWORD}, headers=headers)
    assert begun.status_code == 201
    assert begun.json()["data"]["uri"].startswith("otpauth://totp/Soundwell:")
    wrong = await site.http.post("/api/auth/totp/confirm", json={"code": "abc"}, headers=headers)
    assert wrong.json()["code"] == "wrong_credentials"
    gone = await site.http.post(
        "/api/auth/totp/remove", json={"password": PASSWORD, "code": ""}, headers=headers
    )
    assert gone.status_code == 200


async def test_one_takes_everything_along_and_goes(site: Site) -> None:
    headers = await site.newcomer()
    data = (await site.get("/api/account/export", headers))["data"]
    assert data["account"]["email"] == "jo@example.org"
    assert data["presets"] == []
    gone = await site.http.request("DELETE", "/api/account", json={"password": PASSWORD}, headers=headers)
    assert gone.status_code == 200
    assert (await site.http.get("/api/auth/me", headers=headers)).status_code == 401
    assert await site.ask("SELECT FROM users") == []
