"""Credit of one stream: what its listener says, what of it is believed, and how much may be sent."""

from server.realtime.errors import RealtimeError
from server.realtime.stream import QUANTUM, RATE_HZ

HORIZON_FRAMES = 20 * RATE_HZ
"""No limit is believed further ahead of the playhead."""
SLACK_FRAMES = 2 * RATE_HZ
DRIFT = 1.01
"""The fastest sound card that is believed."""
MOST_CLAMPED = 10
"""Reports in a row that had to be clamped; then the connection ends."""
DEEP_FRAMES = RATE_HZ
"""Long packets only when so much is buffered: a long one near the playhead would come late."""
SIZES = (1920, 960, 480)
DEEP_SIZES = (4800, *SIZES)


class Credit:
    """Playhead, buffer end and limit of one listener, on the server's clock."""

    __slots__ = ("_believed", "_believed_at", "_clamped", "_heard_at", "_stands_at", "have", "limit", "play")

    def __init__(self, start: int, play: int, limit: int, now: float) -> None:
        self.play = min(play, start)
        """Behind `start` when a client goes on with what it still has."""
        self.have = start
        self.limit = min(limit, self.play + HORIZON_FRAMES)
        self._stands_at: int | None = None
        """Where the playhead comes to rest in a pause."""
        self._heard_at = now
        self._believed = float(start + SLACK_FRAMES)
        self._believed_at = now
        self._clamped = 0

    def report(self, play: int, limit: int, now: float) -> None:
        """Take a playhead and a limit; raises flow_violation when the client insists on impossible ones."""
        furthest = int(self._furthest(now))
        believed_play = min(max(play, self.play), furthest)
        believed_limit = min(limit, believed_play + HORIZON_FRAMES)
        self.play, self.limit = believed_play, believed_limit
        self._heard_at = now
        if play > furthest or believed_limit < limit:
            self._clamped += 1
            if self._clamped >= MOST_CLAMPED:
                raise RealtimeError("flow_violation", "The reported position runs ahead of time.")
        else:
            self._clamped = 0

    def playhead(self, now: float) -> int:
        """Where the listener is by now; never further than what they have."""
        moved = self.play + int((now - self._heard_at) * RATE_HZ)
        if self._stands_at is not None:
            moved = min(moved, self._stands_at)
        return min(moved, max(self.play, self.have))

    def pause(self, stands_at: int, now: float) -> None:
        """The playhead comes to rest at `stands_at`."""
        self._believed = max(self._furthest(now), float(stands_at))
        self._stands_at = stands_at

    def run(self, play: int, now: float) -> None:
        """The playhead moves again, from `play`."""
        self.play = max(self.play, play)
        self._believed_at = self._heard_at = now
        self._stands_at = None

    def is_deep(self) -> bool:
        return self.have - self.play > DEEP_FRAMES

    def _furthest(self, now: float) -> float:
        """`wire.md` §6: play ≤ start + 48,000 · (seconds not paused) · 1.01 + 2 s."""
        if self._stands_at is not None:
            return self._believed
        return self._believed + (now - self._believed_at) * RATE_HZ * DRIFT


def packet_frames(start: int, limit: int, end: int | None, *, deep: bool) -> int:
    """Frames of the next packet: up to the grid of 960, then the largest size that fits; 0 if none does."""
    room = limit - start
    last = end is not None and end <= limit
    if last and end is not None:
        room = end - start
    off = start % QUANTUM
    sizes = (QUANTUM - off,) if off else DEEP_SIZES if deep else SIZES
    for size in sizes:
        if size <= room:
            return size
    return max(0, room) if last else 0
