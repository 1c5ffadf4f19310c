import numpy as np
import pytest

from dsp.base.grid import RATE_HZ
from dsp.listen.sources.section import Draws

MANY = [Draws(7, section) for section in range(4_000)]


def test_choices_follow_their_weights() -> None:
    chosen = [draws.choose("abc", (1.0, 2.0, 1.0), 3) for draws in MANY]
    assert chosen.count("b") / len(MANY) == pytest.approx(0.5, abs=0.04)
    assert set(chosen) == {"a", "b", "c"}
    assert sum(draws.happens(0.3, 4) for draws in MANY) / len(MANY) == pytest.approx(0.3, abs=0.03)


def test_a_choice_over_sections_stays_for_them() -> None:
    kept = [draws.over(4).between(0.0, 1.0, 5) for draws in MANY[:40]]
    assert all(len(set(kept[first : first + 4])) == 1 for first in range(0, 40, 4))
    assert len(set(kept)) == 10


def test_players_are_late_and_early_but_never_far() -> None:
    frames = np.array([draws.timing(6.0, 1) for draws in MANY]) * 1000.0 / RATE_HZ
    assert abs(frames.mean()) < 0.4
    assert frames.std() == pytest.approx(6.0, rel=0.05)
    assert np.abs(frames).max() <= 12.03


def test_drift_is_slow_and_gains_are_in_decibels() -> None:
    course = [Draws(7, 10).drift(2, 3.0, within / 100.0) for within in range(100)]
    assert np.max(np.abs(np.diff(course))) < 0.02
    gains_db = 20.0 * np.log10([draws.gain(-3.0, 1.0, 6) for draws in MANY])
    assert -3.0 <= gains_db.min() < -2.9
    assert 0.9 < gains_db.max() <= 1.0
