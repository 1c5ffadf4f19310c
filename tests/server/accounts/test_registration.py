from __future__ import annotations

import asyncio
import dataclasses
import uuid
from typing import TYPE_CHECKING

import pytest

from server.accounts import registration
from server.accounts.errors import BadToken, EmailTaken, WeakPassword
from server.accounts.hooks import Hooks, Registered
from server.accounts.registration import Newcomer, register, verify
from server.accounts.service import contact_of
from server.accounts.store import insert_principal, kind_of
from server.kit.errors import RateLimited
from server.kit.principal import Principal
from tests.server.accounts.bureau import HERE, PASSWORD

if TYPE_CHECKING:
    from server.kit.db import Connection
    from tests.server.accounts.bureau import Bureau


@pytest.mark.req("S1-49", "S1-50", "S1-51", "S1-52", "S4-01", "S4-04", "S2-15")
async def test_who_registers_is_logged_in_and_gets_one_mail(bureau: Bureau) -> None:
    made = await bureau.newcomer(" Jo@Example.org ")
    assert (made.user.email, made.user.name, made.user.zone) == ("Jo@Example.org", "Jo", "Europe/Berlin")
    assert made.user.verified_at is None
    (letter,) = await bureau.letters()
    assert letter["recipient"] == "Jo@Example.org"
    assert "https://sound.example/#verify/" in letter["text"]
    assert await bureau.trail() == ["account.registered", "auth.logged_in"]
    (event,) = await bureau.ask("SELECT type, data FROM events")
    assert (event["type"], event["data"]) == ("account.registered", {"email": "Jo@Example.org"})


async def test_a_guest_who_registers_stays_who_they_are(bureau: Bureau) -> None:
    guest = Principal(uuid.uuid4(), "guest", "guest", bureau.clock.now() + 60)
    async with bureau.accounts.database.transaction() as conn:
        await insert_principal(conn, guest)
    made = await bureau.newcomer(guest=guest)
    assert made.user.id == guest.id
    async with bureau.accounts.database.connection() as conn:
        assert await kind_of(conn, guest.id) == "user"


@pytest.mark.req("S1-47", "S1-53")
async def test_an_address_has_one_account_and_its_owner_hears_of_a_second_try(bureau: Bureau) -> None:
    made = await bureau.newcomer()
    with pytest.raises(EmailTaken):
        await bureau.newcomer("JO@example.org")
    assert (await bureau.letters())[-1]["subject"] == "You have an account already"
    assert (await bureau.trail())[-1] == "account.register_refused"
    assert [row["id"] for row in await bureau.ask("SELECT id FROM users")] == [made.user.id]


async def test_of_two_who_come_at_once_one_gets_the_address(bureau: Bureau) -> None:
    results = await asyncio.gather(*(bureau.newcomer() for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(one, EmailTaken) for one in results) == 2
    assert len(await bureau.ask("SELECT FROM users")) == 1


async def test_an_address_may_bring_five_in_an_hour(bureau: Bureau) -> None:
    for number in range(5):
        await bureau.newcomer(f"jo{number}@example.org")
    with pytest.raises(RateLimited):
        await bureau.newcomer("jo5@example.org")


async def test_a_weak_password_is_refused_before_anything_is_kept(bureau: Bureau) -> None:
    with pytest.raises(WeakPassword):
        await register(bureau.accounts, Newcomer("jo@example.org", "password1", "", "UTC"), None, HERE)
    assert await bureau.ask("SELECT FROM users") == []


async def test_hooks_are_called_in_order_and_one_that_fails_takes_all_back(bureau: Bureau) -> None:
    called: list[str] = []

    async def first(_: Connection, event: Registered) -> None:
        called.append(event.email)

    async def second(_conn: Connection, _event: Registered) -> None:
        called.append("second")
        raise ZeroDivisionError

    accounts = dataclasses.replace(bureau.accounts, hooks=Hooks(on_registered=(first, second)))
    with pytest.raises(ZeroDivisionError):
        await register(accounts, Newcomer("jo@example.org", PASSWORD, "", "UTC"), None, HERE)
    assert called == ["jo@example.org", "second"]
    for table in ("users", "principals", "letters", "login_sessions", "events", "audit_logs"):
        assert await bureau.ask(f"SELECT FROM {table}") == [], table


@pytest.mark.req("S4-10", "S4-87", "S2-17", "S2-31")
async def test_a_link_confirms_an_address_once(bureau: Bureau) -> None:
    made = await bureau.newcomer()
    link = await bureau.link("verify")
    assert await verify(bureau.accounts, link, HERE) == made.user.id
    async with bureau.accounts.database.connection() as conn:
        contact = await contact_of(conn, made.user.id)
    assert contact is not None
    assert contact.is_verified
    with pytest.raises(BadToken):
        await verify(bureau.accounts, link, HERE)


async def test_a_link_grows_old_and_a_new_one_replaces_it(bureau: Bureau) -> None:
    made = await bureau.newcomer()
    first = await bureau.link("verify")
    await registration.send_link_again(bureau.accounts, made.user.id)
    second = await bureau.link("verify")
    with pytest.raises(BadToken):
        await verify(bureau.accounts, first, HERE)
    bureau.clock.advance(2 * 86_400)
    with pytest.raises(BadToken):
        await verify(bureau.accounts, second, HERE)
    await registration.send_link_again(bureau.accounts, made.user.id)
    await verify(bureau.accounts, await bureau.link("verify"), HERE)
    count = len(await bureau.letters())
    await registration.send_link_again(bureau.accounts, made.user.id)
    assert len(await bureau.letters()) == count
    with pytest.raises(RateLimited):
        await registration.send_link_again(bureau.accounts, made.user.id)
