"""HTTP of who is asking: tokens for programs, tickets for the socket, and how a request is known."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final, cast

from server.accounts import api_keys, store
from server.accounts.credentials import BEARER_S, KEY_PREFIX, Credentials
from server.accounts.errors import SignedOut
from server.accounts.service import Accounts, GuestGate, claims_of
from server.kit.api import ANYONE, PRINCIPAL, Call, Model, Routes, State
from server.kit.errors import CsrfFailed, Forbidden, Unauthenticated
from server.kit.security import GUEST_COOKIE
from server.realtime.tickets import TTL_S, Tickets

if TYPE_CHECKING:
    from starlette.requests import Request

    from server.kit.principal import Principal

BEARER: Final = "bearer "

routes = Routes("accounts")


class AccountsState(State):
    """What accounts add to the state of the process."""

    accounts: Accounts
    credentials: Credentials
    tickets: Tickets
    guests: GuestGate


class GuestToken(Model):
    """Who a program is from now on."""

    token: str
    expires_in_s: int
    user_id: str


class Ticket(Model):
    """What opens one socket."""

    ticket: str
    expires_in_s: int


@routes.post(
    "/api/auth/guest", summary="Be a guest: a token for programs", auth=ANYONE, reply=GuestToken, status=201
)
async def create_guest(call: Call) -> GuestToken:
    """A guest costs nothing until something of theirs is kept."""
    credentials = accounts_state(call)["credentials"]
    guest_id = uuid.uuid4()
    return GuestToken(
        token=credentials.bearer_of(guest_id), expires_in_s=int(BEARER_S), user_id=str(guest_id)
    )


@routes.post(
    "/api/auth/ws-ticket",
    summary="A single-use ticket for the socket, bound to the caller and the Origin",
    auth=PRINCIPAL,
    reply=Ticket,
    status=201,
    errors=(Unauthenticated, CsrfFailed, Forbidden),
    scope="listen",
)
async def create_ws_ticket(call: Call) -> Ticket:
    """By cookie only for a page of ours; a program with a bearer need not be a page."""
    origin = call.request.headers.get("origin")
    if origin is None and "authorization" not in call.request.headers:
        raise Forbidden("This needs an Origin.")
    if origin is not None and origin not in call.state["settings"].origins:
        raise Forbidden("This site may not connect.")
    ticket = await accounts_state(call)["tickets"].mint(await _claims(call), origin)
    return Ticket(ticket=ticket, expires_in_s=TTL_S)


async def authenticate(request: Request) -> Principal | None:
    """By bearer if there is one, else by cookie; a bearer that is wrong is no guest."""
    accounts: Accounts = request.state.accounts
    given = request.headers.get("authorization")
    if given is None:
        cookie = request.cookies.get(GUEST_COOKIE)
        guest = None if cookie is None else accounts.credentials.guest_of_cookie(cookie)
        return None if guest is None or await _has_account(accounts, guest) else guest
    token = given[len(BEARER) :] if given.lower().startswith(BEARER) else ""
    if token.startswith(KEY_PREFIX):
        principal = await api_keys.principal_of_key(accounts, token)
    else:
        principal = accounts.credentials.principal_of_bearer(token)
    if principal is None:
        raise Unauthenticated("The token is not valid or has expired.")
    if principal.proof is not None and await accounts.has_ended(principal.proof):
        raise SignedOut
    if principal.kind == "guest" and await _has_account(accounts, principal):
        raise SignedOut
    return principal


def accounts_state(call: Call) -> AccountsState:
    """The state, with what accounts put there."""
    return cast("AccountsState", call.state)


async def _claims(call: Call) -> dict[str, object]:
    """A socket lives for hours: a person's plan and role are looked up, not taken from an older token."""
    principal, accounts = call.known, accounts_state(call)["accounts"]
    if (
        principal.proof is None or principal.limited_to is not None
    ):  # a guest; a key, which was just looked up
        return claims_of(principal)
    async with accounts.database.connection() as conn:
        user = await store.find_user(conn, principal.id)
        if user is None or user.suspended_at is not None:
            raise SignedOut
        return claims_of(await accounts.principal_of(conn, user, principal.proof))


async def _has_account(accounts: Accounts, guest: Principal) -> bool:
    """Whether this guest has registered: what proved them then proves nothing any more."""
    async with accounts.database.connection() as conn:
        return await store.kind_of(conn, guest.id) == "user"
