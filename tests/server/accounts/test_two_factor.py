from __future__ import annotations

from typing import TYPE_CHECKING

import pyotp
import pytest

from server.accounts import two_factor
from server.accounts.errors import WrongCredentials
from server.accounts.logins import Attempt, log_in
from server.kit.errors import Conflict
from tests.server.accounts.bureau import HERE, PASSWORD

if TYPE_CHECKING:
    from tests.server.accounts.bureau import Bureau


async def test_it_counts_only_once_a_code_was_right(bureau: Bureau) -> None:
    made = await bureau.newcomer()
    with pytest.raises(WrongCredentials):
        await two_factor.begin(bureau.accounts, made.user.id, "something else")
    with pytest.raises(Conflict):
        await two_factor.confirm(bureau.accounts, made.user.id, "123456", HERE)
    secret, uri = await two_factor.begin(bureau.accounts, made.user.id, PASSWORD)
    assert pyotp.parse_uri(uri).secret == secret
    assert "jo%40example.org" in uri
    now = int(bureau.clock.now())
    with pytest.raises(WrongCredentials):
        await two_factor.confirm(bureau.accounts, made.user.id, pyotp.TOTP(secret).at(now + 300), HERE)
    await log_in(bureau.accounts, Attempt("jo@example.org", PASSWORD, None), None, HERE)
    codes = await two_factor.confirm(bureau.accounts, made.user.id, pyotp.TOTP(secret).at(now), HERE)
    assert len(set(codes)) == 10
    with pytest.raises(Conflict):
        await two_factor.begin(bureau.accounts, made.user.id, PASSWORD)


@pytest.mark.parametrize(
    ("drift_s", "is_right"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
)
async def test_a_clock_may_be_half_a_minute_off(bureau: Bureau, drift_s: int, *, is_right: bool) -> None:
    made = await bureau.newcomer()
    secret, _ = await two_factor.begin(bureau.accounts, made.user.id, PASSWORD)
    code = pyotp.TOTP(secret).at(int(bureau.clock.now()) + drift_s)
    if is_right:
        assert await two_factor.confirm(bureau.accounts, made.user.id, code, HERE)
    else:
        with pytest.raises(WrongCredentials):
            await two_factor.confirm(bureau.accounts, made.user.id, code, HERE)


async def test_it_is_removed_with_password_and_code(bureau: Bureau) -> None:
    made = await bureau.newcomer()
    secret, _ = await two_factor.begin(bureau.accounts, made.user.id, PASSWORD)
    code = pyotp.TOTP(secret).at(int(bureau.clock.now()))
    codes = await two_factor.confirm(bureau.accounts, made.user.id, code, HERE)
    with pytest.raises(WrongCredentials):
        await two_factor.remove(bureau.accounts, made.user.id, PASSWORD, "000000", HERE)
    with pytest.raises(WrongCredentials):
        await two_factor.remove(bureau.accounts, made.user.id, "something else", codes[0], HERE)
    await two_factor.remove(bureau.accounts, made.user.id, PASSWORD, codes[0], HERE)
    await log_in(bureau.accounts, Attempt("jo@example.org", PASSWORD, None), None, HERE)
    assert await bureau.ask("SELECT FROM recovery_codes") == []
