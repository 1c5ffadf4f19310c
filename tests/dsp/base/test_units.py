import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp.base.units import db_to_gain, dyadic, gain_to_db, gain_to_level, level_to_gain


def test_decibels_and_gains_are_inverse() -> None:
    assert db_to_gain(0.0) == 1.0
    assert db_to_gain(-20.0) == pytest.approx(0.1)
    assert gain_to_db(0.5) == pytest.approx(-6.0206, abs=1e-4)
    assert gain_to_db(0.0) == -math.inf


def test_a_level_is_a_square_law_exact_at_its_ends() -> None:
    assert level_to_gain(0.0) == 0.0
    assert level_to_gain(100.0) == 1.0
    assert level_to_gain(50.0) == 0.25
    assert gain_to_level(level_to_gain(37.0)) == pytest.approx(37.0)


@given(st.lists(st.floats(-1000.0, 1000.0), min_size=1, max_size=50))
def test_dyadic_values_add_up_exactly_in_any_order(values: list[float]) -> None:
    steps = [dyadic(value) for value in values]
    assert all(abs(step - value) <= 2.0**-25 for step, value in zip(steps, values, strict=True))
    assert sum(steps) == sum(reversed(steps)) == math.fsum(steps)
