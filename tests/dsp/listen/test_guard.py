import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dsp.base.grid import QUANTUM
from dsp.listen.guard import CEILING, HOP, LOOKAHEAD, QUANTA_AFTER, QUANTA_BEFORE, guard

MARGIN = QUANTA_BEFORE + QUANTA_AFTER
START = QUANTA_BEFORE * QUANTUM


def _noise(seed: int, quanta: int, peak: float) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    return rng.uniform(-peak, peak, (2, (quanta + MARGIN) * QUANTUM)).astype(np.float32)


def test_what_stays_below_the_ceiling_comes_out_bit_for_bit() -> None:
    signal = _noise(1, 3, CEILING)
    assert guard(signal, 3).tobytes() == signal[:, START : START + 3 * QUANTUM].tobytes()


@given(st.integers(0, 1000), st.floats(0.9, 40.0))
@settings(max_examples=30, deadline=None)
def test_nothing_exceeds_the_ceiling(seed: int, peak: float) -> None:
    assert np.abs(guard(_noise(seed, 4, peak), 4)).max() <= CEILING * (1.0 + 1e-6)


@given(st.integers(0, (4 + MARGIN) * QUANTUM - 1), st.integers(0, 50))
@settings(max_examples=60, deadline=None)
def test_a_frame_reaches_ten_milliseconds_back_and_forty_ahead(place: int, seed: int) -> None:
    quiet = _noise(seed, 4, 1.5)
    loud = quiet.copy()
    loud[0, place] = 3.0
    before, after = guard(quiet, 4), guard(loud, 4)
    different = np.flatnonzero((before != after).any(axis=0)) + START
    if different.size:
        assert different[0] >= place - LOOKAHEAD
        assert different[-1] < place + START + HOP


def test_gain_moves_smoothly_around_a_peak() -> None:
    signal = np.full((2, (6 + MARGIN) * QUANTUM), 0.5, dtype=np.float32)
    signal[:, START + 3 * QUANTUM] = 1.5
    limited = guard(signal, 6)
    gain = limited / signal[:, START : START + 6 * QUANTUM]
    assert gain.min() == pytest.approx(CEILING / 1.5, rel=1e-3)
    # raised cosine over about 9 ms: nowhere steeper than 1.6 times its mean slope
    assert np.abs(np.diff(gain[0])).max() < (1.0 - gain.min()) / (9 * HOP) * 2.2
    assert gain[0, 0] == gain[0, -1] == 1.0


def test_both_ears_get_the_same_gain() -> None:
    signal = _noise(3, 2, 0.5)
    signal[0] *= 4.0
    limited = guard(signal, 2)
    middle = signal[:, START : START + 2 * QUANTUM]
    gains = limited / middle
    assert gains[0] == pytest.approx(gains[1], rel=1e-5)


def test_any_piece_of_the_output_is_the_same_alone() -> None:
    signal = _noise(5, 6, 2.0)
    whole = guard(signal, 6)
    for quantum in range(6):
        alone = guard(signal[:, quantum * QUANTUM : (quantum + 1 + MARGIN) * QUANTUM], 1)
        assert alone.tobytes() == whole[:, quantum * QUANTUM : (quantum + 1) * QUANTUM].tobytes()
