"""From what a stream may send to what is to be rendered: codec, sizes and flags of its next packets."""

from collections.abc import Sequence
from typing import NamedTuple

from server.kit.codecs import PACKET_FRAMES
from server.realtime import wire
from server.realtime.credit import MOST_FRAMES, Credit, next_packets
from server.realtime.opus import OpusFeed
from server.realtime.stream import QUANTUM, Span, Stream, WireCodec

QUIET_S = 1.0
"""So long after a splice a stream goes back to Opus; until then it is s16."""


class Work(NamedTuple):
    """Packets of equal length that are to be rendered and written together."""

    turn: int
    """Of the channel when it was planned; older ones are thrown away."""
    start: int
    """First frame that is played."""
    frames: int
    """Those that are played, in all packets."""
    flags: Sequence[int]
    """Of each packet."""
    span: Span
    span_start: int
    """First frame that is rendered; Opus needs others than it sends."""
    codec: WireCodec
    feed: OpusFeed | None
    """Makes Opus of the samples."""

    @property
    def first_pos(self) -> int:
        """First frame of the first packet."""
        pre_roll = sum(1 for one in self.flags if one & wire.FLAG_PRE_ROLL)
        return self.start - pre_roll * PACKET_FRAMES

    @property
    def end(self) -> int:
        return self.start + self.frames

    @property
    def packet_frames(self) -> int:
        return (self.end - self.first_pos) // len(self.flags)

    @property
    def rendered_packets(self) -> int:
        """Packets of samples, of which levels can be had: 0 where they are not whole quanta."""
        is_whole = self.start % QUANTUM == 0 and self.frames % QUANTUM == 0
        return 0 if not is_whole else 1 if self.feed is not None else len(self.flags)


class Packing:
    """The codec of one stream, and where its encoder stands."""

    __slots__ = ("_feed", "_spliced_at", "_stream", "codec")

    def __init__(self, stream: Stream, codec: WireCodec) -> None:
        self.codec: WireCodec = codec
        """What was agreed; single packets may be s16 instead of Opus."""
        self._stream = stream
        self._feed: OpusFeed | None = None
        self._spliced_at = float("-inf")

    def spliced(self, now: float) -> None:
        """The sound changed."""
        self._spliced_at = now

    def restart(self) -> None:
        """What comes next does not follow what was planned last."""
        self._feed = None

    def next(
        self, pos: int, most: int, credit: Credit, end: int | None, now: float
    ) -> tuple[int, int, WireCodec]:
        """(frames of a packet, packets, codec) that may be sent from `pos` on; 0 frames: none."""
        deep = credit.is_deep()
        if self.codec != wire.OPUS:
            return *next_packets(pos, credit.limit, end, most, deep=deep), self.codec
        is_quiet = now - self._spliced_at >= QUIET_S and not self._stream.is_exact
        if not is_quiet or pos % PACKET_FRAMES:
            return *next_packets(pos, credit.limit, end, most, deep=deep), "s16"
        last = credit.limit if end is None else min(credit.limit, -(-end // PACKET_FRAMES) * PACKET_FRAMES)
        packets = min(last - pos, max(most, PACKET_FRAMES), MOST_FRAMES) // PACKET_FRAMES
        return PACKET_FRAMES if packets > 0 else 0, packets, wire.OPUS

    def work(
        self,
        turn: int,
        pos: int,
        each: int,
        packets: int,
        codec: WireCodec,
        first_flags: int,
        last_flags: int,
    ) -> Work:
        """Packets from `pos` on, and what is to be rendered for them; flags of those that are played."""
        frames = each * packets
        feed, span_start, span_frames, flags = None, pos, frames, [0] * packets
        if codec == wire.OPUS:
            feed = self._feed if self._feed is not None and self._feed.next_pos == pos else OpusFeed(pos)
            span_start, span_frames, flags = feed.take(frames)
        self._feed = feed
        flags[-packets] |= first_flags
        flags[-1] |= last_flags
        span = self._stream.span(span_start, span_frames, 1 if feed is not None else packets)
        return Work(turn, pos, frames, flags, span, span_start, codec, feed)
