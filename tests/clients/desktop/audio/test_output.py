from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clients.desktop.audio.curves import Envelope
from clients.desktop.audio.deck import Deck
from clients.desktop.audio.output import Output

if TYPE_CHECKING:
    from clients.desktop.audio.ring import Samples


class Ears:
    def __init__(self) -> None:
        self.heard: list[Samples] = []

    def add(self, block: Samples) -> None:
        self.heard.append(block.copy())


def deck_of(value: float, frames: int = 48_000) -> Deck:
    deck = Deck(0, 0, Envelope(((0, 1.0),)), 1, None, 2**17)
    deck.write(0, 0, np.full((frames, 2), value, np.float32))
    return deck


def test_volume_is_last_and_glides_and_nobody_who_listens_hears_it() -> None:
    ears = Ears()
    output = Output(lambda: None, (ears,))
    output.take_stage(deck_of(1.0))
    output.volume = 50
    first, second = output.pull(960), output.pull(960)
    assert np.abs(np.diff(first[:, 0])).max() < 0.001
    assert (second == 0.5).all()
    assert (np.concatenate(ears.heard) == 1.0).all()
    output.is_muted = True
    output.pull(960)
    assert (output.pull(960) == 0).all()
    assert (ears.heard[-1] == 1.0).all()


def test_only_what_sounds_is_kept() -> None:
    ears = Ears()
    output = Output(lambda: None, (ears,))
    silences = [output.is_silent]
    output.pull(480)
    deck = deck_of(1.0)
    deck.ring.end_pos = 1000
    output.take_stage(deck)
    output.pull(480)
    silences.append(output.is_silent)
    output.pull(960)
    assert sum(map(len, ears.heard)) == 1000
    assert [*silences, output.is_silent] == [True, False, True]


def test_who_leaves_the_stage_falls_beside_who_comes() -> None:
    ears = Ears()
    output = Output(lambda: None, (ears,))
    output.take_stage(deck_of(1.0))
    output.pull(960)
    output.take_stage(None)
    output.take_stage(deck_of(0.25))
    output.pull(14_400)
    heard = np.concatenate(ears.heard)[:, 0]
    assert heard[960] == 1.25
    assert abs(heard[-1] - 0.25) < 1e-6
    assert np.abs(np.diff(heard[961:])).max() < 0.001


def test_ticks_come_in_time_and_at_once_with_news() -> None:
    ticks: list[int] = []
    output = Output(lambda: ticks.append(1))
    output.tick_frames = 4800
    deck = deck_of(1.0)
    output.take_stage(deck)
    output.pull(480)
    assert len(ticks) == 1  # it has started
    deck.happenings.clear()
    for _ in range(9):
        output.pull(480)
    assert len(ticks) == 1
    output.pull(480)
    assert len(ticks) == 2
