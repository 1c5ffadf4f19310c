"""What a client is told when something cannot be done.

RealtimeError            answered with `error{re, code, msg, fatal, …}`; fatal ones close the socket
"""

from server.realtime.wire import CLOSE_CODES, ErrorCode


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
        self.facts = facts
        """Further facts of this code: `sessions` of playing_elsewhere, `feature` of upgrade_required …"""

    @property
    def close_code(self) -> int:
        """The WebSocket close code when this error ends the connection."""
        return CLOSE_CODES[self.code]
