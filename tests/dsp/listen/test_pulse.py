import numpy as np
import pytest

from dsp.listen.program import LAWS, ModulationLaw, Pulse
from dsp.listen.pulse import edges_at, moments, window

CYCLES = np.arange(100_000) / 100_000


def _pulse(law: ModulationLaw, **shape: float) -> Pulse:
    fields = {"duty": 0.5, "attack": 0.25, "release": 0.25, "floor": 0.0} | shape
    return Pulse(law, **fields)


@pytest.mark.parametrize("law", [*LAWS, "sine"])
@pytest.mark.parametrize("floor", [0.0, 0.3])
def test_moments_are_those_of_the_window(law: ModulationLaw, floor: float) -> None:
    pulse = _pulse(law, floor=floor, attack=0.3, release=0.5)
    rate_hz = np.full_like(CYCLES, 12.0)
    w = window(pulse, CYCLES, rate_hz)
    mean, square = moments(pulse, rate_hz[:1])
    assert w.mean() == pytest.approx(mean[0], abs=2e-5)
    assert (w * w).mean() == pytest.approx(square[0], abs=2e-5)
    assert w.min() == pytest.approx(floor, abs=1e-9)
    assert w.max() == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("law", LAWS)
def test_a_window_has_no_jump_and_its_edges_take_two_milliseconds(law: ModulationLaw) -> None:
    rate_hz = 10.0
    pulse = _pulse(law, attack=0.0, release=0.0)
    w = window(pulse, CYCLES, np.full_like(CYCLES, rate_hz))
    edges = edges_at(pulse, np.array([rate_hz]))
    assert edges.attack[0] == edges.release[0] == pytest.approx(0.002 * rate_hz)
    # the steepest law falls by 4.1 of its height in the length of an edge
    assert np.abs(np.diff(w, append=w[0])).max() <= 4.1 / (0.02 * CYCLES.size)


def test_a_pulse_begins_at_phase_zero_and_lasts_as_long_as_its_duty() -> None:
    w = window(_pulse("linear", duty=0.4), CYCLES, np.ones_like(CYCLES))
    assert w[0] == 0.0
    assert w[10_000] == pytest.approx(1.0)
    assert np.all(w[40_001:] == 0.0)


def test_short_pulses_grow_to_hold_their_edges() -> None:
    edges = edges_at(_pulse("hard", duty=0.05), np.array([40.0]))
    assert edges.on[0] == pytest.approx(0.16)


def test_a_sine_has_its_minimum_at_phase_zero() -> None:
    w = window(_pulse("sine"), np.array([0.0, 0.25, 0.5, 7.5]), np.ones(4))
    assert w == pytest.approx([0.0, 0.5, 1.0, 1.0])


def test_gaussian_edges_mirror_and_exponential_ones_discharge() -> None:
    x = np.array([0.05, 0.45])
    gaussian = window(_pulse("gaussian", attack=0.5, release=0.5), x, np.ones(2))
    assert gaussian[0] == pytest.approx(gaussian[1])
    exponential = window(_pulse("exponential", attack=0.5, release=0.5), x, np.ones(2))
    assert exponential[0] > 0.5 > exponential[1]
