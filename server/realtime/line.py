"""The way from a client session to whoever is connected now; it stays while connections come and go."""

from typing import TYPE_CHECKING

from server.realtime import wire
from server.realtime.errors import RealtimeError
from server.realtime.guard import Guard
from server.realtime.replies import Replies

if TYPE_CHECKING:
    from server.realtime.outbox import Outbox


class Line:
    """Outbox of the present connection, guard of its round trip, results of requests."""

    __slots__ = ("guard", "outbox", "replies")

    def __init__(self) -> None:
        self.outbox: Outbox | None = None
        """None while nobody is connected."""
        self.guard = Guard()
        self.replies = Replies()

    def send(self, message: wire.Message) -> None:
        """Queue a control message; lost while nobody is connected."""
        if self.outbox is not None:
            self.outbox.control(wire.encode(message))

    def reply(self, request: int, message: wire.Message) -> None:
        """Answer a request, now and whenever it is sent again."""
        data = wire.encode(message)
        self.replies.finish(request, data)
        if self.outbox is not None:
            self.outbox.control(data)

    def refuse(self, error: RealtimeError, request: int | None = None, *, fatal: bool = False) -> None:
        """Say why not."""
        message = wire.Error(
            re=request,
            code=error.code,
            msg=error.message,
            fatal=fatal,
            retry_ms=error.retry_ms,
            field=error.field,
            sid=error.sid,
            args=error.facts,
        )
        if request is None:
            self.send(message)
        else:
            self.reply(request, message)
