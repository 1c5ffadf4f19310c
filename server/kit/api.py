"""Routes declared once: pydantic in, pydantic out, checked authority, and the facts for the documentation."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, Required, TypedDict, Unpack, cast
from urllib.parse import parse_qsl

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.kit import envelope
from server.kit.audit import Origin
from server.kit.errors import CsrfFailed, Forbidden, SoundwellError, Unauthenticated, ValidationFailed
from server.kit.limits import address_key, is_loopback
from server.kit.security import CSRF_COOKIE, CSRF_HEADER, is_csrf_token

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from starlette.types import Receive, Scope, Send

    from server.kit.bus import Bus
    from server.kit.clock import Clock
    from server.kit.db import Database
    from server.kit.events import Snapshots
    from server.kit.limits import Limits
    from server.kit.principal import Principal
    from server.kit.refusals import Refusals
    from server.kit.settings import Settings

    Handler = Callable[["Call"], Awaitable[BaseModel | Response | None]]
    Declare = Callable[[Handler], Handler]
    Authenticate = Callable[[Request], Awaitable[Principal | None]]

API_LIMIT = "api"
RESPONSE_HEADERS = "soundwell.headers"
"""Key of the scope: headers that the middleware adds to whatever answer comes, an error too."""

MOST_FIELDS = 50
"""Of a form."""

ROUTE = "soundwell.route"
PRINCIPAL_ID = "soundwell.principal_id"

_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class State(TypedDict):
    """What the lifespan yields: every resource that a request may use."""

    settings: Settings
    db: Database
    bus: Bus
    clock: Clock
    limits: Limits
    refusals: Refusals
    snapshots: Snapshots


class Auth(Enum):
    """Who may call."""

    ANYONE = "anyone"
    PRINCIPAL = "principal"
    USER = "user"
    ADMIN = "admin"


ANYONE, PRINCIPAL, USER, ADMIN = Auth.ANYONE, Auth.PRINCIPAL, Auth.USER, Auth.ADMIN


class Model(BaseModel):
    """The base of bodies, queries and replies: exact types, no unknown keys, no NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


NO_NUL = r"^[^\x00]*$"
"""Of a text of a body that is kept: Postgres takes every other character."""

WHOLE = BeforeValidator(_whole)
"""Beside a whole number of a JSON body: 2.0 is one, as JSON Schema has it."""


@dataclass(slots=True)
class Call:
    """One request, as a handler gets it."""

    request: Request
    principal: Principal | None
    body: Any = None
    """An instance of the declared body model."""
    query: Any = None
    """An instance of the declared query model."""
    headers: MutableHeaders = field(default_factory=MutableHeaders)
    """Headers to add to the answer."""

    @property
    def state(self) -> State:
        return cast("State", self.request.scope["state"])

    @property
    def path(self) -> Mapping[str, Any]:
        """The parameters in the path, converted."""
        return self.request.path_params

    @property
    def address(self) -> str:
        """Who called, as far as the trusted proxies tell."""
        return self.request.client.host if self.request.client else ""

    @property
    def origin(self) -> Origin:
        """Who called, for the audit log."""
        agent = self.request.headers.get("user-agent", "")
        return Origin(self.address, str(self.request.scope.get(envelope.REQUEST_ID, "")), agent)

    @property
    def known(self) -> Principal:
        """The principal, on routes that require one."""
        assert self.principal is not None
        return self.principal


@dataclass(frozen=True, slots=True)
class Alias:
    """An older address of the same operation."""

    path: str
    flat: tuple[str, ...] = ()
    """Keys of the data that its answer has beside the envelope too, as its callers know it."""


class Options(TypedDict, total=False):
    """What may be said about a route."""

    summary: Required[str]
    auth: Auth
    body: type[BaseModel]
    query: type[BaseModel]
    reply: type[BaseModel]
    status: int
    errors: tuple[type[SoundwellError], ...]
    media: str
    """The type of an answer that is not in the envelope: the handler returns a `Response`."""
    limit: str
    """The name of the rate limit that counts it."""
    form: type[BaseModel]
    """What the body is when it comes as a form."""
    flat: tuple[str, ...]
    """As of an alias, at its own address."""
    aliases: tuple[Alias, ...]
    scope: str | None
    """The kind of route, if it is not that of its group."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method at one path."""

    tag: str
    method: str
    path: str
    handler: Handler
    summary: str
    auth: Auth = ANYONE
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    reply: type[BaseModel] | None = None
    status: int = 200
    errors: tuple[type[SoundwellError], ...] = ()
    media: str = ""
    limit: str = API_LIMIT
    form: type[BaseModel] | None = None
    flat: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()
    scope: str | None = None
    alias_of: str | None = None
    """The address that it has today."""

    @property
    def name(self) -> str:
        return self.handler.__name__

    @property
    def needs_csrf(self) -> bool:
        """Whether a cookie alone does not prove that the person's own page asked."""
        return self.auth is not ANYONE and self.method in _UNSAFE


class Routes:
    """The routes of one slice, in the order of their declaration."""

    def __init__(self, tag: str, *, scope: str | None = None) -> None:
        self.tag = tag
        self.scope = scope
        """What an API key needs to call them; None: no key opens them."""
        self.operations: list[Operation] = []

    def get(self, path: str, **options: Unpack[Options]) -> Declare:
        return self._declare("GET", path, options)

    def post(self, path: str, **options: Unpack[Options]) -> Declare:
        return self._declare("POST", path, options)

    def put(self, path: str, **options: Unpack[Options]) -> Declare:
        return self._declare("PUT", path, options)

    def patch(self, path: str, **options: Unpack[Options]) -> Declare:
        return self._declare("PATCH", path, options)

    def delete(self, path: str, **options: Unpack[Options]) -> Declare:
        return self._declare("DELETE", path, options)

    def _declare(self, method: str, path: str, options: Options) -> Declare:
        def register(handler: Handler) -> Handler:
            given: Options = {"scope": self.scope, **options}
            operation = Operation(self.tag, method, path, handler, **given)
            self.operations.append(operation)
            self.operations.extend(
                replace(operation, path=alias.path, flat=alias.flat, aliases=(), alias_of=path)
                for alias in operation.aliases
            )
            return handler

        return register


def build_app_routes(groups: Iterable[Routes], *, authenticate: Authenticate) -> list[Route]:
    """Starlette routes, one per path, so that a wrong method is answered with all that are allowed."""
    paths: dict[str, dict[str, Operation]] = {}
    names: set[str] = set()
    for operation in (operation for group in groups for operation in group.operations):
        methods = paths.setdefault(operation.path, {})
        is_taken = operation.name in names and operation.alias_of is None
        if operation.method in methods or is_taken:
            raise ValueError(f"{operation.method} {operation.path} ({operation.name}) is declared twice")
        methods[operation.method] = operation
        names.add(operation.name)
    return [
        Route(path, _Endpoint(path, operations, authenticate), methods=list(operations))
        for path, operations in paths.items()
    ]


class _Endpoint:
    """The methods of one path, as an ASGI application."""

    def __init__(self, path: str, operations: Mapping[str, Operation], authenticate: Authenticate) -> None:
        self._path = path
        self._operations = operations
        self._authenticate = authenticate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        scope[ROUTE] = self._path
        method = "GET" if request.method == "HEAD" else request.method
        response = await self._answer(self._operations[method], request)
        await response(scope, receive, send)

    async def _answer(self, operation: Operation, request: Request) -> Response:
        call = Call(request, await self._authenticate(request))
        request.scope[RESPONSE_HEADERS] = call.headers
        if call.principal is not None:
            request.scope[PRINCIPAL_ID] = str(call.principal.id)
        await _count(operation, call)
        _admit(operation, call)
        _refuse_nul_in_path(call)
        if operation.query is not None:
            call.query = _parse_query(operation.query, request)
        if operation.body is not None:
            call.body = await _read_body(operation, operation.body, request)
        result = await operation.handler(call)
        if isinstance(result, Response):
            return result
        return envelope.success(result, operation.status, operation.flat)


async def _count(operation: Operation, call: Call) -> None:
    """By address for guests, since anyone can be as many guests as they like; by person for users."""
    if is_loopback(call.address) and not call.state["settings"].is_production:
        return
    is_user = call.principal is not None and call.principal.kind == "user"
    key = str(call.known.id) if is_user else address_key(call.address)
    standing = await call.state["limits"].hit(operation.limit, key)
    call.headers.update(standing.headers())


def _admit(operation: Operation, call: Call) -> None:
    if operation.auth is ANYONE:
        return
    if call.principal is None:
        raise Unauthenticated
    if operation.needs_csrf and "authorization" not in call.request.headers:
        check_csrf(call, str(call.known.id))
    if operation.auth is USER and call.principal.kind != "user":
        raise Forbidden("This needs an account.")
    if not call.principal.may(operation.scope):
        raise Forbidden("This key may not do that.")
    if operation.auth is ADMIN and not call.principal.is_admin:
        raise Forbidden


def check_csrf(call: Call, login_id: str) -> None:
    """Refuse what a cookie alone would do, unless this person's own page asks."""
    if not is_csrf_safe(call, login_id):
        raise CsrfFailed


def is_csrf_safe(call: Call, login_id: str) -> bool:
    """The double submit of a token that only this login's own page can read (OWASP: signed double-submit)."""
    headers = call.request.headers
    token = headers.get(CSRF_HEADER, "")
    is_ours = token == call.request.cookies.get(CSRF_COOKIE) and is_csrf_token(
        token, call.state["settings"].secret, login_id
    )
    return is_ours and headers.get("sec-fetch-site") != "cross-site"


def _refuse_nul_in_path(call: Call) -> None:
    if "\x00" in call.request.scope["path"]:
        raise ValidationFailed("An address cannot hold a zero character.")


def _parse_query(model: type[BaseModel], request: Request) -> BaseModel:
    return _parse_strings(model, request.query_params.multi_items())


def _parse_strings(model: type[BaseModel], items: Iterable[tuple[str, str]]) -> BaseModel:
    """Of a query or a form, where everything is text."""
    values: dict[str, str] = {}
    for name, value in items:
        if name in values:
            raise ValidationFailed(f"{name} is given more than once.", field=name)
        if "\x00" in value:
            raise ValidationFailed("A text cannot hold a zero character.", field=name)
        values[name] = value
    try:
        return model.model_validate_strings(values)
    except ValidationError as error:
        raise _failed(error) from None


async def _read_body(operation: Operation, model: type[BaseModel], request: Request) -> BaseModel:
    raw = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if operation.form is not None and kind == "application/x-www-form-urlencoded":
        items = parse_qsl(raw.decode(errors="replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        return _parse_strings(operation.form, items)
    return _parse_body(model, raw)


def _parse_body(model: type[BaseModel], raw: bytes) -> BaseModel:
    """JSON whatever the Content-Type says: a missing header must not switch off validation."""
    if _ESCAPED_NUL.search(raw):
        # Postgres cannot store it, and no text that a person writes has it.
        raise ValidationFailed("A text cannot hold a zero character.")
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise _failed(error) from None


def _failed(error: ValidationError) -> ValidationFailed:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    sentence = first["msg"].removeprefix("Value error, ")
    return ValidationFailed(f"{name}: {sentence}." if name else f"{sentence}.", field=name or None)
