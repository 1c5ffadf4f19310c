"""The one shape of every JSON answer: `{ok: true, data}` or `{ok: false, error, code, …, request_id}`."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from server.kit.errors import (
    BadRequest,
    Forbidden,
    Internal,
    MethodNotAllowed,
    NotFound,
    SoundwellError,
    TooLarge,
    Unauthenticated,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from typing import Any

    from pydantic import BaseModel
    from starlette.requests import Request
    from starlette.types import Scope

    from server.kit.refusals import Refusals

    Handler = Callable[[Request, Exception], Awaitable[Response]]

REQUEST_ID = "soundwell.request_id"
"""Key of the scope under which the middleware leaves the request's id."""

_BY_STATUS: dict[int, type[SoundwellError]] = {
    error.status: error
    for error in (BadRequest, Unauthenticated, Forbidden, NotFound, MethodNotAllowed, TooLarge)
}


def success(data: BaseModel | None, status: int = 200, flat: Sequence[str] = ()) -> Response:
    """What went well; the keys of the data that `flat` names stand beside the envelope once more."""
    body = data.model_dump_json() if data is not None else "{}"
    beside = data.model_dump(mode="json", include=set(flat)) if data is not None and flat else {}
    more = f",{json.dumps(beside)[1:-1]}" if beside else ""
    return _json(f'{{"ok":true,"data":{body}{more}}}', status)


def failure(error: SoundwellError, scope: Scope, headers: Mapping[str, str] | None = None) -> Response:
    """What did not; the id is the one to quote when asking about it."""
    refusals: Refusals | None = scope.get("state", {}).get("refusals")
    if refusals is not None:
        refusals.refused(error, scope, scope.get(REQUEST_ID, ""))
    content: dict[str, Any] = {"ok": False, "error": error.message, "code": error.code}
    if error.field is not None:
        content["field"] = error.field
    content |= {name: value for name, value in error.extra.items() if value is not None}
    if error.retry_after_s is not None:
        content["retry_after_s"] = math.ceil(error.retry_after_s)
    content["request_id"] = scope.get(REQUEST_ID, "")
    response = _json(json.dumps(content), error.status)
    response.headers.update(headers or {})
    if error.retry_after_s is not None:
        response.headers["Retry-After"] = str(math.ceil(error.retry_after_s))
    if error.status == Unauthenticated.status:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def exception_handlers() -> dict[Any, Handler]:
    """For Starlette: our errors and the framework's, in the one shape."""
    return {SoundwellError: _on_own_error, HTTPException: _on_http_exception, ClientDisconnect: _on_own_error}


async def _on_own_error(request: Request, error: Exception) -> Response:
    # A client that went away in the middle of its body reads no answer; any will do.
    known = error if isinstance(error, SoundwellError) else BadRequest()
    return failure(known, request.scope)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known = _BY_STATUS.get(error.status_code, BadRequest if error.status_code < Internal.status else Internal)
    return failure(known(), request.scope, error.headers)


def _json(text: str, status: int) -> Response:
    return Response(text, status, {"Cache-Control": "no-store"}, "application/json")
