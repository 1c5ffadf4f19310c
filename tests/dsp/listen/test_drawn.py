from typing import Any

import numpy as np
import pytest

from dsp.base.grid import QUANTUM
from dsp.listen import GranuleCache, Instance, open_instance, parse_program, prepare
from dsp.listen.direct import direct_quantum
from dsp.listen.drawn import add_spins, add_tones, modulate
from dsp.listen.stretches import Stretch

CACHE = GranuleCache()
BEEPS: dict[str, Any] = {"kind": "isochronic", "carrier_hz": 220, "rate_hz": 9.5, "level": 40}
BELL: dict[str, Any] = {"kind": "bell", "level": 60, "at_s": [0.013, 1.5]}
RAIN: dict[str, Any] = {"kind": "texture", "recipe": "rain", "level": 60, "spatial": {"rate_hz": 0.5}}
PANNED: dict[str, Any] = {"rate_hz": 7, "depth": 60, "stereo": "equal_power"}


def opened(layers: dict[str, Any], modulation: dict[str, Any] | None = None) -> Instance:
    body: dict[str, Any] = {"v": 1, "title": "", "mode": "focus", "layers": layers}
    program = parse_program(body | ({"modulation": modulation} if modulation else {}))
    return open_instance(program, seed=1, live_frame=960 * 47)


def stretch_of(instance: Instance, quantum: int) -> Stretch:
    found = prepare(instance).stretch(0, quantum)
    assert found is not None
    return found


@pytest.mark.parametrize("layers", [{"i": BEEPS}, {"b": BELL}, {"i": BEEPS, "b": BELL}, {"r": RAIN}])
def test_a_run_is_the_direct_arithmetic_however_long_it_is(layers: dict[str, Any]) -> None:
    """Across the border of a granule, which lies at the third quantum."""
    instance = opened(layers)
    stretch = stretch_of(instance, 1)
    whole, parts = np.zeros((2, 8, QUANTUM), np.float32), np.zeros((2, 8, QUANTUM), np.float32)
    add_spins(stretch, 1, whole, CACHE)
    add_tones(stretch, 1, whole)
    for place in range(8):
        add_spins(stretch, 1 + place, parts[:, place : place + 1], CACHE)
        add_tones(stretch, 1 + place, parts[:, place : place + 1])
    assert whole.tobytes() == parts.tobytes()
    direct = [direct_quantum(instance, instance.states[0], quantum, CACHE) for quantum in range(1, 9)]
    assert np.max(np.abs(whole.reshape(2, -1) - np.concatenate(direct, axis=1))) < 1e-6 * np.abs(direct).max()


def test_what_turns_under_a_modulation_is_modulated_before_tones_are_added() -> None:
    instance = opened({"r": RAIN, "i": BEEPS}, PANNED)
    stretch = stretch_of(instance, 1)
    block = np.zeros((2, 1, QUANTUM), np.float32)
    add_spins(stretch, 1, block, CACHE)
    modulate(stretch, 1, block)
    add_tones(stretch, 1, block)
    direct = direct_quantum(instance, instance.states[0], 1, CACHE)
    assert np.max(np.abs(block[:, 0] - direct)) < 1e-6 * np.abs(direct).max()


def test_where_nothing_pulses_the_block_is_left_alone() -> None:
    block = np.ones((2, 1, QUANTUM), np.float32)
    modulate(stretch_of(opened({"b": BELL}), 1), 1, block)
    assert np.array_equal(block, np.ones((2, 1, QUANTUM), np.float32))
