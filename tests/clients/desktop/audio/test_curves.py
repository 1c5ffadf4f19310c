from __future__ import annotations

import numpy as np
import pytest

from clients.desktop.audio.curves import FOREVER, JOIN_FRAMES, Envelope, Gain, Ramp, read_points
from dsp import listen

POINTS = ((100, 0.0), (200, 1.0), (300, 0.25))


def test_an_envelope_has_the_bits_of_the_engine() -> None:
    points = read_points([[100, 0], [200, 1.0], [300, 0.25]])
    assert points == POINTS
    assert Envelope(points).at(np.arange(50, 400)).tobytes() == listen.envelope(POINTS, 50, 350).tobytes()
    assert Envelope(()).at(np.arange(3)).tolist() == [1.0, 1.0, 1.0]
    assert (Envelope(points).start, Envelope().start) == (100, -FOREVER)


def test_a_newer_envelope_holds_from_its_first_point_on() -> None:
    gain = Gain(Envelope(((0, 1.0),)), 1)
    assert not gain.replace(Envelope(((500, 1.0), (600, 0.0))), 2, 100)
    assert gain.rev == 2
    assert gain.at(np.array([499, 500, 600])).tolist() == [1.0, 1.0, 0.0]


def test_an_envelope_that_comes_late_is_joined_from_the_present_gain() -> None:
    gain = Gain(Envelope(((0, 1.0),)), 1)
    assert gain.replace(Envelope(((0, 0.0),)), 2, 1000)
    assert gain.one(1000) == 1.0
    assert gain.one(1000 + JOIN_FRAMES // 2) == pytest.approx(0.5)
    assert gain.one(1000 + JOIN_FRAMES) == 0.0
    steps = np.diff(gain.at(np.arange(1000, 1100 + JOIN_FRAMES)))
    assert np.abs(steps).max() < 2 / JOIN_FRAMES


def test_the_former_envelope_outlives_a_second_replacement_before_the_change() -> None:
    gain = Gain(Envelope(((0, 0.5),)), 1)
    gain.replace(Envelope(((500, 0.5), (600, 0.0))), 2, 100)
    gain.replace(Envelope(((700, 0.5), (800, 0.0))), 3, 150)
    assert gain.at(np.array([160, 650, 800])).tolist() == [0.5, 0.5, 0.0]


def test_a_ramp_falls_stands_and_rises() -> None:
    ramp = Ramp(100)
    was_falling = ramp.is_falling
    ramp.fall(1000)
    assert (was_falling, ramp.is_falling) == (False, True)
    assert ramp.stand_pos == 1100
    assert ramp.at(np.array([999, 1000, 1050])) == pytest.approx([1.0, 1.0, 0.5])
    ramp.rise()
    assert ramp.at(np.array([1100, 1150, 1200])) == pytest.approx([0.0, 0.5, 1.0])
    assert ramp.stand_pos > FOREVER
