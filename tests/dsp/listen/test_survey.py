import pytest

from dsp.listen import Instance, open_instance, param_change, parse_program, seek_change
from dsp.listen.survey import FOREVER, Behaviour, Bent, Quick, Straight, behaviour


def _instance(carrier: object) -> Instance:
    layers = {"tones": {"kind": "binaural", "level": 40, "voices": [{"carrier_hz": carrier, "beat_hz": 10}]}}
    return open_instance(
        parse_program({"v": 1, "title": "", "mode": "focus", "layers": layers}), seed=1, live_frame=0
    )


def _carrier(instance: Instance, quantum: int, shift: int = 0) -> Behaviour:
    return behaviour(instance, instance.states[-1], "tones.carrier.0", quantum, shift)


def test_a_constant_stands_still_for_ever() -> None:
    assert _carrier(_instance(200), 77) == Straight(200.0, 0.0, 0.0, 0, FOREVER)


def test_a_slow_line_is_straight_until_its_end() -> None:
    instance = _instance([[0, 200], [20, 300]])
    found = _carrier(instance, 3)
    assert found == Straight(200.0, 5.0, 0.0, 0, 1000)
    last = _carrier(instance, 1000)
    assert isinstance(last, Straight)
    assert last.is_still
    assert last.cycles == pytest.approx(250.0 * 20)
    assert last.until == FOREVER


def test_a_keyframe_within_a_quantum_needs_the_direct_arithmetic() -> None:
    instance = _instance([[0, 200], [20.01, 300]])
    assert _carrier(instance, 999) == Straight(200.0, 100 / (960_480 / 48_000), 0.0, 0, 1000)
    assert _carrier(instance, 1000) == Quick(1001)
    assert isinstance(_carrier(instance, 1001), Straight)


@pytest.mark.parametrize("shape", ["exponential", "cosine"])
def test_a_gentle_bend_is_bent_and_a_sharp_one_quick(shape: str) -> None:
    assert _carrier(_instance([[0, 200], [60, 260, shape]]), 5) == Bent(3000)
    assert _carrier(_instance([[0, 200], [12, 500, shape]]), 5) == Quick(600)


def test_a_glide_that_is_quick_or_short_is_drawn_directly() -> None:
    assert _carrier(_instance([[0, 100], [20, 900]]), 5) == Quick(1000)
    assert _carrier(_instance([[0, 200], [2, 201]]), 5) == Quick(100)


def test_the_shift_moves_what_is_found() -> None:
    instance = seek_change(_instance([[0, 200], [20, 300]]), 0, 480_000).instance
    assert _carrier(instance, 100, shift=480_000) == Straight(200.0, 5.0, 0.0, -480_000, 500)


def test_a_track_that_was_set_is_quick_until_its_ramps_are_over() -> None:
    instance = param_change(_instance(200), 5000, {"tones.carrier_hz": 300.0}, 4800).instance
    assert _carrier(instance, 5) == Quick(11)
    still = _carrier(instance, 11)
    assert isinstance(still, Straight)
    assert (still.value, still.slope, still.origin, still.until) == (300.0, 0.0, 9800, FOREVER)
    # 200 Hz until 5000, then 250 on average until 9800, both in frames
    whole = (200 * 5000 + 250 * 4800) / 48_000
    assert abs(still.cycles - whole - round(still.cycles - whole)) < 1e-9


def test_what_is_found_does_not_depend_on_who_asked_first() -> None:
    instance = _instance([[0, 200], [20, 220, "cosine"], [60, 250]])
    alone = [_carrier(instance, quantum) for quantum in (5, 700, 1500, 2999, 3000)]
    assert alone == [_carrier(instance, quantum) for quantum in (5, 700, 1500, 2999, 3000)]
    assert [type(found).__name__ for found in alone] == ["Bent"] * 2 + ["Straight"] * 3


def test_a_value_set_to_where_it_is_needs_no_ramp() -> None:
    instance = param_change(_instance(200), 5000, {"tones.carrier_hz": 200.0}, 4800).instance
    found = _carrier(instance, 6)
    assert isinstance(found, Straight)
    assert (found.value, found.origin) == (200.0, 5000)
