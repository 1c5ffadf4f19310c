import numpy as np
import pytest
from scipy import signal  # type: ignore[import-untyped]  # ships no types

from dsp.measure import k_weighting
from dsp.measure.k_weighting import k_weight, k_weighted_power


def test_the_block_form_equals_a_plain_recursive_filter() -> None:
    frames = np.random.default_rng(1).standard_normal((2, 100_007))
    wanted = frames
    for numerator, denominator in k_weighting._STAGES:
        wanted = signal.lfilter(numerator, denominator, wanted)
    assert np.max(np.abs(k_weight(frames) - wanted)) < 1e-10


@pytest.mark.parametrize("count", [0, 1, 95, 96, 97, 193])
def test_any_length_gives_as_many_frames(count: int) -> None:
    frames = np.ones((3, count), np.float32)
    weighted = k_weight(frames)
    assert weighted.shape == (3, count)
    assert np.allclose(weighted, k_weight(np.ones((3, 400), np.float32))[:, :count], rtol=0.0, atol=1e-13)


def test_the_curve_has_the_values_of_the_standard() -> None:
    """A sine of 997 Hz gains .691 dB, which the formula takes off again; treble gains 4 dB, bass falls."""
    levels_db = 10.0 * np.log10(k_weighted_power(np.array([38.0, 100.0, 997.0, 10_000.0])))
    assert levels_db[0] == pytest.approx(-6.0, abs=0.2)
    assert levels_db[1] == pytest.approx(-1.1, abs=0.1)
    assert levels_db[2] == pytest.approx(0.691, abs=0.01)
    assert levels_db[3] == pytest.approx(4.0, abs=0.1)
