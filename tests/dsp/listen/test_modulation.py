import numpy as np
import pytest

from dsp.listen.modulation import greatest_gain, modulation_gains
from dsp.listen.program import LAWS, STEREOS, ModulationLaw, Pulse, Stereo

CYCLES = np.arange(50_000) / 50_000
RATE_HZ = np.full_like(CYCLES, 10.0)


def _gains(law: ModulationLaw, stereo: Stereo, depth: float) -> tuple[np.ndarray, np.ndarray]:
    pulse = Pulse(law, 0.5, 0.25, 0.25, 0.0)
    return modulation_gains(pulse, stereo, CYCLES, RATE_HZ, np.full_like(CYCLES, depth))


@pytest.mark.parametrize("law", [*LAWS, "sine"])
@pytest.mark.parametrize("stereo", STEREOS)
@pytest.mark.parametrize("depth", [0.0, 0.45, 1.0])
def test_modulation_keeps_the_power(law: ModulationLaw, stereo: Stereo, depth: float) -> None:
    left, right = _gains(law, stereo, depth)
    assert (left**2 + right**2).mean() / 2 == pytest.approx(1.0, abs=1e-4)


def test_depth_is_the_share_that_is_taken_away() -> None:
    left, right = _gains("sine", "together", 0.45)
    assert left.min() / left.max() == pytest.approx(0.55)
    assert np.array_equal(left, right)


def test_alternating_moves_the_right_half_a_cycle_later() -> None:
    left, right = _gains("raised_cosine", "alternating", 0.8)
    assert np.roll(left, CYCLES.size // 2) == pytest.approx(right)


def test_equal_power_pans() -> None:
    left, right = _gains("sine", "equal_power", 1.0)
    assert left**2 + right**2 == pytest.approx(np.full_like(left, 2.0))
    assert left.min() == pytest.approx(0.0, abs=1e-12)
    assert left[0] == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("law", [*LAWS, "sine"])
@pytest.mark.parametrize("stereo", STEREOS)
def test_no_gain_exceeds_its_bound(law: ModulationLaw, stereo: Stereo) -> None:
    pulse = Pulse(law, 0.3, 0.25, 0.25, 0.0)
    bound = greatest_gain(pulse, stereo, (0.5, 40.0), (0.0, 1.0))
    for depth in (0.2, 0.5, 0.77, 1.0):
        for rate_hz in (0.5, 7.0, 40.0):
            gains = modulation_gains(
                pulse, stereo, CYCLES, np.full_like(CYCLES, rate_hz), np.full_like(CYCLES, depth)
            )
            assert max(gain.max() for gain in gains) <= bound
