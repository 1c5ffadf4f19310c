from dataclasses import replace
from typing import Any

import numpy as np

from dsp.listen import (
    GranuleCache,
    Instance,
    open_instance,
    param_change,
    parse_program,
    pause_change,
    prepare,
    seek_change,
)
from dsp.listen.guard import CEILING, QUANTA_BEFORE, guard

CACHE = GranuleCache()


def _instance(level: Any = 60, **more: Any) -> Instance:
    layers = {
        "noise": {"kind": "noise", "color": "pink", "level": level} | more,
        "tones": {"kind": "binaural", "level": 40, "voices": [{"carrier_hz": 200, "beat_hz": 10}]},
    }
    program = parse_program({"v": 1, "title": "", "mode": "focus", "layers": layers})
    return open_instance(program, seed=1, live_frame=960 * 49)


def test_a_piece_is_found_once() -> None:
    plan = prepare(_instance())
    assert plan.stretch(0, 5) is plan.stretch(0, 500)


def test_quanta_without_change_are_one_run() -> None:
    instance = param_change(_instance(), 48_000, {"noise.level": 20.0}, 1440).instance
    plan = prepare(instance)
    run = plan.calm_run(10, 20, CACHE)
    assert run is not None
    assert (run.first, run.quanta) == (10, 10)
    # the guard looks one quantum ahead: the change in quantum 50 may raise what comes before it
    assert plan.calm_run(40, 49, CACHE) is not None
    assert plan.calm_run(40, 50, CACHE) is None
    assert plan.calm_run(52, 53, CACHE) is None
    assert plan.calm_run(54, 60, CACHE) is not None


def test_a_pause_splits_nothing() -> None:
    plan = prepare(pause_change(_instance(), 15 * 960).instance)
    assert plan.calm_run(10, 20, CACHE) is not None


def test_the_guard_is_left_out_exactly_where_it_would_change_nothing() -> None:
    instance = _instance(level=[[0, 40], [20, 80]])
    for gain_db in (instance.gain_db, 24.0):
        plan = prepare(replace(instance, gain_db=gain_db))
        signal = plan.signal(100 - QUANTA_BEFORE, 121, CACHE)
        assert plan.limited(100, 120, CACHE).tobytes() == guard(signal, 20).tobytes()
        is_loud = bool(np.abs(signal).max() > CEILING)
        assert is_loud == (gain_db == 24.0)
        assert plan.is_below_ceiling(100, 120, CACHE) != is_loud


def test_before_position_zero_there_is_silence() -> None:
    signal = prepare(_instance()).signal(-2, 2, CACHE)
    assert not signal[:, :1920].any()
    assert signal[:, 1920:].any()


def test_what_lies_before_a_change_in_its_quantum_keeps_its_bits() -> None:
    instance = _instance()
    for change in (
        param_change(instance, 9700, {"tones.carrier_hz": 300.0, "noise.color": "brown"}, 1440),
        seek_change(instance, 9700, 480_000),
    ):
        before = prepare(instance).signal(10, 11, CACHE)
        after = prepare(change.instance).signal(10, 11, CACHE)
        assert before[:, :100].tobytes() == after[:, :100].tobytes()
        assert before[:, 110:].tobytes() != after[:, 110:].tobytes()


def test_the_granules_that_are_named_are_those_that_are_used() -> None:
    noise: dict[str, Any] = {"color": "blue", "bands_db": [0, -3] + [0] * 8}
    instance = seek_change(_instance(**noise), 20_000, 96_000).instance
    instance = param_change(instance, 40_000, {"noise.color": "pink", "noise.band_4_db": 6.0}, 1440).instance
    plan = prepare(instance)
    for first, last in ((0, 1), (1, 48), (20, 21), (40, 44), (45, 60)):
        cache = GranuleCache()
        for key in plan.granules(first, last):
            cache.fill(key)
        count = len(cache)
        plan.limited(first, last, cache)
        assert len(cache) == count
        assert count == len(plan.granules(first, last))
