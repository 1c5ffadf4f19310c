"""What one gateway allows; tests shorten the times."""

from collections.abc import Mapping
from dataclasses import dataclass, field

STREAMS_BY_PLAN: Mapping[str, int] = {"guest": 1, "free": 1, "pro": 3}


@dataclass(frozen=True, slots=True)
class Limits:
    """Numbers of `wire.md` §4, §6 and §9."""

    hello_s: float = 5.0
    """An unauthenticated socket may live so long."""
    hello_bytes: int = 4096
    waiting_per_address: int = 10
    """Unauthenticated sockets of one address."""
    silent_s: float = 60.0
    """Without any message for so long a connection is closed."""
    park_silent_s: float = 10.0
    """Without `flow` for so long a playing stream is parked."""
    park_paused_s: float = 30.0
    resume_s: float = 120.0
    """A session without a connection is kept so long."""
    renew_s: float = 5.0
    lease_s: float = 15.0
    reread_s: float = 10.0
    """Event cursors are read again at least so often."""
    streams_per_connection: int = 4
    guest_connections: int = 2
    user_connections: int = 5
    capacity: float = 1400.0
    """Cost units that this process renders; beyond it refuses before it is late."""
    streams_by_plan: Mapping[str, int] = field(default_factory=lambda: STREAMS_BY_PLAN)

    def streams(self, plan: str) -> int:
        """Audible streams of one principal."""
        return self.streams_by_plan.get(plan, 1)

    def connections(self, kind: str) -> int:
        """Connections of one principal."""
        return self.guest_connections if kind == "guest" else self.user_connections

    def told(self, kind: str, plan: str) -> dict[str, object]:
        """What `welcome` says of them."""
        return {
            "streams": self.streams(plan),
            "connections": self.connections(kind),
            "messages_per_s": 100,
            "reports_per_s": 60,
            "control_bytes": 65_536,
            "horizon_s": 20,
            "params": 64,
        }
