"""HTTP of logins: register, log in, go on, log out, and which devices there are.

A page keeps its refresh token in a cookie that no script reads and the access token in memory.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from server.accounts import logins, registration
from server.accounts.credentials import ACCESS_S
from server.accounts.errors import (
    EmailTaken,
    SecondFactorNeeded,
    SignedOut,
    Suspended,
    WeakPassword,
    WrongCredentials,
)
from server.accounts.forms import LoginForm, Me, NewAccount, PasswordGrant, user_shown
from server.accounts.logins import LOGIN_FOR, Attempt
from server.accounts.registration import Newcomer, email_key
from server.accounts.routes import accounts_state
from server.kit.api import USER, Alias, Call, Model, Routes, check_csrf, is_csrf_safe
from server.kit.errors import CsrfFailed, NotFound, RateLimited
from server.kit.security import CSRF_COOKIE, GUEST_COOKIE, REFRESH_COOKIE, cookie, csrf_token

if TYPE_CHECKING:
    from server.accounts.credentials import Refresh
    from server.accounts.login_store import LoginRow
    from server.accounts.logins import LoggedIn
    from server.accounts.service import Accounts
    from server.kit.principal import Principal

REFRESH_PATH: Final = "/api/auth"
GUEST_COOKIE_S: Final = 180 * 86_400

routes = Routes("accounts")


class Session(Model):
    """A login: what a program sends from now on, and who it is."""

    access_token: str
    token_type: str
    expires_in_s: int
    token: str
    """The access token, by an older name."""
    user_id: str
    user: Me


class Device(Model):
    """A login as its owner sees it."""

    id: str
    is_this: bool
    device: str
    address: str
    since: float
    """Unix seconds."""
    used_at: float


class Devices(Model):
    """All that are logged in."""

    sessions: list[Device]


class Ended(Model):
    """How many logins were ended."""

    count: int


class Done(Model):
    """It was done."""

    message: str


@routes.post(
    "/api/auth/register",
    summary="Have an account; a guest keeps everything that is theirs",
    body=NewAccount,
    reply=Session,
    status=201,
    errors=(EmailTaken, WeakPassword, RateLimited, CsrfFailed),
    flat=("user_id",),
    aliases=(
        Alias("/api/auth/signup", ("token", "user_id")),
        Alias("/signup", ("user_id",)),
    ),
)
async def register(call: Call) -> Session:
    """The trial begins, without a card; a mail asks to confirm the address."""
    accounts, form = accounts_state(call)["accounts"], call.body
    newcomer = Newcomer(form.email, form.password, form.name, form.zone)
    logged_in = await registration.register(accounts, newcomer, _guest(call), call.origin)
    return _begun(call, accounts, logged_in)


@routes.post(
    "/api/auth/login",
    summary="Log in",
    body=LoginForm,
    form=PasswordGrant,
    reply=Session,
    errors=(WrongCredentials, SecondFactorNeeded, Suspended, RateLimited, CsrfFailed),
    flat=("access_token", "token_type", "token", "user_id"),
    aliases=(Alias("/login", ("access_token", "token_type")),),
)
async def login(call: Call) -> Session:
    """With a second factor the code comes along, or a recovery code."""
    accounts, form = accounts_state(call)["accounts"], call.body
    if isinstance(form, PasswordGrant):
        attempt = Attempt(email_key(form.username), form.password, form.client_secret)
    else:
        attempt = Attempt(email_key(form.email), form.password, form.code)
    return _begun(call, accounts, await logins.log_in(accounts, attempt, _guest(call), call.origin))


@routes.post(
    "/api/auth/refresh",
    summary="Go on with a login, by its cookie",
    reply=Session,
    errors=(SignedOut, Suspended, CsrfFailed),
    aliases=(Alias("/refresh-token", ("access_token", "token_type")),),
)
async def refresh_login(call: Call) -> Session:
    """Each answer replaces the cookie; the one before is good for half a minute more."""
    accounts = accounts_state(call)["accounts"]
    _check_own_page(call)
    try:
        logged_in = await logins.refresh(accounts, _refresh_token(call), call.origin)
    except (SignedOut, Suspended):
        _set_cookie(call, REFRESH_COOKIE, "", max_age_s=0, path=REFRESH_PATH)
        raise
    return _begun(call, accounts, logged_in)


@routes.post(
    "/api/auth/logout",
    summary="End this login",
    reply=Done,
    errors=(CsrfFailed,),
    flat=("message",),
)
async def logout(call: Call) -> Done:
    """By the access token, or by the cookie alone. Sockets of this login close."""
    accounts = accounts_state(call)["accounts"]
    if call.principal is not None and call.principal.kind == "user" and call.principal.proof is not None:
        await logins.log_out(accounts, call.principal.id, call.principal.proof, call.origin)
    else:
        _check_own_page(call)
        await logins.log_out_by_cookie(accounts, _refresh_token(call), call.origin)
    _set_cookie(call, REFRESH_COOKIE, "", max_age_s=0, path=REFRESH_PATH)
    return Done(message="You are logged out.")


@routes.get("/api/auth/sessions", summary="The devices that are logged in", auth=USER, reply=Devices)
async def list_sessions(call: Call) -> Devices:
    """The one that was used last comes first."""
    rows = await logins.list_logins(accounts_state(call)["accounts"], call.known.id)
    return Devices(sessions=[_shown(row, call.known) for row in rows])


@routes.delete(
    "/api/auth/sessions/{id:uuid}", summary="End one of them", auth=USER, reply=Done, errors=(NotFound,)
)
async def revoke_session(call: Call) -> Done:
    """Its sockets close, and its tokens are good for nothing."""
    login_id = uuid.UUID(str(call.path["id"]))
    await logins.revoke(accounts_state(call)["accounts"], call.known.id, login_id, call.origin)
    return Done(message="That device is logged out.")


@routes.delete("/api/auth/sessions", summary="End all but this one", auth=USER, reply=Ended)
async def revoke_other_sessions(call: Call) -> Ended:
    """For who has lost a device."""
    accounts, caller = accounts_state(call)["accounts"], call.known
    return Ended(count=await logins.revoke_others(accounts, caller.id, caller.proof, call.origin))


def _begun(call: Call, accounts: Accounts, logged_in: LoggedIn) -> Session:
    """Cookies for a page, and the access token; the guest's cookie becomes another guest's."""
    credentials = accounts.credentials
    value = credentials.refresh_of(logged_in.login, logged_in.generation)
    age_s = int(LOGIN_FOR.total_seconds())
    _set_cookie(call, REFRESH_COOKIE, value, max_age_s=age_s, path=REFRESH_PATH)
    if GUEST_COOKIE in call.request.cookies and logged_in.generation == 1:
        guest_id = uuid.uuid4()
        _set_cookie(call, GUEST_COOKIE, credentials.cookie_of(guest_id), max_age_s=GUEST_COOKIE_S)
        token = csrf_token(credentials.secret, str(guest_id))
        _set_cookie(call, CSRF_COOKIE, token, max_age_s=GUEST_COOKIE_S, http_only=False)
    token = credentials.access_of(logged_in.principal)
    return Session(
        access_token=token,
        token_type="bearer",  # noqa: S106 - a kind of token, not one
        expires_in_s=int(ACCESS_S),
        token=token,
        user_id=str(logged_in.user.id),
        user=user_shown(logged_in.user, logged_in.principal.plan),
    )


def _guest(call: Call) -> Principal | None:
    """The guest who asks, if it is surely they who ask."""
    if call.request.headers.get("sec-fetch-site") == "cross-site":
        raise CsrfFailed
    principal = call.principal
    if principal is None or principal.kind != "guest":
        return None
    by_bearer = "authorization" in call.request.headers
    return principal if by_bearer or is_csrf_safe(call, str(principal.id)) else None


def _check_own_page(call: Call) -> None:
    """What a cookie alone would do must come from our own page."""
    guest_cookie = call.request.cookies.get(GUEST_COOKIE, "")
    guest = accounts_state(call)["credentials"].guest_of_cookie(guest_cookie)
    check_csrf(call, "" if guest is None else str(guest.id))


def _refresh_token(call: Call) -> Refresh | None:
    credentials = accounts_state(call)["credentials"]
    return credentials.read_refresh(call.request.cookies.get(REFRESH_COOKIE, ""))


def _set_cookie(
    call: Call, name: str, value: str, *, max_age_s: int, path: str = "/", http_only: bool = True
) -> None:
    is_secure = call.request.url.scheme == "https"
    made = cookie(name, value, secure=is_secure, max_age_s=max_age_s, path=path, http_only=http_only)
    call.headers.append("set-cookie", made)


def _shown(row: LoginRow, caller: Principal) -> Device:
    return Device(
        id=str(row.id),
        is_this=row.id == caller.proof,
        device=row.agent,
        address=row.address,
        since=row.created_at.timestamp(),
        used_at=row.rotated_at.timestamp(),
    )
