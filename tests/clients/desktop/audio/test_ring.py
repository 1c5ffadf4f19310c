from __future__ import annotations

import numpy as np
import pytest

from clients.desktop.audio.ring import FADE_FRAMES, LOW_FRAMES, Plane, Ring, Samples


def tone(pos: int, frames: int, epoch: int) -> Samples:
    """Samples that say where they are and of which epoch."""
    place = np.arange(pos, pos + frames) % 997
    return np.stack([epoch * 1000 + place, epoch * 1000 + place + 0.5], axis=1).astype(np.float32)


def write(ring: Ring, pos: int, frames: int, epoch: int) -> bool:
    return ring.write(pos, tone(pos, frames, epoch))


def play(ring: Ring, frames: int) -> Samples:
    """Play on, choosing planes as the deck does."""
    blocks = []
    while frames:
        ring.choose_plane()
        step = min(frames, 128)
        blocks.append(ring.read(step))
        frames -= step
    return np.concatenate(blocks)


def is_of(block: Samples, pos: int, epoch: int) -> bool:
    return bool((block == tone(pos, len(block), epoch)).all())


def test_each_position_is_played_once() -> None:
    ring = Ring(500, 0, 8192)
    write(ring, 500, 4000, 0)
    assert is_of(play(ring, 1000), 500, 0)
    assert is_of(play(ring, 1000), 1500, 0)
    assert (ring.play, ring.new_left, ring.left) == (2500, 2000, 2000)


def test_it_wraps_round_its_end_and_protects_the_playhead() -> None:
    ring = Ring(0, 0, 4096)
    for pos in range(0, 40_960, 1024):
        assert write(ring, pos, 1024, 0)
        assert is_of(play(ring, 1024), pos, 0)
    assert write(ring, ring.play, 4096, 0)
    assert not write(ring, ring.play + 4096, 1, 0)


def test_after_a_gap_nothing_is_taken_and_what_is_there_is_kept() -> None:
    ring = Ring(0, 0, 8192)
    write(ring, 0, 960, 0)
    assert not write(ring, 1000, 960, 0)
    assert write(ring, 0, 500, 9)
    assert write(ring, 480, 960, 0)
    assert is_of(play(ring, 1300), 0, 0)


def test_a_splice_in_time_changes_no_sample_before_or_after_it() -> None:
    ring = Ring(0, 0, 16_384)
    write(ring, 0, 9600, 0)
    play(ring, 960)
    assert ring.learn(1, 4800)
    assert not ring.learn(1, 4800)
    was_awaiting = ring.is_awaiting
    write(ring, 4800, 4800, 1)
    assert (was_awaiting, ring.is_awaiting) == (True, False)
    assert is_of(play(ring, 3840), 960, 0)
    assert is_of(play(ring, 3000), 4800, 1)


def test_a_splice_that_never_comes_is_the_sound_from_before() -> None:
    ring = Ring(0, 0, 16_384)
    write(ring, 0, 9600, 0)
    ring.learn(1, 4800)
    assert is_of(play(ring, 9000), 0, 0)


def test_a_late_splice_is_crossfaded_in() -> None:
    ring = Ring(0, 0, 16_384)
    write(ring, 0, 9600, 0)
    ring.learn(1, 2400)
    assert is_of(play(ring, 3840), 0, 0)
    former = ring.plane
    write(ring, 2400, 7200, 1)
    heard = play(ring, 1920)[:, 0]
    share = (heard - tone(3840, 1920, 0)[:, 0]) / 1000
    assert share[0] == 0.0
    assert (np.diff(share) >= 0).all()
    assert np.diff(share).max() < 0.005
    assert (share[FADE_FRAMES:] == 1.0).all()
    assert (former, ring.plane) == (Plane.OLD, Plane.NEW)


def test_a_splice_cut_short_goes_back_to_the_sound_from_before() -> None:
    ring = Ring(0, 0, 16_384)
    write(ring, 0, 12_000, 0)
    ring.learn(1, 2400)
    write(ring, 2400, 2400, 1)
    heard = play(ring, 10_000)[:, 0]
    share = (heard - tone(0, 10_000, 0)[:, 0]) / 1000
    assert share[2399] == 0.0
    assert share[2400] == 1.0
    assert share[4800 - 64] == 0.0  # before its end it has gone over
    assert np.diff(share[2401:]).min() > -0.005


@pytest.mark.parametrize("at", [3000, 6000])
def test_an_epoch_during_a_crossfade_makes_no_step(at: int) -> None:
    ring = Ring(0, 0, 32_768)
    zeros, ones = np.zeros((20_000, 2), np.float32), np.ones((20_000, 2), np.float32)
    ring.write(0, zeros)
    ring.learn(1, 1000)
    play(ring, 2400)
    ring.write(1000, ones[:8000])
    play(ring, 256)
    ring.learn(2, at)
    heard = [play(ring, 400)]
    ring.write(at, zeros[:12_000])
    heard.append(play(ring, 8000))
    steps = np.abs(np.diff(np.concatenate(heard)[:, 0]))
    splice = at - 2656
    assert np.delete(steps, range(splice - 2, splice + 2)).max() < 0.006


def test_an_older_epoch_is_no_news() -> None:
    ring = Ring(0, 200, 4096)
    assert not ring.learn(199, 10)
    assert ring.learn((200 + 60) & 0xFF, 10)


def test_in_silence_the_newest_is_preferred_at_once() -> None:
    ring = Ring(0, 0, 16_384)
    write(ring, 0, 2400, 0)
    ring.learn(1, 100)
    play(ring, 64)
    write(ring, 100, 4000, 1)
    assert ring.prefer_new()
    assert ring.plane is Plane.NEW
    assert not ring.prefer_new()


def test_it_says_how_long_nothing_needs_to_be_decided() -> None:
    ring = Ring(0, 0, 16_384)
    write(ring, 0, 9600, 0)
    assert ring.calm_frames == 9600 - LOW_FRAMES
    ring.learn(1, 5000)
    assert ring.calm_frames == 5000 - LOW_FRAMES
    play(ring, 4700)
    assert ring.plane is Plane.OLD
    assert ring.calm_frames == 128
    ring.end_pos = 9600
    assert ring.is_complete
