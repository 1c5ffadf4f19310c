"""From hello to a session: who it is, whether they may, and whether they were here before."""

import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import cast

from server.kit.clock import Clock
from server.kit.errors import SoundwellError
from server.kit.principal import Principal
from server.realtime import wire
from server.realtime.connection import Connection
from server.realtime.errors import RealtimeError, from_http
from server.realtime.limits import Limits
from server.realtime.session import Session
from server.realtime.tokens import Tokens

Authenticate = Callable[[str, str | None], Awaitable[Principal | None]]
"""(ticket, origin) → who it is, once."""
Describe = Callable[[Principal], Awaitable[Mapping[str, object]]]
"""What `welcome.user` says: plan, trial_ends, allowance."""

FEATURES: tuple[str, ...] = ("listen", "events")


class Reception:
    """Sessions by client, and the tokens that bring one back."""

    def __init__(self, authenticate: Authenticate, describe: Describe, clock: Clock, limits: Limits) -> None:
        self._authenticate = authenticate
        self._describe = describe
        self._clock = clock
        self._limits = limits
        self.tokens = Tokens()
        self.sessions: dict[str, Session] = {}
        self.connected: dict[str, Connection] = {}
        """The present connection of each client that has one."""

    def of(self, principal: Principal) -> Iterator[Session]:
        return (one for one in self.sessions.values() if one.principal.id == principal.id)

    async def principal(self, ticket: str, origin: str | None) -> Principal:
        """Who a ticket stands for; raises RealtimeError."""
        try:
            principal = await self._authenticate(ticket, origin)
        except SoundwellError as refusal:
            raise from_http(refusal) from refusal
        if principal is None or principal.auth_until <= self._clock.now():
            raise RealtimeError("unauthenticated", "The ticket is not valid, or no longer.")
        return principal

    async def enter(self, connection: Connection, hello: wire.Hello) -> tuple[Session, str]:
        """A new session for a ticket, and its first resume token."""
        if hello.ticket is None:
            raise RealtimeError(
                "unauthenticated", "A hello needs a ticket or a resume token.", field="ticket"
            )
        _refuse_deaf(hello)
        principal = await self.principal(hello.ticket, connection.origin)
        others = [one for one in self.of(principal) if one.client in self.connected]
        if len(others) >= self._limits.connections(principal.kind):
            raise RealtimeError("limit_reached", "Too many connections are open.")
        device = _device(hello.client)
        now = self._clock.monotonic()
        session = Session(secrets.token_urlsafe(12), principal, device, self._limits, now)
        self.sessions[session.client] = session
        return session, self.tokens.issue(session)

    def resume(self, token: str) -> tuple[Session, str] | None:
        """The session of an earlier connection, if it is here, and the token for the next."""
        found = self.tokens.redeem(token)
        if found is not None and found[0].principal.auth_until <= self._clock.now():
            raise RealtimeError("unauthenticated", "Please sign in again.")
        return found

    def readmit(self, session: Session) -> str:
        """Take in a session that another process had; its first token here."""
        if session.principal.auth_until <= self._clock.now():
            raise RealtimeError("unauthenticated", "Please sign in again.")
        self.sessions[session.client] = session
        return self.tokens.issue(session)

    async def welcome(self, session: Session, token: str) -> wire.Welcome:
        """The answer to a hello."""
        principal = session.principal
        return wire.Welcome(
            v=wire.VERSION,
            client=session.client,
            resume_token=token,
            resume_ttl_s=round(self._limits.resume_s),
            now_us=round(self._clock.monotonic() * 1e6),
            auth_until=principal.auth_until,
            limits=self._limits.told(principal.kind, principal.plan),
            features=FEATURES,
            user=await self._describe(principal),
        )

    async def renew(self, session: Session, request: wire.AuthRenew, origin: str | None) -> wire.AuthRenewed:
        """Guest → the user that claimed it, and nothing else."""
        principal = await self.principal(request.ticket, origin)
        before = session.principal
        if principal.id != before.id or before.kind != "guest":
            raise RealtimeError("forbidden", "A connection stays with the one who opened it.")
        session.principal = principal
        return wire.AuthRenewed(
            re=request.id,
            auth_until=principal.auth_until,
            limits=self._limits.told(principal.kind, principal.plan),
            user=await self._describe(principal),
        )

    def forget(self, session: Session) -> None:
        """Nothing leads back to this session."""
        self.tokens.revoke(session)
        self.sessions.pop(session.client, None)


def _refuse_deaf(hello: wire.Hello) -> None:
    codecs = cast("tuple[str, ...] | None", hello.caps.get("codecs"))
    if codecs is not None and not {"s16", "f32"} & set(codecs):
        raise RealtimeError("unsupported_codec", "This server sends s16 and f32.", field="caps.codecs")


def _device(client: Mapping[str, object]) -> str:
    named = client.get("device") or client.get("name") or "another device"
    return str(named)
