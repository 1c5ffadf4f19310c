"""What a client is told when something cannot be done.

RealtimeError            answered with `error{re, code, msg, fatal, …}`; fatal ones close the socket
"""

from typing import TYPE_CHECKING

from server.kit.errors import SoundwellError
from server.realtime.wire import CLOSE_CODES, ERROR_CODES, ErrorCode

if TYPE_CHECKING:
    from collections.abc import Mapping

_BY_STATUS: dict[int, ErrorCode] = {
    400: "invalid_param",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    409: "superseded",
    413: "too_big",
    429: "rate_limited",
    503: "overloaded",
}


class RealtimeError(Exception):
    """A refusal with a stable code and a sentence for the person."""

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        *,
        field: str | None = None,
        sid: int | None = None,
        retry_ms: int | None = None,
        **facts: object,
    ) -> None:
        super().__init__(message)
        self.code: ErrorCode = code
        self.message = message
        self.field = field
        self.sid = sid
        self.retry_ms = retry_ms
        self.facts: Mapping[str, object] = facts
        """Further facts of this code: `sessions` of playing_elsewhere, `feature` of upgrade_required …"""

    @property
    def close_code(self) -> int:
        """The WebSocket close code when this error ends the connection."""
        return CLOSE_CODES[self.code]


def from_http(error: SoundwellError) -> RealtimeError:
    """What a service raised, in the codes of the wire."""
    known = {code: code for code in ERROR_CODES}
    code = known.get(error.code) or _BY_STATUS.get(error.status, "internal")  # type: ignore[call-overload]  # any text
    retry_ms = None if error.retry_after_s is None else round(error.retry_after_s * 1000)
    refusal = RealtimeError(code, error.message, field=error.field, retry_ms=retry_ms)
    refusal.facts = error.extra
    return refusal
