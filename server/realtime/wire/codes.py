"""Numbers and codes that both sides of the wire know."""

from collections.abc import Mapping
from typing import Literal, get_args

SUBPROTOCOL = "soundwell.v1"
VERSION = 1
CONTROL_BYTES = 65_536
"""Longest control message."""
DEEPEST = 10
"""Levels of nesting; a restored instance with keyframes of a voice needs all ten."""
MOST_KEYS = 64
"""Keys of one map."""

ErrorCode = Literal[
    "bad_message",
    "unknown_type",
    "unsupported_codec",
    "unauthenticated",
    "forbidden",
    "not_found",
    "timeout",
    "superseded",
    "too_big",
    "version",
    "flow_violation",
    "slow_consumer",
    "upgrade_required",
    "rate_limited",
    "limit_reached",
    "invalid_param",
    "playing_elsewhere",
    "resume_expired",
    "overloaded",
    "internal",
]
ERROR_CODES: tuple[ErrorCode, ...] = get_args(ErrorCode)

CLOSE_DONE = 1000
CLOSE_RESTART = 1012
CLOSE_CODES: Mapping[ErrorCode, int] = {
    "bad_message": 4400,
    "unknown_type": 4400,
    "invalid_param": 4400,
    "unauthenticated": 4401,
    "upgrade_required": 4402,
    "forbidden": 4403,
    "not_found": 4404,
    "timeout": 4408,
    "superseded": 4409,
    "playing_elsewhere": 4409,
    "resume_expired": 4410,
    "flow_violation": 4411,
    "too_big": 4413,
    "unsupported_codec": 4415,
    "version": 4426,
    "rate_limited": 4429,
    "limit_reached": 4429,
    "internal": 4500,
    "overloaded": 4503,
    "slow_consumer": 4508,
}
"""What closes the socket when an error with this code is fatal."""


class WireError(Exception):
    """Bytes that are no message; `re` and `field` where they could be read."""

    def __init__(
        self, code: ErrorCode, message: str, *, re: int | None = None, field: str | None = None
    ) -> None:
        super().__init__(message)
        self.code: ErrorCode = code
        self.message = message
        self.re = re
        self.field = field
