from __future__ import annotations

import pytest

from server.realtime.outbox import MOST_CONTROL, MOST_EVENTS, MOST_MEDIA_BYTES, Outbox, Packets
from server.realtime.wire import PacketHeader


def packet(sid: int = 1, pos: int = 0, size: int = 100) -> Packets:
    return Packets(PacketHeader(sid, pos, 480, "s16", 0), [0], memoryview(bytearray(size)), pos)


def test_what_is_urgent_goes_first_and_audio_last() -> None:
    outbox = Outbox(lambda: None)
    audio = packet()
    outbox.media(audio)
    outbox.event(b"event")
    outbox.control(b"control")
    outbox.urgent(b"time")
    assert [outbox.pop() for _ in range(5)] == [b"time", b"control", b"event", audio, None]


@pytest.mark.parametrize(
    ("queue", "most"), [("urgent", MOST_CONTROL), ("control", MOST_CONTROL), ("event", MOST_EVENTS)]
)
def test_a_queue_that_is_not_read_ends_the_connection(queue: str, most: int) -> None:
    outbox = Outbox(lambda: None)
    put = getattr(outbox, queue)
    for _ in range(most):
        put(b"x")
    assert not outbox.has_overflowed
    put(b"one too many")
    assert [outbox.pop() for _ in range(most + 1)] == [*[b"x"] * most, None]
    assert bool(outbox.has_overflowed)


def test_audio_of_one_stream_is_dropped_with_its_first_position() -> None:
    outbox = Outbox(lambda: None)
    other = packet(sid=2)
    for one in (packet(pos=960), other, packet(pos=480)):
        outbox.media(one)
    assert outbox.drop_media(1) == 480
    assert outbox.drop_media(1) is None
    assert outbox.media_bytes == 100
    assert outbox.pop() is other
    assert outbox.media_bytes == 0


def test_there_is_room_for_audio_until_a_quarter_megabyte_waits() -> None:
    outbox = Outbox(lambda: None)
    outbox.media(packet(size=MOST_MEDIA_BYTES - 1))
    assert outbox.has_room_for_media()
    outbox.media(packet(size=1))
    assert not outbox.has_room_for_media()
    outbox.clear_media()
    assert outbox.has_room_for_media()
    assert outbox.pop() is None


def test_readers_of_the_log_wait_at_half_the_bound() -> None:
    outbox = Outbox(lambda: None)
    for _ in range(MOST_EVENTS // 2 - 1):
        outbox.event(b"x")
    assert outbox.has_room_for_events()
    outbox.event(b"x")
    assert not outbox.has_room_for_events()
