from dataclasses import replace

import numpy as np
import pytest

from dsp.base.grid import GRANULE
from dsp.listen.sources.one_shots import Scatter, add_events, bubble, burst, poisson, pop, snap

SHOTS = (burst(3, 2000.0, 0.002, 0.6, 6), bubble(4, 1500.0, 0.1), snap(5, 0.002, 8), pop(6, 400.0, 0.01))


def test_shots_have_unit_energy_no_mean_and_soft_ends() -> None:
    for shot in SHOTS:
        assert np.sum(shot.astype(np.float64) ** 2) == pytest.approx(1.0, abs=1e-6)
        assert abs(shot.sum(dtype=np.float64)) < 1e-5
        assert max(abs(shot[0]), abs(shot[-1])) < 0.02 * np.max(np.abs(shot))


def test_a_bubble_rises_in_pitch() -> None:
    shot = bubble(4, 1000.0, 0.5).astype(np.float64)
    crossings = np.flatnonzero(np.diff(np.signbit(shot)))
    periods = np.diff(crossings[:9])
    assert periods[-3:].mean() < periods[:3].mean()


def test_a_pop_falls_in_pitch() -> None:
    crossings = np.flatnonzero(np.diff(np.signbit(pop(6, 700.0, 0.014))))
    assert np.diff(crossings)[-3:].mean() > 1.2 * np.diff(crossings)[:3].mean()


def test_the_more_is_smoothed_the_darker_a_snap() -> None:
    def high_share(smoothing: int) -> float:
        power = np.abs(np.fft.rfft(snap(5, 0.003, smoothing))) ** 2
        return float(power[len(power) // 2 :].sum() / power.sum())

    assert high_share(2) > 5.0 * high_share(10)


def test_events_gather_and_thin_out() -> None:
    """With swings a second holds from all events down to exp(-2 swing) of them, and their number drifts."""
    dense = Scatter(key=9, per_second=400.0, gain=0.1, spread=0.5, loudest=2.0)
    swinging = replace(dense, swings=((0.8, 6.0),))

    def count(scatter: Scatter, index: int) -> int:
        frames = np.zeros((2, GRANULE), np.float32)
        add_events(frames, index, scatter, (np.ones(1, np.float32),))
        return int(np.count_nonzero(frames[0]))

    shares = np.array([count(swinging, index) / count(dense, index) for index in range(1_000, 1_060)])
    assert shares.max() <= 1.0
    assert shares.min() >= 0.8 * np.exp(-1.6)
    assert shares.max() > 2.0 * shares.min()
    assert np.corrcoef(shares[1:], shares[:-1])[0, 1] > 0.6


def test_poisson_counts_have_their_mean_and_variance() -> None:
    chances = (np.arange(20_000) + 0.5) / 20_000
    counts = np.array([poisson(14.0, float(chance)) for chance in chances])
    assert counts.mean() == pytest.approx(14.0, abs=0.01)
    assert counts.var() == pytest.approx(14.0, rel=0.01)
    assert poisson(420.0, 0.5) == 420
    assert poisson(3.0, 0.0) == 0


def test_events_cross_from_second_to_second_whole() -> None:
    scatter = Scatter(key=8, per_second=300.0, gain=0.1, spread=0.5, loudest=2.0)
    bank = (np.ones(20_000, np.float32),)  # so long that many shots cross
    frames = np.zeros((2, 3 * GRANULE), np.float32)
    for index in range(3):
        second = np.zeros((2, GRANULE), np.float32)
        add_events(second, index, scatter, bank)
        frames[:, index * GRANULE : (index + 1) * GRANULE] = second
    steps = np.abs(np.diff(frames[0]))
    assert steps[GRANULE - 1] < 0.6  # one start at the seam, not the end of dozens
    assert steps[2 * GRANULE - 1] < 0.6
    assert frames[0, GRANULE + 100] > 1.0


def test_levels_are_clipped_and_counts_right() -> None:
    scatter = Scatter(key=9, per_second=200.0, gain=0.1, spread=2.0, loudest=3.0)
    loudest, events = 0.0, 0
    for index in range(20):
        frames = np.zeros((2, GRANULE), np.float32)
        add_events(frames, index, scatter, (np.ones(1, np.float32),))
        loudest = max(loudest, float(np.max(np.hypot(*frames))))
        events += int(np.count_nonzero(frames[0]))
    assert loudest <= 2.5 * 0.3 * np.sqrt(2.0)  # two may fall on one frame
    assert events == pytest.approx(4000, rel=0.06)
