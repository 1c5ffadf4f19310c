from __future__ import annotations

import numpy as np
import pytest

from clients.desktop.audio.curves import PAUSE_FRAMES, Envelope
from clients.desktop.audio.deck import START_FRAMES, Deck, Standing
from clients.desktop.audio.ring import FADE_FRAMES, Samples

FULL = Envelope(((0, 1.0),))


def opened(envelope: Envelope = FULL, end_pos: int | None = None) -> Deck:
    return Deck(0, 0, envelope, 1, end_pos, 2**18)


def feed(deck: Deck, frames: int, value: float = 1.0) -> None:
    deck.write(deck.ring.epoch, deck.ring.new_end, np.full((frames, 2), value, np.float32))


def render(deck: Deck, frames: int, block: int = 960) -> Samples:
    out = np.full((frames, 2), np.nan, np.float32)
    for start in range(0, frames, block):
        deck.render(out[start : start + block])
    return out


def told(deck: Deck) -> list[tuple[str, int]]:
    entries: list[tuple[str, int]] = [(one.what, one.pos) for one in deck.happenings]
    deck.happenings = []
    return entries


def test_it_waits_for_150_ms_then_plays() -> None:
    deck = opened()
    feed(deck, START_FRAMES - 1)
    assert (render(deck, 512) == 0).all()
    assert deck.render(np.zeros((5, 2), np.float32)) == 0
    assert deck.ring.play == 0
    feed(deck, 1)
    assert (render(deck, 512) == 1).all()
    assert told(deck) == [("start", 0)]
    assert deck.played == 512


def test_the_envelope_is_float64_rounded_once() -> None:
    deck = opened(Envelope(((0, 0.0), (9600, 1.0))))
    feed(deck, 48_000, 0.3)
    pos = np.arange(12_800)
    gain = np.where(pos < 9600, 0.5 - 0.5 * np.cos(np.pi * pos / 9600), 1.0).astype(np.float32)
    assert (render(deck, 12_800)[:, 0] == np.float32(0.3) * gain).all()


def test_a_late_end_with_little_left_is_an_end() -> None:
    deck = opened()
    feed(deck, 15_400)
    render(deck, 12_000)
    deck.set_envelope(Envelope(((1_000, 1.0), (15_400, 0.0))), 2, 15_400)
    render(deck, 12_000)
    assert deck.standing is Standing.ENDED


def test_who_waits_has_no_late_end_to_join() -> None:
    deck = opened()
    feed(deck, 12_000)
    render(deck, 24_000)
    assert told(deck)[-1] == ("stand", 12_000)
    deck.set_envelope(Envelope(((1_000, 1.0), (12_010, 0.0))), 2, 12_010)
    feed(deck, 10)
    render(deck, 1_000)
    assert deck.standing is Standing.ENDED


@pytest.mark.parametrize("block", [64, 960, 4096])
def test_it_ends_on_the_exact_frame(block: int) -> None:
    deck = opened(end_pos=10_007)
    feed(deck, 10_007)
    heard = render(deck, 12_288, block)
    assert (heard[:10_007] == 1).all()
    assert (heard[10_007:] == 0).all()
    assert deck.standing is Standing.ENDED
    assert told(deck)[-1] == ("stand", 10_007)


def test_pause_falls_from_the_playhead_and_play_rises_where_it_stood() -> None:
    deck = opened()
    feed(deck, 96_000)
    render(deck, 1280)
    deck.pause()
    heard = render(deck, PAUSE_FRAMES + 1280)
    fall = 0.5 + 0.5 * np.cos(np.pi * np.arange(PAUSE_FRAMES) / PAUSE_FRAMES)
    assert heard[:PAUSE_FRAMES, 0] == pytest.approx(fall, abs=1e-6)
    assert (heard[PAUSE_FRAMES:] == 0).all()
    assert deck.standing is Standing.PAUSED
    assert deck.ring.play == 1280 + PAUSE_FRAMES
    deck.resume()
    risen = render(deck, PAUSE_FRAMES + 960)
    assert risen[:PAUSE_FRAMES, 0] == pytest.approx(1 - fall, abs=1e-6)
    assert (risen[PAUSE_FRAMES:] == 1).all()
    stood = 1280 + PAUSE_FRAMES
    assert told(deck) == [("start", 0), ("pause", 1280), ("stand", stood), ("rise", stood), ("start", stood)]


def test_a_resume_while_it_falls_is_obeyed_when_it_is_down() -> None:
    deck = opened()
    feed(deck, 96_000)
    render(deck, 1280)
    deck.pause()
    render(deck, 1000)
    was_pausing = deck.is_pausing
    deck.resume()
    assert (was_pausing, deck.is_pausing) == (True, False)
    heard = render(deck, 3 * PAUSE_FRAMES)
    assert heard.min() == 0.0
    assert (heard[-100:] == 1).all()


def test_a_pause_before_the_first_sound_holds_it() -> None:
    deck = opened()
    deck.pause()
    feed(deck, 48_000)
    assert (render(deck, 960) == 0).all()
    deck.resume()
    assert (render(deck, 960) == 1).all()


def test_an_underrun_is_a_ramp_to_silence_and_back() -> None:
    deck = opened()
    feed(deck, 9600)
    heard = render(deck, 12_000)
    assert (heard[:9000] == 1).all()
    assert (heard[9600:] == 0).all()
    assert np.abs(np.diff(heard[:, 0])).max() < 2 / FADE_FRAMES * 2
    assert deck.underruns == 1
    stood = deck.ring.play
    feed(deck, 48_000)
    back = render(deck, 4800)
    assert (back[FADE_FRAMES:] == 1).all()
    assert np.abs(np.diff(back[:, 0])).max() < 2 / FADE_FRAMES * 2
    assert deck.ring.play == stood + 4800


def test_a_pause_in_time_is_no_underrun() -> None:
    deck = opened()
    feed(deck, 20_000)
    render(deck, 5000)
    deck.pause()
    render(deck, 20_000)
    assert (deck.underruns, deck.standing) == (0, Standing.PAUSED)


def test_a_fade_alone_ends_it_and_the_servers_word_still_wins() -> None:
    deck = opened(end_pos=1_000_000)
    feed(deck, 96_000)
    render(deck, 4800)
    deck.fade_alone(9600)
    heard = render(deck, 4800)
    assert heard[-1, 0] == pytest.approx(0.5, abs=1e-3)
    deck.set_envelope(FULL, 1, None)  # no newer than what it replaced
    render(deck, 9600)
    assert deck.standing is Standing.ENDED
    again = opened(end_pos=1_000_000)
    feed(again, 96_000)
    render(again, 4800)
    again.fade_alone(9600)
    again.set_envelope(FULL, 2, None)
    assert (render(again, 48_000)[-100:] == 1).all()


def test_packets_tell_of_their_epoch_and_old_ones_are_dropped() -> None:
    deck = opened()
    feed(deck, 24_000)
    render(deck, 960)
    deck.write(1, 12_000, np.full((12_000, 2), 2, np.float32))
    deck.write(0, 24_000, np.full((960, 2), 7, np.float32))
    heard = render(deck, 20_000)
    assert (heard[:11_040] == 1).all()
    assert (heard[11_040:] == 2).all()
    assert ("learn", 960) in told(deck)
    assert (deck.late_frames, deck.detours) == (0, 0)


def test_a_splice_that_comes_late_is_measured() -> None:
    deck = opened()
    feed(deck, 24_000)
    render(deck, 960)
    deck.learn(1, 2000)
    render(deck, 2880)
    deck.write(1, 2000, np.zeros((12_000, 2), np.float32))
    assert deck.late_frames == 3840 + 608 - 2000
    assert deck.detours == 1
    render(deck, 960)  # and back
    deck.learn(2, deck.ring.play + 100)
    assert deck.detours == 2


def test_it_leaves_the_stage_falling() -> None:
    deck = opened()
    feed(deck, 48_000)
    assert len(deck.leave(PAUSE_FRAMES)) == 0  # nothing sounds yet
    render(deck, 960)
    tail = deck.leave(PAUSE_FRAMES)
    assert len(tail) == PAUSE_FRAMES
    assert tail[0, 0] == 1.0
    assert tail[-1, 0] < 1e-6
