import numpy as np
import pytest
from numpy.typing import NDArray

from dsp.base.grid import QUANTUM, RATE_HZ
from dsp.listen.banks import (
    GLIDE_BLOCKS,
    Motion,
    cos_sin,
    gliding_cosine,
    gliding_sines,
    phasors,
    raised_cosine_tables,
    sine_tables,
    turned,
    woven,
)

T = np.arange(QUANTUM) / RATE_HZ
FREQ_HZ = np.array([60.0, 205.3, 999.9])
AMPLITUDE = np.array([0.5, 0.3, 0.2])
CYCLES = np.array([[0.1, 0.9, 12345.678], [0.0, 0.5, 1e7 + 0.25]])


def _sines(
    cycles: NDArray[np.float64], freq_hz: NDArray[np.float64], slope: float = 0.0
) -> NDArray[np.float64]:
    phase = cycles[..., None] + freq_hz[..., None] * T + 0.5 * slope * T * T
    total: NDArray[np.float64] = (AMPLITUDE[:, None] * np.sin(2 * np.pi * phase)).sum(axis=-2)
    return total


def test_phasors_turn_with_the_phase() -> None:
    assert phasors(np.array([0.0, 0.25, 7.5])) == pytest.approx([1.0, 1.0j, -1.0])
    cos, sin = cos_sin(np.array([0.0, 0.25, 1e6 + 0.5]))
    assert cos == pytest.approx([1.0, 0.0, -1.0], abs=1e-6)
    assert sin == pytest.approx([0.0, 1.0, 0.0], abs=1e-6)


def test_steady_sines_are_their_sum() -> None:
    tables = sine_tables(FREQ_HZ, AMPLITUDE)
    out = np.empty((2, QUANTUM), dtype=np.float32)
    woven(turned(CYCLES, tables.rotations, 6), tables.waves, out)
    assert np.abs(out - _sines(CYCLES, FREQ_HZ)).max() < 3e-7


def test_a_raised_cosine_has_a_constant() -> None:
    tables = raised_cosine_tables(12.5, 0.8, -0.2)
    out = np.empty((2, QUANTUM), dtype=np.float32)
    cycles = np.array([[0.3], [77.7]])
    woven(turned(cycles, tables.rotations, 3), tables.waves, out)
    assert np.abs(out - (0.8 - 0.2 * np.cos(2 * np.pi * (cycles + 12.5 * T)))).max() < 3e-7


@pytest.mark.parametrize("slope", [0.0, 0.1, -6.7, 12.5])
def test_gliding_sines_follow_their_parabola(slope: float) -> None:
    freq_hz = np.broadcast_to(FREQ_HZ, CYCLES.shape)
    out = np.empty((2, QUANTUM), dtype=np.float32)
    gliding_sines(Motion(CYCLES, freq_hz, np.full(CYCLES.shape, slope)), AMPLITUDE, out)
    assert np.abs(out - _sines(CYCLES, FREQ_HZ, slope)).max() < 6e-7


def test_a_gliding_cosine_takes_its_depth_from_each_sub_block() -> None:
    motion = Motion(np.array([[0.2]]), np.array([[10.0]]), np.array([[0.05]]))
    offset = np.linspace(0.9, 0.8, GLIDE_BLOCKS)[None]
    swing = np.linspace(-0.1, -0.2, GLIDE_BLOCKS)[None]
    out = np.empty((1, QUANTUM), dtype=np.float32)
    gliding_cosine(motion, offset, swing, out)
    phase = 0.2 + 10.0 * T + 0.025 * T * T
    wanted = np.repeat(offset, 30) + np.repeat(swing, 30) * np.cos(2 * np.pi * phase)
    assert np.abs(out[0] - wanted).max() < 3e-7


def test_neighbours_do_not_change_a_bit() -> None:
    tables = sine_tables(FREQ_HZ, AMPLITUDE)
    many = np.random.default_rng(1).uniform(0.0, 100.0, (50, 7, 3))
    together = np.empty((50, 7, QUANTUM), dtype=np.float32)
    woven(turned(many, tables.rotations, 6), tables.waves, together)
    gliding = np.empty_like(together)
    motion = Motion(many, many * 5, many / 50)
    gliding_sines(motion, AMPLITUDE, gliding)
    for session, quantum in ((0, 0), (3, 6), (49, 2)):
        alone = np.empty((1, 1, QUANTUM), dtype=np.float32)
        here = many[session : session + 1, quantum : quantum + 1]
        woven(turned(here, tables.rotations, 6), tables.waves, alone)
        assert alone.tobytes() == together[session, quantum].tobytes()
        gliding_sines(Motion(here, here * 5, here / 50), AMPLITUDE, alone)
        assert alone.tobytes() == gliding[session, quantum].tobytes()
