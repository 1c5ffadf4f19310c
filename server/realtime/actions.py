"""What a session wants done that needs more than itself: opened, closed, subscribed, ended."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.realtime import wire

if TYPE_CHECKING:
    from server.realtime.channel import Channel
    from server.realtime.errors import RealtimeError


@dataclass(frozen=True, slots=True)
class OpenStream:
    """Open a stream and call `Session.opened` or `Session.refuse`."""

    request: wire.StreamOpen


@dataclass(frozen=True, slots=True)
class CloseStream:
    """Close a stream and call `Session.closed`."""

    channel: "Channel"
    reason: str
    by: str | None = None
    """The device that took the session over."""


@dataclass(frozen=True, slots=True)
class Feed:
    """Look whether a stream has something to render."""

    channel: "Channel"


@dataclass(frozen=True, slots=True)
class Wake:
    """Call `Session.wake` at this time (monotonic seconds)."""

    at: float


@dataclass(frozen=True, slots=True)
class Renew:
    """Check a ticket and call `Session.renewed` or `Session.refuse`."""

    request: wire.AuthRenew


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Follow the event log from now on."""

    request: wire.EventsSub


@dataclass(frozen=True, slots=True)
class Leave:
    """The client said goodbye: end its streams and forget it."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """End this connection with an error; the session may be resumed."""

    error: "RealtimeError"


Action = OpenStream | CloseStream | Feed | Wake | Renew | Subscribe | Leave | Disconnect
