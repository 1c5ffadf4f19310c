"""The second factor: codes of an authenticator (TOTP, RFC 6238), and recovery codes for when it is lost."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Final

import pyotp

from server.accounts import limits, login_store
from server.accounts.credentials import digest
from server.accounts.errors import WrongCredentials
from server.accounts.service import user_of
from server.kit import audit
from server.kit.errors import Conflict

if TYPE_CHECKING:
    from uuid import UUID

    from server.accounts.login_store import CredentialRow
    from server.accounts.service import Accounts
    from server.kit.audit import Origin
    from server.kit.db import Connection

ISSUER: Final = "Soundwell"
STEP_S: Final = 30
DIGITS: Final = 6
DRIFT: Final = (-1, 0, 1)
"""Steps by which the clocks may differ (RFC 6238 §5.2)."""
RECOVERY_CODES: Final = 10


async def is_right(conn: Connection, kept: CredentialRow, code: str, now_s: float) -> bool:
    """Take a code of the authenticator, or a recovery code; each is good once."""
    given = code.replace(" ", "").replace("-", "").casefold()
    if len(given) != DIGITS or not given.isdecimal():
        return await login_store.use_recovery_code(conn, kept.user_id, digest(given))
    step = _step_of(kept.totp_secret or "", given, now_s)
    return step is not None and await login_store.use_totp_step(conn, kept.user_id, step)


async def begin(accounts: Accounts, user_id: UUID, password: str) -> tuple[str, str]:
    """A secret for the authenticator, and its address for a QR code; asked for only once confirmed."""
    await prove(accounts, user_id, password)
    async with accounts.database.transaction() as conn:
        user = await user_of(conn, user_id)
        kept = await login_store.credentials_of(conn, user_id)
        if kept.totp_since is not None:
            raise Conflict("There is a second factor already. Remove it first.")
        secret = pyotp.random_base32()
        await login_store.set_totp(conn, user_id, secret)
    return secret, pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)


async def confirm(accounts: Accounts, user_id: UUID, code: str, origin: Origin) -> list[str]:
    """The authenticator shows the right code: it is asked for from now on. Returns recovery codes."""
    await accounts.count(limits.CODE_ACCOUNT, str(user_id))
    codes = [secrets.token_hex(5) for _ in range(RECOVERY_CODES)]
    async with accounts.database.transaction() as conn:
        kept = await login_store.credentials_of(conn, user_id)
        if kept.totp_secret is None or kept.totp_since is not None:
            raise Conflict("There is no second factor to confirm.")
        step = _step_of(kept.totp_secret, code.replace(" ", ""), accounts.clock.now())
        if step is None or not await login_store.use_totp_step(conn, user_id, step):
            raise WrongCredentials(field="code")
        await login_store.confirm_totp(conn, user_id, [digest(one) for one in codes])
        await audit.record(
            conn, "auth.second_factor_added", "security", origin, principal_id=user_id, severity="notice"
        )
    return codes


async def remove(accounts: Accounts, user_id: UUID, password: str, code: str, origin: Origin) -> None:
    """No code is asked for any more; takes the password and a code."""
    await accounts.count(limits.CODE_ACCOUNT, str(user_id))
    await prove(accounts, user_id, password)
    async with accounts.database.transaction() as conn:
        kept = await login_store.credentials_of(conn, user_id)
        if kept.totp_since is not None and not await is_right(conn, kept, code, accounts.clock.now()):
            raise WrongCredentials(field="code")
        await login_store.set_totp(conn, user_id, None)
        await audit.record(
            conn, "auth.second_factor_removed", "security", origin, principal_id=user_id, severity="warning"
        )


async def prove(accounts: Accounts, user_id: UUID, password: str) -> None:
    """Ask for the password once more; before a transaction, for comparing takes long."""
    await accounts.count(limits.PROOF_USER, str(user_id))
    async with accounts.database.connection() as conn:
        kept = await login_store.credentials_of(conn, user_id)
    if not await accounts.passwords.is_right(kept.password_hash, password):
        raise WrongCredentials("The password is not right.", field="password")


def _step_of(secret: str, code: str, now_s: float) -> int | None:
    """The step whose code it is, near now; every step is compared, so that time tells nothing."""
    codes = pyotp.TOTP(secret)
    now = int(now_s // STEP_S)
    matching = [now + drift for drift in DRIFT if hmac.compare_digest(codes.generate_otp(now + drift), code)]
    return max(matching, default=None)
