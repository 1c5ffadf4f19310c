from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.accounts import recovery
from server.accounts.credentials import Refresh
from server.accounts.errors import BadToken, SignedOut, WeakPassword, WrongCredentials
from server.accounts.logins import Attempt, log_in, refresh
from server.kit.errors import RateLimited
from server.kit.jobs import Work
from tests.server.accounts.bureau import HERE, PASSWORD

if TYPE_CHECKING:
    from server.kit.settings import Settings
    from tests.server.accounts.bureau import Bureau

ANOTHER = "a boat behind the lighthouse"


async def send(bureau: Bureau, settings: Settings, email_key: str) -> None:
    """What the worker does with the job."""
    accounts = bureau.accounts
    work = Work(settings, accounts.database, accounts.bus, bureau.clock)
    payload = {"email_key": email_key, "page_url": accounts.page_url, "address": HERE.address}
    await recovery.send_reset(work, payload)


@pytest.mark.req("S4-07", "S4-86")
async def test_a_changed_password_ends_the_other_logins(bureau: Bureau) -> None:
    made = await bureau.newcomer()
    phone = await log_in(bureau.accounts, Attempt("jo@example.org", PASSWORD, None), None, HERE)
    await recovery.change_password(bureau.accounts, made.user.id, made.login, PASSWORD, ANOTHER, HERE)
    assert bureau.ended == [phone.login]
    assert (await refresh(bureau.accounts, Refresh(made.login, 1), HERE)).generation == 2
    await log_in(bureau.accounts, Attempt("jo@example.org", ANOTHER, None), None, HERE)
    with pytest.raises(WrongCredentials):
        await log_in(bureau.accounts, Attempt("jo@example.org", PASSWORD, None), None, HERE)
    assert (await bureau.letters())[-1]["subject"] == "Your password was changed"


async def test_it_takes_the_old_password_and_a_good_new_one(bureau: Bureau) -> None:
    made = await bureau.newcomer()
    for old, new, refusal in ((ANOTHER, ANOTHER, WrongCredentials), (PASSWORD, "password1", WeakPassword)):
        with pytest.raises(refusal):
            await recovery.change_password(bureau.accounts, made.user.id, made.login, old, new, HERE)
    await log_in(bureau.accounts, Attempt("jo@example.org", PASSWORD, None), None, HERE)


@pytest.mark.req("S4-08", "S4-09", "S4-75")
async def test_a_link_sets_a_new_password_once_and_ends_every_login(
    bureau: Bureau, settings: Settings
) -> None:
    made = await bureau.newcomer()
    await send(bureau, settings, "jo@example.org")
    link = await bureau.link("reset")
    with pytest.raises(WeakPassword):
        await recovery.reset_password(bureau.accounts, link, "password1", HERE)
    await recovery.reset_password(bureau.accounts, link, ANOTHER, HERE)
    assert bureau.ended == [made.login]
    with pytest.raises(SignedOut):
        await refresh(bureau.accounts, Refresh(made.login, 1), HERE)
    logged_in = await log_in(bureau.accounts, Attempt("jo@example.org", ANOTHER, None), None, HERE)
    assert logged_in.user.verified_at is not None
    with pytest.raises(BadToken):
        await recovery.reset_password(bureau.accounts, link, PASSWORD, HERE)


async def test_a_link_is_good_for_an_hour(bureau: Bureau, settings: Settings) -> None:
    await bureau.newcomer()
    await send(bureau, settings, "jo@example.org")
    bureau.clock.advance(3600)
    with pytest.raises(BadToken):
        await recovery.reset_password(bureau.accounts, await bureau.link("reset"), ANOTHER, HERE)


async def test_who_has_no_account_gets_the_same_answer_and_no_mail(
    bureau: Bureau, settings: Settings
) -> None:
    for _ in range(3):
        await recovery.request_reset(bureau.accounts, "nobody@example.org", HERE)
    with pytest.raises(RateLimited):
        await recovery.request_reset(bureau.accounts, "nobody@example.org", HERE)
    assert len(await bureau.ask("SELECT FROM pgqueuer")) == 3
    await send(bureau, settings, "nobody@example.org")
    assert await bureau.letters() == []
