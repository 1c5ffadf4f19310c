"""What waits to be written to one client: bounded, by priority, with a stated end for those who do not read.

Round-trip answers first, then control, then events, then audio, then meters. Control beyond 256 messages or
events beyond 1,000 end the connection (`has_overflowed`); audio is bounded by credit, and none is rendered
while 256 KiB wait here.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from server.realtime.wire import PacketHeader

MOST_CONTROL = 256
MOST_EVENTS = 1_000
MOST_MEDIA_BYTES = 262_144
MOST_METERS = 16


class Packets(NamedTuple):
    """Rendered packets of equal length, FRAME_HEAD + HEADER_BYTES free bytes before the samples of each."""

    header: PacketHeader
    """Of the first, as far as the stream knows it."""
    flags: Sequence[int]
    """Of each."""
    buffer: memoryview
    pos: int
    """First frame that is to be played; pre-roll lies before it."""

    @property
    def sid(self) -> int:
        return self.header.sid


class Outbox:
    """The queues of one connection."""

    __slots__ = (
        "_control",
        "_events",
        "_media",
        "_meters",
        "_urgent",
        "flush",
        "has_overflowed",
        "media_bytes",
    )

    def __init__(self, flush: Callable[[], None]) -> None:
        self.flush = flush
        """Write what can be written; called by whoever has put something in from outside the reader."""
        self.has_overflowed = False
        """Something was lost: the connection is to be ended."""
        self._urgent: deque[bytes] = deque()
        self._control: deque[bytes] = deque()
        self._events: deque[bytes] = deque()
        self._media: deque[Packets] = deque()
        self._meters: deque[bytes] = deque(maxlen=MOST_METERS)
        self.media_bytes = 0

    def urgent(self, message: bytes) -> None:
        """An answer whose delay would be measured as distance."""
        self._append(self._urgent, message, MOST_CONTROL)

    def control(self, message: bytes) -> None:
        self._append(self._control, message, MOST_CONTROL)

    def event(self, message: bytes) -> None:
        self._append(self._events, message, MOST_EVENTS)

    def media(self, packets: Packets) -> None:
        self._media.append(packets)
        self.media_bytes += len(packets.buffer)

    def meters(self, packet: bytes) -> None:
        """Levels: last of all, and the oldest go first when there is no room."""
        self._meters.append(packet)

    def has_room_for_media(self) -> bool:
        """Whether more audio should be rendered for this client."""
        return self.media_bytes < MOST_MEDIA_BYTES

    def has_room_for_events(self) -> bool:
        """Whether a reader of the event log may go on; half the bound leaves room for live ones."""
        return len(self._events) < MOST_EVENTS // 2

    def pop(self) -> bytes | Packets | None:
        """What is to be written next."""
        for queue in (self._urgent, self._control, self._events):
            if queue:
                return queue.popleft()
        if not self._media:
            return self._meters.popleft() if self._meters else None
        packets = self._media.popleft()
        self.media_bytes -= len(packets.buffer)
        return packets

    def drop_media(self, sid: int) -> int | None:
        """Forget a stream's audio that was not written; its first position, or None."""
        dropped = [packets for packets in self._media if packets.sid == sid]
        if not dropped:
            return None
        self._media = deque(packets for packets in self._media if packets.sid != sid)
        self.media_bytes -= sum(len(packets.buffer) for packets in dropped)
        return min(packets.pos for packets in dropped)

    def clear_media(self) -> None:
        """Forget all audio: nobody will read it."""
        self._media.clear()
        self.media_bytes = 0

    def _append(self, queue: deque[bytes], message: bytes, most: int) -> None:
        if len(queue) >= most:
            self.has_overflowed = True
        else:
            queue.append(message)
