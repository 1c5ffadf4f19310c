from typing import Any

import numpy as np
import pytest

from dsp.listen import (
    Instance,
    loop_change,
    open_instance,
    param_change,
    parse_program,
    play_change,
    seek_change,
)
from dsp.listen.modulation import modulation_gains
from dsp.listen.program import Pulse
from dsp.listen.stretches import Stretch, sine_swing, stretch_at
from dsp.listen.survey import FOREVER, Quick

LAYERS: dict[str, Any] = {
    "rain": {"kind": "texture", "recipe": "rain", "level": 0},
    "noise": {"kind": "noise", "color": "pink", "level": 50},
    "tones": {"kind": "binaural", "level": 40, "voices": [{"carrier_hz": 200, "beat_hz": 10}]},
    "iso": {"kind": "isochronic", "carrier_hz": 200, "rate_hz": 10, "level": 0},
}


def _instance(modulation: dict[str, Any] | None = None, **layers: Any) -> Instance:
    body: dict[str, Any] = {"v": 1, "title": "", "mode": "focus", "layers": LAYERS | layers}
    program = parse_program(body | ({"modulation": modulation} if modulation else {}))
    return open_instance(program, seed=1, live_frame=0)


def _stretch(instance: Instance, quantum: int) -> Stretch:
    found = stretch_at(instance, instance.states[-1], quantum)
    assert isinstance(found, Stretch)
    return found


def test_what_is_at_zero_costs_nothing() -> None:
    stretch = _stretch(_instance({"rate_hz": 10, "depth": 0}), 5)
    assert [term.recipe for term in stretch.terms] == ["noise:pink"]
    assert stretch.am is None
    assert stretch.pulsed is None
    assert stretch.isochronic == ()
    assert stretch.until == FOREVER


def test_bands_at_unity_cost_nothing_and_the_others_their_difference() -> None:
    noise = {"kind": "noise", "color": "pink", "level": 50, "bands_db": [0, 6, 0, 0, 0, 0, 0, 0, 0, -6]}
    terms = _stretch(_instance(noise=noise), 5).terms
    assert [term.recipe for term in terms] == ["noise:pink", "noise:pink:1", "noise:pink:9"]
    assert terms[1].gain / terms[0].gain == pytest.approx(10 ** (6 / 20) - 1)
    assert terms[2].gain / terms[0].gain == pytest.approx(10 ** (-6 / 20) - 1)


def test_a_sine_modulation_is_batched_and_a_pulse_is_drawn() -> None:
    batched = _stretch(_instance({"rate_hz": 10, "depth": 45}), 5)
    assert batched.am is not None
    assert batched.am.tables is not None
    assert batched.station_peak > 1.0
    gliding = _stretch(_instance({"rate_hz": [[0, 10], [120, 16]], "depth": 45}), 5)
    assert gliding.am is not None
    assert gliding.am.tables is None
    drawn = _stretch(_instance({"rate_hz": 10, "depth": 45, "stereo": "alternating"}), 5)
    assert drawn.pulsed is not None
    assert drawn.is_drawn


def test_a_depth_may_fade_slowly_but_not_quickly() -> None:
    slow = _stretch(_instance({"rate_hz": 10, "depth": [[0, 20], [2000, 0]]}), 5)
    assert slow.am is not None
    assert slow.am.fades is not None
    quick = _instance({"rate_hz": 10, "depth": [[0, 20], [20, 0]]})
    assert stretch_at(quick, quick.states[0], 5) == Quick(1000)


def test_a_station_may_fade_and_a_tone_may_not() -> None:
    fading = [[0, 20], [60, 80]]
    stretch = _stretch(_instance(rain={"kind": "texture", "recipe": "rain", "level": fading}), 5)
    assert stretch.is_fading
    assert stretch.until == 3000
    tones = _instance(iso={"kind": "isochronic", "carrier_hz": 200, "rate_hz": 10, "level": fading})
    assert stretch_at(tones, tones.states[0], 5) == Quick(3000)


def test_a_ramp_and_a_crossfade_are_drawn_directly_while_they_last() -> None:
    instance = _instance()
    ramped = param_change(instance, 9700, {"noise.level": 80.0}, 1440).instance
    assert stretch_at(ramped, ramped.states[-1], 10) == Quick(12)
    assert _stretch(ramped, 12).until == FOREVER
    sought = seek_change(instance, 9700, 480_000, 12_000).instance
    assert stretch_at(sought, sought.states[-1], 10) == Quick(11)
    assert _stretch(sought, 23).shift == 480_000 - 9700
    tuned = play_change(instance, 9700, live_frame=960_000).instance
    assert stretch_at(tuned, tuned.states[-1], 50) == Quick(51)
    assert _stretch(tuned, 200).terms[0].quanta_ahead == (960_000 - 9700) // 960


def test_a_loop_ends_a_stretch_at_its_turn() -> None:
    looped = loop_change(_instance(), 0, 48_000, 144_000).instance
    assert _stretch(looped, 5).until == 150
    assert stretch_at(looped, looped.states[-1], 150) == Quick(151)
    assert _stretch(looped, 170).until == 250


def test_a_gain_that_is_heard_bounds_the_peak() -> None:
    voices = [{"carrier_hz": 200, "beat_hz": 10}] * 3
    single, triple = (
        _stretch(_instance(tones={"kind": "monaural", "level": 40, "voices": voices[:count]}), 5)
        for count in (1, 3)
    )
    # more voices are turned down together, to the same loudness: compare at equal gain
    assert single.bank is not None
    assert triple.bank is not None
    assert single.tone_peak == pytest.approx(float(single.bank.amplitude.sum(axis=-1).max()))
    assert triple.bank.amplitude.shape[-1] == 6


def test_offset_and_swing_are_the_modulation_of_a_sine() -> None:
    cycles = np.linspace(0.0, 1.0, 50)
    for depth in (0.2, 0.75, 1.0):
        for floor in (0.0, 0.3):
            pulse = Pulse("sine", 0.5, 0.25, 0.25, floor)
            left, _ = modulation_gains(pulse, "together", cycles, np.full(50, 9.0), np.full(50, depth))
            offset, swing = sine_swing(floor, np.array([depth]))
            assert offset + swing * np.cos(2 * np.pi * cycles) == pytest.approx(left)
