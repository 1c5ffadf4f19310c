from __future__ import annotations

from typing import TYPE_CHECKING, cast

from server.realtime.credit import Credit
from server.realtime.wire import FLAG_END, FLAG_PRE_ROLL, FLAG_RESET, FLAG_SPLICE
from server.realtime.work import Packing
from tests.peers.tone import ToneRenderer, ToneStream

if TYPE_CHECKING:
    from server.realtime.stream import OpenContext


def packing(codec: str) -> Packing:
    stream = ToneStream(ToneRenderer(), "session", cast("OpenContext", None))
    return Packing(stream, "opus" if codec == "opus" else "s16")


def test_opus_is_rendered_a_quantum_further_than_it_is_sent() -> None:
    work = packing("opus").work(0, 9_600, 960, 3, "opus", FLAG_SPLICE, FLAG_END)
    assert (work.start, work.end, work.first_pos) == (9_600, 12_480, 5_760)
    assert (work.span_start, work.packet_frames) == (5_760, 960)
    first = [FLAG_RESET | FLAG_PRE_ROLL, *[FLAG_PRE_ROLL] * 3]
    assert list(work.flags) == [*first, FLAG_SPLICE, 0, FLAG_END]
    assert work.rendered_packets == 1


def test_pcm_is_rendered_as_it_is_sent() -> None:
    work = packing("s16").work(0, 100, 860, 1, "s16", FLAG_SPLICE, 0)
    assert (work.first_pos, work.span_start, work.end, work.feed) == (100, 100, 960, None)
    assert work.rendered_packets == 0


def test_a_splice_makes_an_opus_stream_pcm_for_a_second() -> None:
    made, credit = packing("opus"), Credit(0, 0, 9_600, 0.0)
    assert made.next(0, 48_000, credit, None, 0.0) == (960, 10, "opus")
    made.spliced(10.0)
    assert made.next(0, 48_000, credit, None, 10.9) == (1_920, 5, "s16")
    assert made.next(0, 48_000, credit, None, 11.0) == (960, 10, "opus")
    assert made.next(100, 48_000, credit, None, 11.0) == (860, 1, "s16")
