"""Opus as a client hears it, decoded by FFmpeg: every frame in its place, no seam where a feed begins."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from server.kit.codecs import PACKET_BYTES, PACKET_FRAMES
from server.realtime.opus import PRE_ROLL, OpusFeed
from server.realtime.wire import FLAG_PRE_ROLL, FLAG_RESET
from tests.peers.opus import Heard, decode

HEAD = 28


def sound(start: int, frames: int) -> Heard:
    """(frames, 2): a chord and a slow beat, a function of the position."""
    t = np.arange(start, start + frames) / 48_000
    left = 0.1 * sum(np.sin(2 * np.pi * hz * t) for hz in (110.0, 220.5, 1_320.0, 5_000.0))
    return np.stack([left, left * np.cos(2 * np.pi * 0.5 * t)], axis=1).astype(np.float32)


def fed(feed: OpusFeed, frames: int) -> tuple[list[bytes], list[int]]:
    """Packets for the next frames, and their flags."""
    first, count, flags = feed.take(frames)
    rendered = np.zeros(HEAD + count * 8, np.uint8)
    rendered[HEAD:] = sound(first, count).view(np.uint8).reshape(-1)
    packets = feed.encode(rendered, HEAD)
    assert packets.shape == (len(flags), HEAD + PACKET_BYTES)
    return [one.tobytes() for one in packets[:, HEAD:]], flags


def heard_from(start: int, frames: int) -> Heard:
    """What is played of a new feed: its pre-roll is decoded and dropped."""
    packets, flags = fed(OpusFeed(start), frames)
    return decode(packets)[sum(1 for one in flags if one & FLAG_PRE_ROLL) * PACKET_FRAMES :]


def noise(heard: Heard, start: int) -> Heard:
    return heard - sound(start, len(heard))


def test_a_new_feed_resets_the_decoder_and_sends_what_it_needs_to_settle() -> None:
    assert fed(OpusFeed(0), 1_920)[1] == [FLAG_RESET, 0]
    assert fed(OpusFeed(1_920), 960)[1] == [FLAG_RESET | FLAG_PRE_ROLL, FLAG_PRE_ROLL, 0]
    feed = OpusFeed(96_000)
    assert fed(feed, 960)[1] == [FLAG_RESET | FLAG_PRE_ROLL, *[FLAG_PRE_ROLL] * (PRE_ROLL - 1), 0]
    assert fed(feed, 1_920)[1] == [0, 0]
    assert feed.next_pos == 96_000 + 2_880


def test_it_does_not_matter_how_much_is_asked_for_at_once() -> None:
    whole, _ = fed(OpusFeed(48_000), 24_000)
    feed, parts = OpusFeed(48_000), []
    for frames in (960, 4_800, 1_920, 16_320):
        parts += fed(feed, frames)[0]
    assert parts == whole


@pytest.mark.parametrize("start", [9_600, 48_000, 960_000])
def test_where_a_feed_begins_is_no_step_above_the_noise_of_the_codec(start: int) -> None:
    """A resume: the old feed is heard up to `start`, a new one from there on."""
    before = noise(heard_from(start - 9_600, 9_600), start - 9_600)
    after = noise(heard_from(start, 48_000), start)
    usual = np.sqrt(np.mean(after[24_000:] ** 2))
    for packet in range(3):
        first = after[packet * PACKET_FRAMES : (packet + 1) * PACKET_FRAMES]
        assert np.sqrt(np.mean(first**2)) < 2.0 * usual
    joined = np.concatenate([before[-480:], after[:480]])
    largest_step = max(np.abs(b - a).max() for a, b in pairwise(joined))
    steps = np.abs(np.diff(after[24_000:], axis=0))
    assert largest_step <= 2.0 * steps.max()


def test_without_pre_roll_there_would_be_a_step() -> None:
    """The measure sees what it is there for."""
    feed = OpusFeed(0)
    feed.next_pos = start = 48_000
    packets, _ = fed(feed, 24_000)
    after = noise(decode(packets), start)
    assert np.sqrt(np.mean(after[:PACKET_FRAMES] ** 2)) > 4.0 * np.sqrt(np.mean(after[9_600:] ** 2))
