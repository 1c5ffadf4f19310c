"""HTTP of accounts: tokens for programs, tickets for the socket, and who is asking."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final, cast

from server.accounts.credentials import BEARER_S, Credentials
from server.accounts.service import GuestGate, claims_of
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
)
async def create_ws_ticket(call: Call) -> Ticket:
    """By cookie only for a page of ours; a program with a bearer need not be a page."""
    origin = call.request.headers.get("origin")
    if origin is None and "authorization" not in call.request.headers:
        raise Forbidden("This needs an Origin.")
    if origin is not None and origin not in call.state["settings"].origins:
        raise Forbidden("This site may not connect.")
    ticket = await accounts_state(call)["tickets"].mint(claims_of(call.known), origin)
    return Ticket(ticket=ticket, expires_in_s=TTL_S)


async def authenticate(request: Request) -> Principal | None:
    """By bearer if there is one, else by cookie; a bearer that is wrong is no guest."""
    credentials: Credentials = request.state.credentials
    given = request.headers.get("authorization")
    if given is not None:
        principal = (
            credentials.guest_of_bearer(given[len(BEARER) :]) if given.lower().startswith(BEARER) else None
        )
        if principal is None:
            raise Unauthenticated("The token is not valid or has expired.")
        return principal
    cookie = request.cookies.get(GUEST_COOKIE)
    return None if cookie is None else credentials.guest_of_cookie(cookie)


def accounts_state(call: Call) -> AccountsState:
    """The state, with what accounts put there."""
    return cast("AccountsState", call.state)
