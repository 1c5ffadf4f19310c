import numpy as np
import pytest

from dsp.base.curves import SHAPES, Shape, constant, curve
from dsp.base.grid import RATE_HZ

POS = np.arange(0, 6000, dtype=np.int64)


@pytest.mark.parametrize("shape", SHAPES)
def test_an_integral_is_the_running_sum_of_its_value(shape: Shape) -> None:
    track = curve([(500, 2.0, "hold"), (2500, 5.0, shape), (4000, 1.0, shape)])
    value = track.at(POS)
    middle = 0.5 * (value[1:] + value[:-1])
    summed = np.concatenate([[0.0], np.cumsum(middle)]) / RATE_HZ
    # a hold jumps between two frames, where the trapezoid is off by half of the jump
    allowed = 4.0 / RATE_HZ if shape == "hold" else 1e-6
    assert np.abs(track.integral(POS) - summed).max() < allowed


def test_a_curve_stands_still_outside_its_keyframes() -> None:
    track = curve([(500, 2.0, "hold"), (2500, 5.0, "linear")])
    assert track.value_at(0) == 2.0
    assert track.value_at(100_000) == 5.0
    assert track.start_value == 2.0
    assert not track.is_constant


@pytest.mark.parametrize(
    ("shape", "wanted"), [("hold", 2.0), ("linear", 5.0), ("exponential", 4.0), ("cosine", 5.0)]
)
def test_each_shape_has_its_own_middle(shape: Shape, wanted: float) -> None:
    track = curve([(0, 2.0, "hold"), (2000, 8.0, shape)])
    assert track.value_at(1000) == pytest.approx(wanted)


def test_a_block_across_keyframes_is_the_same_as_its_frames_one_by_one() -> None:
    points: list[tuple[int, float, Shape]] = [(500, 2.0, "hold"), (2500, 5.0, "exponential")]
    track = curve([*points, (4000, 1.0, "cosine"), (4500, 3.0, "hold")])
    alone = np.concatenate([track.at(POS[i : i + 1]) for i in POS])
    areas = np.concatenate([track.integral(POS[i : i + 1]) for i in POS])
    assert alone.tobytes() == track.at(POS).tobytes()
    assert areas.tobytes() == track.integral(POS).tobytes()


def test_a_constant_has_no_error_after_hours() -> None:
    frames = np.array([8 * 3600 * RATE_HZ], dtype=np.int64)
    assert constant(200.5).integral(frames)[0] == 200.5 * 8 * 3600
    assert constant(200.5).is_constant


def test_a_long_linear_glide_does_not_overflow() -> None:
    day = 24 * 3600 * RATE_HZ
    track = curve([(0, 1.0, "hold"), (day, 3.0, "linear")])
    assert track.integral(np.array([day], dtype=np.int64))[0] == pytest.approx(2.0 * 24 * 3600)
