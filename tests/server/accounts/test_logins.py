from __future__ import annotations

import asyncio
import dataclasses
import uuid
from typing import TYPE_CHECKING

import pyotp
import pytest
from argon2 import PasswordHasher

from server.accounts import logins, two_factor
from server.accounts.credentials import Refresh
from server.accounts.errors import SecondFactorNeeded, SignedOut, Suspended, WrongCredentials
from server.accounts.hooks import Claimed, Hooks
from server.accounts.logins import Attempt, log_in, refresh
from server.accounts.store import insert_principal
from server.kit.errors import NotFound, RateLimited
from server.kit.principal import Principal
from tests.server.accounts.bureau import HERE, PASSWORD

if TYPE_CHECKING:
    from server.kit.db import Connection
    from tests.server.accounts.bureau import Bureau

RIGHT = Attempt("jo@example.org", PASSWORD, None)


@pytest.mark.req("S0-15", "S1-56", "S1-60", "S1-72", "S4-02")
async def test_the_right_password_opens_and_a_wrong_one_leaves_a_trace(bureau: Bureau) -> None:
    await bureau.newcomer()
    logged_in = await log_in(bureau.accounts, RIGHT, None, HERE)
    assert (logged_in.user.email, logged_in.generation, logged_in.principal.plan) == (
        "jo@example.org",
        1,
        "pro",
    )
    assert logged_in.principal.proof == logged_in.login
    with pytest.raises(WrongCredentials):
        await log_in(bureau.accounts, Attempt("jo@example.org", "something else", None), None, HERE)
    with pytest.raises(WrongCredentials):
        await log_in(bureau.accounts, Attempt("nobody@example.org", PASSWORD, None), None, HERE)
    assert (await bureau.trail())[-3:] == ["auth.logged_in", "auth.login_failed", "auth.login_failed"]
    (row,) = await bureau.ask("SELECT address, agent, request_id FROM audit_logs ORDER BY id DESC LIMIT 1")
    assert dict(row) == {"address": HERE.address, "agent": HERE.agent, "request_id": HERE.request_id}


@pytest.mark.req("S0-13", "S1-31", "S1-55", "S4-74")
async def test_an_account_that_is_tried_too_often_rests(bureau: Bureau) -> None:
    await bureau.newcomer()
    wrong = Attempt("jo@example.org", "something else", None)
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            await log_in(bureau.accounts, wrong, None, HERE)
    with pytest.raises(RateLimited) as refused:
        await log_in(bureau.accounts, RIGHT, None, HERE)
    assert refused.value.retry_after_s


async def test_a_password_that_was_hashed_with_less_is_hashed_again(bureau: Bureau) -> None:
    await bureau.newcomer()
    weaker = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    await bureau.ask("UPDATE credentials SET password_hash = $1", weaker)
    await log_in(bureau.accounts, RIGHT, None, HERE)
    (row,) = await bureau.ask("SELECT password_hash FROM credentials")
    assert not bureau.accounts.passwords.needs_rehash(row["password_hash"])


async def test_who_is_suspended_stays_outside(bureau: Bureau) -> None:
    made = await bureau.newcomer()
    await bureau.ask("UPDATE users SET suspended_at = now()")
    with pytest.raises(Suspended):
        await log_in(bureau.accounts, RIGHT, None, HERE)
    with pytest.raises(Suspended):
        await refresh(bureau.accounts, Refresh(made.login, 1), HERE)


async def test_a_second_factor_is_asked_for_and_each_code_is_good_once(bureau: Bureau) -> None:
    made = await bureau.newcomer()
    secret, _ = await two_factor.begin(bureau.accounts, made.user.id, PASSWORD)
    codes = pyotp.TOTP(secret)
    recovery = await two_factor.confirm(
        bureau.accounts, made.user.id, codes.at(int(bureau.clock.now())), HERE
    )
    with pytest.raises(SecondFactorNeeded):
        await log_in(bureau.accounts, RIGHT, None, HERE)
    with pytest.raises(WrongCredentials):
        await log_in(bureau.accounts, dataclasses.replace(RIGHT, code="000000"), None, HERE)
    bureau.clock.advance(60)
    with_code = dataclasses.replace(RIGHT, code=codes.at(int(bureau.clock.now())))
    assert (await log_in(bureau.accounts, with_code, None, HERE)).generation == 1
    with pytest.raises(WrongCredentials):
        await log_in(bureau.accounts, with_code, None, HERE)
    lost = dataclasses.replace(RIGHT, code=recovery[0].upper())
    await log_in(bureau.accounts, lost, None, HERE)
    with pytest.raises(WrongCredentials):
        await log_in(bureau.accounts, lost, None, HERE)


async def test_what_a_guest_made_moves_over(bureau: Bureau) -> None:
    made = await bureau.newcomer()
    claimed: list[Claimed] = []

    async def claim(_: Connection, event: Claimed) -> None:
        claimed.append(event)

    accounts = dataclasses.replace(bureau.accounts, hooks=Hooks(on_guest_claimed=(claim,)))
    guest = Principal(uuid.uuid4(), "guest", "guest", bureau.clock.now() + 60)
    await log_in(accounts, RIGHT, guest, HERE)
    assert claimed == []  # a guest of whom nothing was kept
    async with accounts.database.transaction() as conn:
        await insert_principal(conn, guest)
    await log_in(accounts, RIGHT, guest, HERE)
    assert claimed == [Claimed(guest.id, made.user.id)]


async def test_a_hook_that_fails_takes_the_login_back(bureau: Bureau) -> None:
    await bureau.newcomer()

    async def fail(_conn: Connection, _event: Claimed) -> None:
        raise ZeroDivisionError

    accounts = dataclasses.replace(bureau.accounts, hooks=Hooks(on_guest_claimed=(fail,)))
    guest = Principal(uuid.uuid4(), "guest", "guest", bureau.clock.now() + 60)
    async with accounts.database.transaction() as conn:
        await insert_principal(conn, guest)
    with pytest.raises(ZeroDivisionError):
        await log_in(accounts, RIGHT, guest, HERE)
    assert len(await bureau.ask("SELECT FROM login_sessions")) == 1


@pytest.mark.req("S0-16", "S2-50", "S2-56")
async def test_each_refresh_is_another_token_of_the_same_login(bureau: Bureau) -> None:
    made = await bureau.newcomer()
    second = await refresh(bureau.accounts, Refresh(made.login, 1), HERE)
    third = await refresh(bureau.accounts, Refresh(made.login, 2), HERE)
    assert [second.generation, third.generation] == [2, 3]
    assert second.login == third.login == made.login


async def test_the_token_before_leads_to_the_same_successor_for_half_a_minute(bureau: Bureau) -> None:
    made = await bureau.newcomer()
    many = await asyncio.gather(*(refresh(bureau.accounts, Refresh(made.login, 1), HERE) for _ in range(20)))
    assert {one.generation for one in many} == {2}
    bureau.clock.advance(30)
    assert (await refresh(bureau.accounts, Refresh(made.login, 1), HERE)).generation == 2
    assert bureau.ended == []


async def test_a_token_that_was_replaced_long_ago_ends_its_login(bureau: Bureau) -> None:
    made = await bureau.newcomer()
    other = await log_in(bureau.accounts, RIGHT, None, HERE)
    await refresh(bureau.accounts, Refresh(made.login, 1), HERE)
    bureau.clock.advance(31)
    with pytest.raises(SignedOut):
        await refresh(bureau.accounts, Refresh(made.login, 1), HERE)
    assert bureau.ended == [made.login]
    assert await bureau.accounts.has_ended(made.login)
    with pytest.raises(SignedOut):
        await refresh(bureau.accounts, Refresh(made.login, 2), HERE)
    assert (await refresh(bureau.accounts, Refresh(other.login, 1), HERE)).generation == 2
    assert "auth.refresh_reused" in await bureau.trail()
    assert (await bureau.letters())[-1]["subject"] == "We logged one of your devices out"


async def test_a_login_ends_after_thirty_days_without_use(bureau: Bureau) -> None:
    made = await bureau.newcomer()
    bureau.clock.advance(29 * 86_400)
    await refresh(bureau.accounts, Refresh(made.login, 1), HERE)
    bureau.clock.advance(30 * 86_400)
    with pytest.raises(SignedOut):
        await refresh(bureau.accounts, Refresh(made.login, 2), HERE)


@pytest.mark.parametrize("token", [None, Refresh(uuid.uuid4(), 1)])
async def test_no_login_cannot_go_on(bureau: Bureau, token: Refresh | None) -> None:
    with pytest.raises(SignedOut):
        await refresh(bureau.accounts, token, HERE)
    await logins.log_out_by_cookie(bureau.accounts, token, HERE)
    assert bureau.ended == []


@pytest.mark.req("S1-12", "S4-03")
async def test_logging_out_ends_this_login_and_no_other(bureau: Bureau) -> None:
    made = await bureau.newcomer()
    other = await log_in(bureau.accounts, RIGHT, None, HERE)
    await logins.log_out(bureau.accounts, made.user.id, made.login, HERE)
    assert [one.id for one in await logins.list_logins(bureau.accounts, made.user.id)] == [other.login]
    with pytest.raises(SignedOut):
        await refresh(bureau.accounts, Refresh(made.login, 1), HERE)
    await logins.log_out_by_cookie(bureau.accounts, Refresh(other.login, 1), HERE)
    assert bureau.ended == [made.login, other.login]


async def test_one_ends_another_of_ones_own_logins_only(bureau: Bureau) -> None:
    made = await bureau.newcomer()
    other = await bureau.newcomer("ann@example.org")
    with pytest.raises(NotFound):
        await logins.revoke(bureau.accounts, made.user.id, other.login, HERE)
    phone = await log_in(bureau.accounts, RIGHT, None, HERE)
    await logins.revoke(bureau.accounts, made.user.id, phone.login, HERE)
    assert bureau.ended == [phone.login]
    for _ in range(2):
        await log_in(bureau.accounts, RIGHT, None, HERE)
    assert await logins.revoke_others(bureau.accounts, made.user.id, made.login, HERE) == 2
    assert [one.id for one in await logins.list_logins(bureau.accounts, made.user.id)] == [made.login]
