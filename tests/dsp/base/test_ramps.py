import numpy as np
import pytest

from dsp.base.ramps import Ramp, raised_cosine, raised_cosine_integral, ramped, ramped_integral

POS = np.arange(0, 4000, dtype=np.int64)


def test_a_raised_cosine_is_exactly_nothing_before_and_everything_after() -> None:
    share = raised_cosine(POS, 1000, 1440)
    assert np.all(share[:1001] == 0.0)
    assert np.all(share[2440:] == 1.0)
    assert share[1720] == pytest.approx(0.5)
    assert np.all(np.diff(share) >= 0.0)


def test_its_integral_is_the_running_sum() -> None:
    share = raised_cosine(POS, 1000, 1440)
    trapezoids = np.concatenate([[0.0], np.cumsum(0.5 * (share[1:] + share[:-1]))])
    assert np.abs(raised_cosine_integral(POS, 1000, 1440) - trapezoids).max() < 1e-3
    late = np.array([10_000_000], dtype=np.int64)
    assert raised_cosine_integral(late, 1000, 1440)[0] == 10_000_000 - 1000 - 720


def test_overlapping_ramps_add_and_end_on_the_last_target() -> None:
    ramps = (Ramp(100, 1000, 0.5), Ramp(400, 1000, -0.75))
    value = ramped(1.0, ramps, POS)
    assert value[0] == 1.0
    assert value[-1] == 0.75
    assert value[500] == pytest.approx(
        1.0 + 0.5 * raised_cosine(POS, 100, 1000)[500] - 0.75 * raised_cosine(POS, 400, 1000)[500]
    )
    assert ramps[0].end == 1100


def test_the_integral_of_ramps_starts_at_its_anchor() -> None:
    ramps = (Ramp(100, 1000, 0.5), Ramp(400, 1000, -0.75))
    total = ramped_integral(1.0, ramps, 480, POS)
    value = ramped(1.0, ramps, POS)
    assert total[480] == 0.0
    assert total[3000] == pytest.approx(np.trapezoid(value[480:3001]), abs=1e-3)
