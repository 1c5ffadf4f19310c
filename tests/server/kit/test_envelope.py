from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from server.kit import errors
from server.kit.api import Model
from server.kit.envelope import REQUEST_ID, exception_handlers, failure, success
from server.kit.errors import RateLimited, SoundwellError, UpgradeRequired, ValidationFailed

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Scope

SCOPE: Scope = {"type": "http", "headers": [], REQUEST_ID: "r-1"}
KINDS = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, SoundwellError)
]


def content(response: Response) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(bytes(response.body))
    return decoded


def test_success_holds_the_data() -> None:
    class Level(Model):
        gain_db: float

    response = success(Level(gain_db=-1.5), 201)
    assert (response.status_code, content(response)) == (201, {"ok": True, "data": {"gain_db": -1.5}})
    assert content(success(None)) == {"ok": True, "data": {}}


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_has_the_one_shape(kind: type[SoundwellError]) -> None:
    error = kind(feature="stems") if issubclass(kind, UpgradeRequired) else kind()
    response = failure(error, SCOPE)

    assert response.status_code == kind.status
    assert response.headers["content-type"] == "application/json"
    assert content(response) == {
        "ok": False,
        "error": kind.message,
        "code": kind.code,
        "request_id": "r-1",
        **({"feature": "stems"} if issubclass(kind, UpgradeRequired) else {}),
    }


def test_the_facts_of_an_error_are_told() -> None:
    named = content(failure(ValidationFailed(field="layers.rain.level"), SCOPE))
    waiting = failure(RateLimited(retry_after_s=1.2), SCOPE)
    more = content(failure(SoundwellError(resets_at="tomorrow", nothing=None), SCOPE))

    assert named["field"] == "layers.rain.level"
    assert (waiting.headers["retry-after"], content(waiting)["retry_after_s"]) == ("2", 2)
    assert more["resets_at"] == "tomorrow"
    assert "nothing" not in more


@pytest.mark.parametrize(
    ("status", "code", "answered"),
    [
        (404, "not_found", 404),
        (405, "method_not_allowed", 405),
        (413, "too_big", 413),
        (418, "invalid_request", 400),
        (501, "internal", 500),
    ],
)
async def test_the_frameworks_errors_take_our_shape(status: int, code: str, answered: int) -> None:
    handler = exception_handlers()[HTTPException]
    response = await handler(Request(SCOPE), HTTPException(status, headers={"Allow": "GET"}))

    assert (response.status_code, content(response)["code"]) == (answered, code)
    assert response.headers["allow"] == "GET"


async def test_a_client_that_went_away_is_no_fault_of_ours() -> None:
    handler = exception_handlers()[ClientDisconnect]
    response = await handler(Request(SCOPE), ClientDisconnect())

    assert response.status_code == 400
