from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp import listen
from server.listening.envelope import ending, finishing, gain_at, opening

SECOND = 48_000
MINUTE = 60 * SECOND


def test_opens_from_silence_to_silence() -> None:
    assert opening(0, 10 * MINUTE, 2 * SECOND, 30 * SECOND) == (
        (0, 0.0),
        (2 * SECOND, 1.0),
        (10 * MINUTE - 30 * SECOND, 1.0),
        (10 * MINUTE, 0.0),
    )


def test_fades_that_do_not_fit_shrink_in_proportion() -> None:
    assert opening(0, 3 * SECOND, 2 * SECOND, 4 * SECOND) == ((0, 0.0), (SECOND, 1.0), (3 * SECOND, 0.0))


@given(st.integers(-10, 11 * MINUTE))
def test_gain_is_the_engines(pos: int) -> None:
    points = opening(0, 10 * MINUTE, 2 * SECOND, 30 * SECOND)
    assert gain_at(points, pos) == pytest.approx(float(listen.envelope(points, pos, 1)[0]), abs=1e-12)


def test_an_extension_before_the_fade_keeps_what_was_before() -> None:
    former = opening(0, 10 * MINUTE, 2 * SECOND, 30 * SECOND)
    longer = ending(former, 5 * MINUTE, 15 * MINUTE, 30 * SECOND)
    assert longer == (
        (0, 0.0),
        (2 * SECOND, 1.0),
        (15 * MINUTE - 30 * SECOND, 1.0),
        (15 * MINUTE, 0.0),
    )


def test_an_extension_during_the_fade_rises_from_the_present_gain_within_a_second() -> None:
    former = opening(0, 10 * MINUTE, 2 * SECOND, 30 * SECOND)
    at = 10 * MINUTE - 15 * SECOND
    longer = ending(former, at, 15 * MINUTE, 30 * SECOND)
    assert longer[0][0] == at
    assert longer[0][1] == pytest.approx(0.5)
    assert longer[1] == (at + SECOND, 1.0)
    assert longer[-1] == (15 * MINUTE, 0.0)


def test_finishing_falls_from_full_gain() -> None:
    former = opening(0, 10 * MINUTE, 2 * SECOND, 30 * SECOND)
    at, end = MINUTE, MINUTE + 14_400
    assert finishing(former, at, end) == ((0, 0.0), (2 * SECOND, 1.0), (at, 1.0), (end, 0.0))


def test_finishing_during_the_first_fade_falls_from_there() -> None:
    former = opening(0, 10 * MINUTE, 2 * SECOND, 30 * SECOND)
    (first, gain), last = finishing(former, SECOND, SECOND + 14_400)
    assert (first, last) == (SECOND, (SECOND + 14_400, 0.0))
    assert gain == pytest.approx(0.5)


@given(
    at=st.integers(0, 10 * MINUTE - 1),
    longer_s=st.integers(0, 600),
    fade=st.integers(480, 60 * SECOND),
    is_finishing=st.booleans(),
)
def test_a_new_envelope_equals_the_former_before_it_and_never_jumps(
    *, at: int, longer_s: int, fade: int, is_finishing: bool
) -> None:
    former = opening(0, 10 * MINUTE, 2 * SECOND, 30 * SECOND)
    end = at + fade if is_finishing else 10 * MINUTE + longer_s * SECOND
    new = finishing(former, at, end) if is_finishing else ending(former, at, end, fade)
    positions = [pos for pos, _ in new]
    assert positions == sorted(set(positions))
    assert new[-1] == (end, 0.0)
    assert gain_at(new, at) == pytest.approx(gain_at(former, at), abs=1e-12)
    if positions[0] < at:
        before = np.linspace(0, at, 50, dtype=np.int64)
        assert [gain_at(new, int(pos)) for pos in before] == [gain_at(former, int(pos)) for pos in before]
    else:
        assert positions[0] == at
    assert all(0.0 <= gain <= 1.0 for _, gain in new)
