"""Every error that a person or a program may be told about.

    SoundwellError            500  internal
    ├── BadRequest            400  invalid_request
    │   └── ValidationFailed  400  invalid_param        field
    ├── Unauthenticated       401  unauthenticated
    ├── Forbidden             403  forbidden
    │   ├── CsrfFailed        403  csrf_failed
    │   └── UpgradeRequired   403  upgrade_required     feature
    ├── NotFound              404  not_found
    ├── MethodNotAllowed      405  method_not_allowed
    ├── Conflict              409  conflict
    ├── TooLarge              413  too_big
    ├── RateLimited           429  rate_limited         retry_after_s
    ├── LimitReached          429  limit_reached        retry_after_s
    ├── Internal              500  internal
    ├── ProviderError         502  provider_error
    └── Unavailable           503  unavailable          retry_after_s

A slice adds its own below the one whose status it shares. Services raise; one handler (`envelope.py`)
renders. The code is stable, the sentence is for the person and may change.
"""
# ruff: noqa: N818 - the name says what is wrong, as it will be read at `raise`

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class SoundwellError(Exception):
    """The root: knows its HTTP status, its stable code and its sentence."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    message: str = "Something went wrong on our side."

    def __init__(
        self,
        message: str | None = None,
        *,
        field: str | None = None,
        retry_after_s: float | None = None,
        **extra: object,
    ) -> None:
        if message is not None:
            self.message = message
        self.field = field
        self.retry_after_s = retry_after_s
        self.extra = extra
        super().__init__(self.message)


class BadRequest(SoundwellError):
    status = 400
    code = "invalid_request"
    message = "The request could not be understood."


class ValidationFailed(BadRequest):
    """A value is missing or out of bounds; `field` names it, dotted."""

    code = "invalid_param"
    message = "A value is missing or not valid."


class Unauthenticated(SoundwellError):
    status = 401
    code = "unauthenticated"
    message = "Please sign in first."


class Forbidden(SoundwellError):
    status = 403
    code = "forbidden"
    message = "You are not allowed to do this."


class CsrfFailed(Forbidden):
    """A cookie alone is no proof that the person's own page sent the request."""

    code = "csrf_failed"
    message = "The request did not come from this site. Reload the page and try again."


class UpgradeRequired(Forbidden):
    """The plan does not include it; `feature` says what."""

    code = "upgrade_required"
    message = "Your plan does not include this."

    def __init__(self, message: str | None = None, *, feature: str) -> None:
        super().__init__(message, feature=feature)
        self.feature = feature


class NotFound(SoundwellError):
    status = 404
    code = "not_found"
    message = "There is nothing at this address."


class MethodNotAllowed(SoundwellError):
    status = 405
    code = "method_not_allowed"
    message = "This address does not support that method."


class Conflict(SoundwellError):
    status = 409
    code = "conflict"
    message = "This has changed in the meantime."


class TooLarge(SoundwellError):
    status = 413
    code = "too_big"
    message = "The request is too large."


class RateLimited(SoundwellError):
    status = 429
    code = "rate_limited"
    message = "Too many requests. Please wait a moment."


class LimitReached(SoundwellError):
    """An allowance of the day, plan or address is used up; waiting seconds does not help."""

    status = 429
    code = "limit_reached"
    message = "The limit has been reached."


class Internal(SoundwellError):
    pass


class ProviderError(SoundwellError):
    status = 502
    code = "provider_error"
    message = "A service that we depend on failed."


class Unavailable(SoundwellError):
    status = 503
    code = "unavailable"
    message = "The service is not available for a moment. Please try again."


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One line of the table in the documentation."""

    code: str
    status: int
    message: str


def error_table() -> tuple[ErrorRow, ...]:
    """Every code that exists in the loaded program, by status and code."""
    known: list[type[SoundwellError]] = [SoundwellError, *_descendants(SoundwellError)]
    rows = {ErrorRow(error.code, error.status, error.message) for error in known}
    return tuple(sorted(rows, key=lambda row: (row.status, row.code)))


def _descendants(root: type[SoundwellError]) -> list[type[SoundwellError]]:
    children = root.__subclasses__()
    return children + [grandchild for child in children for grandchild in _descendants(child)]
