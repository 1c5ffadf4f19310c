"""Levels against what numpy says of the same samples, and packets as a subscriber reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from server.realtime import wire
from server.realtime.meters import Meter, measure
from server.realtime.wire import WireError
from tests.peers.wired import Wired

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEAD = 28


def payload(samples: NDArray[np.float32], codec: str, packets: int) -> NDArray[np.uint8]:
    """Packets (packets, head + samples) of (frames, 2)."""
    stored = np.rint(samples * 32_767).astype(np.int16) if codec == "s16" else samples
    body = stored.reshape(packets, -1).view(np.uint8)
    return np.concatenate([np.zeros((packets, HEAD), np.uint8), body], axis=1).reshape(-1)


@pytest.mark.parametrize("codec", ["s16", "f32"])
def test_peak_and_mean_square_of_each_ear_and_quantum(codec: str) -> None:
    draw = np.random.default_rng(3)
    samples = (draw.uniform(-0.5, 0.5, (10 * 960, 2)) * [1.0, 0.25]).astype(np.float32)
    levels = measure(payload(samples, codec, 5), codec, HEAD, 5)
    quanta = samples.reshape(10, 960, 2)
    assert np.allclose(levels[:, 0], np.abs(quanta).max(axis=1), atol=1e-4)
    assert np.allclose(levels[:, 1], (quanta**2).mean(axis=1), atol=1e-4)


def test_the_least_number_is_full_scale() -> None:
    frames = np.full((960, 2), -32_768, dtype=np.int16).view(np.uint8).reshape(-1)
    levels = measure(np.concatenate([np.zeros(HEAD, np.uint8), frames]), "s16", HEAD, 1)
    assert levels.tolist() == [[[1.0, 1.0], [1.0, 1.0]]]


def steady(quanta: int, gain: float) -> NDArray[np.float32]:
    return np.tile(np.array([[gain, gain / 2], [gain**2 / 2, gain**2 / 8]], np.float32), (quanta, 1, 1))


def test_entries_come_in_packets_of_a_quarter_second_at_the_rate_asked_for() -> None:
    meter = Meter(3, 10.0, ("peak", "rms"))
    assert meter.add(0, 0, steady(12, 0.5)) is None
    packet = meter.add(12 * 960, 0, steady(10, 0.5))
    assert packet is not None
    header, rows = wire.parse_meters(packet, 4)
    assert (header.sid, header.seq, header.pos, header.frames) == (3, 0, 0, 20 * 960)
    assert [offset for offset, _ in rows] == [0, 100, 200, 300]
    assert rows[0][1] == (-602, -1204, -903, -1505)
    packet = meter.add(22 * 960, 0, steady(13, 0.5))
    assert packet is not None
    assert wire.parse_meters(packet, 4)[0].pos == 20 * 960


def test_only_what_was_asked_for_is_told_and_silence_has_a_floor() -> None:
    packet = Meter(1, 20.0, ("peak",)).add(0, 0, steady(50, 0.0))
    assert packet is not None
    rows = wire.parse_meters(packet, 2)[1]
    assert {levels for _, levels in rows} == {(-12_000, -12_000)}


def test_after_a_splice_it_begins_anew() -> None:
    meter = Meter(1, 10.0, ("peak",))
    meter.add(0, 0, steady(10, 1.0))
    packet = meter.add(4_800, 1, steady(15, 0.1))
    assert packet is not None
    header, rows = wire.parse_meters(packet, 2)
    assert (header.pos, header.epoch) == (4_800, 1)
    assert {levels for _, levels in rows} == {(-2000, -2602)}


def test_what_is_no_meter_packet_is_refused() -> None:
    for data in (b"\x20", b"\x10" + bytes(23), b"\x20" + bytes(24)):
        with pytest.raises(WireError):
            wire.parse_meters(data, 1)


async def test_a_subscription_is_answered_and_ends_with_rate_zero() -> None:
    wired = Wired()
    channel = await wired.open()
    wired.say(wire.MetersSub(id=wired.next_id(), sid=channel.sid, hz=10, what=("rms",)))
    assert wired.last(wire.MetersState).what == ("rms",)
    assert channel.is_metered
    works = channel.plan(wired.now, 48_000)
    channel.measured(works, [steady(work.frames // 960, 0.5) for work in works])
    works = channel.plan(wired.now, 48_000)
    wired.say(wire.MetersSub(id=wired.next_id(), sid=channel.sid, hz=0))
    assert not channel.is_metered


async def test_meters_wait_until_all_audio_is_written() -> None:
    wired = Wired()
    for number in range(20):
        wired.outbox.meters(bytes([0x20, number]))
    wired.outbox.control(b"\x80")
    assert wired.outbox.pop() == b"\x80"
    assert wired.outbox.pop() == b"\x20\x04", "the oldest went first"
