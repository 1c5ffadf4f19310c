"""What every request passes on its way in and out, as plain ASGI: id, log, proxies, hosts, headers, body."""

from __future__ import annotations

import re
import uuid
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from server.kit import envelope
from server.kit.api import RESPONSE_HEADERS
from server.kit.errors import BadRequest, Internal, TooLarge
from server.kit.limits import is_loopback
from server.kit.observe import RequestRecord
from server.kit.security import CSRF_HEADER, content_security_policy, fixed_headers
from server.kit.settings import LOOPBACK_HOSTS

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from server.kit.settings import Settings

REQUEST_ID_HEADER = "X-Request-Id"
PROBES = frozenset({"/healthz", "/readyz", "/health"})
"""Asked by orchestrators, which call the machine by its address."""

_API, _VERSIONED = "/api/", "/api/v1/"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def middleware(settings: Settings) -> list[Middleware]:
    """The stack, outermost first."""
    stack = [
        Middleware(VersionInPath),
        Middleware(Proxies, settings=settings),
        Middleware(RequestContext),
        Middleware(SecurityHeaders, settings=settings),
        Middleware(Hosts, settings=settings),
    ]
    if settings.allowed_origins:
        stack.append(_cors(settings))
    return [*stack, Middleware(BodyLimit, settings=settings), Middleware(UnexpectedErrors)]


def _cors(settings: Settings) -> Middleware:
    return Middleware(
        CORSMiddleware,
        allow_origins=settings.allowed_origins,
        allow_credentials=True,
        allow_methods=("GET", "POST", "PUT", "PATCH", "DELETE"),
        allow_headers=("Authorization", "Content-Type", CSRF_HEADER, REQUEST_ID_HEADER),
        expose_headers=(REQUEST_ID_HEADER, "Retry-After", "RateLimit-Remaining", "RateLimit-Reset"),
    )


class VersionInPath:
    """`/api/v1/…` is `/api/…`: there is one version, by which some know us."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(_VERSIONED):
            path = _API + scope["path"].removeprefix(_VERSIONED)
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self._app(scope, receive, send)


class Proxies:
    """Takes the caller's address and scheme from the proxies that are trusted, and from nobody else."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._trusted = [ip_network(network, strict=False) for network in settings.trusted_proxies]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"} and scope.get("client"):
            self._follow_back(scope)
        await self._app(scope, receive, send)

    def _follow_back(self, scope: Scope) -> None:
        """From the nearest hop outwards, as far as each one is trusted."""
        address = _address(scope["client"][0])
        headers = Headers(scope=scope)
        if address is None or not self._is_trusted(address):
            refusals = scope.get("state", {}).get("refusals")
            if refusals is not None and "x-forwarded-for" in headers:
                refusals.note("forged_address", scope, headers.get(REQUEST_ID_HEADER, ""))
            return
        hops = ",".join(headers.getlist("x-forwarded-for")).split(",")
        while hops and self._is_trusted(address):
            hop = _address(hops.pop().strip())
            if hop is None:
                break
            address = hop
        scope["client"] = (str(address), 0)
        if headers.get("x-forwarded-proto", "").strip() == "https":
            scope["scheme"] = "wss" if scope["type"] == "websocket" else "https"

    def _is_trusted(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._trusted)


class RequestContext:
    """Gives each request an id, adds the headers that were left for it, and records how it went."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        scope[envelope.REQUEST_ID] = request_id
        record = RequestRecord(scope, request_id)

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID_HEADER] = request_id
                for name, value in scope.get(RESPONSE_HEADERS, MutableHeaders()).items():
                    headers.append(name, value)
                record.status = message["status"]
            await send(message)

        with record:
            await self._app(scope, receive, send_on)


class SecurityHeaders:
    """Adds what a browser must know; an answer that already says otherwise keeps its own."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._fixed = fixed_headers(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._fixed.items():
                    headers.setdefault(name, value)
                known = host if host.lower() in self._settings.hosts else ""
                headers.setdefault("Content-Security-Policy", content_security_policy(self._settings, known))
            await send(message)

        await self._app(scope, receive, send_on)


class Hosts:
    """Answers only by our own names: a foreign one that points here is an attack on a browser."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._hosts = frozenset(settings.hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or self._is_ours(scope):
            await self._app(scope, receive, send)
            return
        error = BadRequest("This server does not answer by that name; see PUBLIC_HOSTS.", field="Host")
        await envelope.failure(error, scope)(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        host = Headers(scope=scope).get("host", "").lower()
        if host in self._hosts or scope["path"] in PROBES:
            return True
        client = scope["client"][0] if scope.get("client") else ""
        return re.sub(r":\d+$", "", host) in LOOPBACK_HOSTS and is_loopback(client)


class BodyLimit:
    """Stops reading a body that is longer than an ordinary request needs."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._most = settings.max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        read = 0

        async def receive_on() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most or (declared.isdecimal() and int(declared) > self._most):
                raise TooLarge(f"A request may hold {self._most} bytes at most.")
            return message

        await self._app(scope, receive_on, send)


class UnexpectedErrors:
    """A fault of ours: told in full to the log, and to the caller as an id to quote."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def send_on(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        except Exception as error:  # the last resort: whatever it is, the person gets a sentence
            RequestRecord.fault(scope, error)
            if has_begun:
                raise
            await envelope.failure(Internal(), scope)(scope, receive, send)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An address as proxies write it: bare, or with a port."""
    bare = re.sub(r"^\[?([^\[\]]+?)\]?(:\d+)?$", r"\1", text) if "." in text or "[" in text else text
    try:
        return ip_address(bare)
    except ValueError:
        return None
