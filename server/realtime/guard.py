"""How far ahead of the playhead a change must begin so that its samples arrive in time."""

LEAST_MS = 30.0
MOST_MS = 2_000.0
UNKNOWN_MS = 60.0
"""Until the first round trip is reported."""
MARGIN_MS = 15.0
"""For rendering, and for the tick of the worklet."""
LATE_FACTOR = 1.5


class Guard:
    """One connection's guard, from the round trip that its client measures (RFC 6298)."""

    __slots__ = ("_is_late", "_round_trip_ms")

    def __init__(self) -> None:
        self._round_trip_ms: float | None = None
        self._is_late = False

    def report(self, srtt_us: int, rttvar_us: int) -> None:
        """A smoothed round trip and its variation."""
        self._round_trip_ms = (srtt_us + 4 * rttvar_us) / 1000

    def late(self, late_ms: float) -> None:
        """How much too late the last splice came; 0 if it was on time."""
        self._is_late = late_ms > 0

    @property
    def ms(self) -> float:
        known = self._round_trip_ms
        ms = UNKNOWN_MS if known is None else max(LEAST_MS, known + MARGIN_MS)
        return min(MOST_MS, ms * LATE_FACTOR if self._is_late else ms)

    @property
    def frames(self) -> int:
        """The guard in frames at 48 kHz."""
        return round(self.ms * 48)
