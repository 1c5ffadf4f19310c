"""How far ahead of the playhead a change must begin so that its samples arrive in time."""

LEAST_MS = 30.0
MOST_MS = 2_000.0
UNKNOWN_MS = 60.0
"""Until the first round trip is reported."""
MARGIN_MS = 15.0
"""For rendering, and for the tick of the worklet."""
LATE_FACTOR = 1.5
LATE_FOR_S = 10.0
"""A splice that came late widens the guard for so long."""


class Guard:
    """One connection's guard, from the round trip that its client measures (RFC 6298)."""

    __slots__ = ("_late_until", "_round_trip_ms")

    def __init__(self) -> None:
        self._round_trip_ms: float | None = None
        self._late_until = float("-inf")

    def report(self, srtt_us: int, rttvar_us: int) -> None:
        """A smoothed round trip and its variation."""
        self._round_trip_ms = (srtt_us + 4 * rttvar_us) / 1000

    def late(self, now: float) -> None:
        """A splice came too late."""
        self._late_until = now + LATE_FOR_S

    def ms(self, now: float) -> float:
        """Milliseconds between the playhead and what may be changed."""
        known = self._round_trip_ms
        ms = UNKNOWN_MS if known is None else max(LEAST_MS, known + MARGIN_MS)
        return min(MOST_MS, ms * LATE_FACTOR if now < self._late_until else ms)

    def frames(self, now: float) -> int:
        """The guard in frames at 48 kHz."""
        return round(self.ms(now) * 48)
