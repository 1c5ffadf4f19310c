from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

import pytest

from server.accounts import api_keys
from server.accounts.errors import NotVerified
from server.accounts.registration import verify
from server.kit.errors import LimitReached, NotFound
from tests.peers.client import Client
from tests.server.accounts.bureau import HERE

if TYPE_CHECKING:
    from server.kit.principal import Principal
    from tests.api.site import Site
    from tests.server.accounts.bureau import Bureau


async def owner(bureau: Bureau) -> Principal:
    made = await bureau.newcomer()
    await verify(bureau.accounts, await bureau.link("verify"), HERE)
    return made.principal


async def test_a_key_stands_for_its_owner_and_may_do_what_it_says(bureau: Bureau) -> None:
    caller = await owner(bureau)
    key, row = await api_keys.make(bureau.accounts, caller, "my script", ["listen"], None, HERE)
    assert key.startswith("swk_")
    found = await api_keys.principal_of_key(bureau.accounts, key)
    assert found is not None
    assert (found.id, found.proof, found.plan) == (caller.id, row.id, "pro")
    assert (found.may("listen"), found.may("tokens"), found.may(None)) == (True, False, False)
    assert (await api_keys.list_keys(bureau.accounts, caller.id))[0].used_at is not None
    assert key.encode() not in bytes((await bureau.ask("SELECT hash FROM api_keys"))[0]["hash"])


async def test_it_takes_a_confirmed_address(bureau: Bureau) -> None:
    made = await bureau.newcomer()
    with pytest.raises(NotVerified):
        await api_keys.make(bureau.accounts, made.principal, "mine", ["listen"], None, HERE)


async def test_a_key_ends_by_its_day_or_by_its_owner(bureau: Bureau) -> None:
    caller = await owner(bureau)
    short, _ = await api_keys.make(bureau.accounts, caller, "short", ["listen"], 1, HERE)
    key, row = await api_keys.make(bureau.accounts, caller, "long", ["listen"], None, HERE)
    bureau.clock.advance(86_400)
    assert await api_keys.principal_of_key(bureau.accounts, short) is None
    with pytest.raises(NotFound):
        await api_keys.delete(bureau.accounts, uuid.uuid4(), row.id, HERE)
    await api_keys.delete(bureau.accounts, caller.id, row.id, HERE)
    assert await api_keys.principal_of_key(bureau.accounts, key) is None
    assert bureau.ended == [row.id]
    assert await api_keys.principal_of_key(bureau.accounts, "swk_nothing") is None


async def test_a_suspended_owner_has_no_keys(bureau: Bureau) -> None:
    caller = await owner(bureau)
    key, _ = await api_keys.make(bureau.accounts, caller, "mine", ["listen"], None, HERE)
    await bureau.ask("UPDATE users SET suspended_at = now()")
    assert await api_keys.principal_of_key(bureau.accounts, key) is None


async def test_there_is_room_for_twenty(bureau: Bureau) -> None:
    caller = await owner(bureau)
    await bureau.ask(
        """INSERT INTO api_keys (id, user_id, name, hash, scopes, created_at)
           SELECT gen_random_uuid(), $1, 'k', decode(lpad(to_hex(n), 64, '0'), 'hex'), '{listen}', now()
           FROM generate_series(1, 20) AS n""",
        caller.id,
    )
    with pytest.raises(LimitReached):
        await api_keys.make(bureau.accounts, caller, "one more", ["listen"], None, HERE)


async def test_an_admins_key_is_an_admins_only_where_it_says_so(bureau: Bureau) -> None:
    caller = await owner(bureau)
    await bureau.ask("UPDATE users SET role = 'admin'")
    await bureau.ask("UPDATE credentials SET totp_since = now()")
    plain, _ = await api_keys.make(bureau.accounts, caller, "plain", ["listen"], None, HERE)
    strong, _ = await api_keys.make(bureau.accounts, caller, "strong", ["admin"], None, HERE)
    found = [await api_keys.principal_of_key(bureau.accounts, key) for key in (plain, strong)]
    assert [one is not None and one.is_admin for one in found] == [False, True]


async def test_a_socket_of_a_key_ends_with_the_key(site: Site) -> None:
    headers = await site.verified()
    wish = {"name": "short", "scopes": ["listen"], "days": 1}
    made = (await site.http.post("/api/auth/api-keys", json=wish, headers=headers)).json()["data"]
    await site.ask("UPDATE api_keys SET expires_at = now() + interval '1 hour'")
    client = Client(site.socket_url, origin=None)
    welcome = await client.connect(await site.ticket({"Authorization": f"Bearer {made['key']}"}))
    assert welcome.auth_until - time.time() < 3_601
    await client.drop()
