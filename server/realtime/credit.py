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
LEAST_FRAMES = SIZES[-1]
MOST_FRAMES = 48_000
"""Of packets that are rendered and written together; what is written can no longer be taken back."""


class Credit:
    """Playhead, buffer end and limit of one listener, on the server's clock."""

    __slots__ = ("_believed", "_believed_at", "_clamped", "_heard_at", "_stands_at", "have", "limit", "play")

    def __init__(self, start: int, play: int, limit: int, now: float) -> None:
        self.play = min(play, start + HORIZON_FRAMES)
        """Behind `start` when a client goes on with what it still has; beyond it while it hears the sound
        from before a change whose samples never came."""
        self.have = max(self.play, start)
        self.limit = min(limit, self.play + HORIZON_FRAMES)
        self._stands_at: int | None = None
        """Where the playhead comes to rest in a pause."""
        self._heard_at = now
        self._believed = float(self.have + SLACK_FRAMES)
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

    def resume(self, play: int, start: int, now: float) -> None:
        """A new connection, to be sent what follows `start`; what was clamped on the last one is forgiven."""
        self._clamped = 0
        self.report(play, start, now)
        self.have = max(self.play, start)

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


def next_packets(start: int, limit: int, end: int | None, most: int, *, deep: bool) -> tuple[int, int]:
    """(frames, packets) of the next packets of one size, up to `most` frames; 0 frames if none fits.

    The first reaches the grid of 960, then the largest size that fits; long ones begin on their own grid, so
    that several listeners of one instance are sent the same ones.
    """
    is_last = end is not None and end <= limit
    room = (end if is_last and end is not None else limit) - start
    off, far = start % QUANTUM, start % DEEP_SIZES[0]
    # what is left of deep credit waits for more: short packets would leave the grid again each time
    whole = SIZES if not deep else DEEP_SIZES if is_last else DEEP_SIZES[:1]
    if off:
        sizes: tuple[int, ...] = (QUANTUM - off,)
    elif deep and far and not is_last:
        sizes = tuple(size for size in SIZES if size <= DEEP_SIZES[0] - far)
    else:
        sizes = whole
    for size in sizes:
        if size <= room:
            many = sizes is whole and size % QUANTUM == 0
            return size, max(1, min(room, most, MOST_FRAMES) // size) if many else 1
    return (max(0, room), 1) if is_last else (0, 1)
