import pytest

from dsp.base.units import level_to_gain
from dsp.listen import param_specs, parse_program
from dsp.listen.addresses import addresses_of
from dsp.listen.program import Program


@pytest.fixture
def program() -> Program:
    return parse_program(
        {
            "v": 1,
            "title": "",
            "mode": "focus",
            "layers": {
                "rain": {"kind": "texture", "recipe": "rain", "level": 20},
                "noise": {"kind": "noise", "color": "pink", "level": 30},
                "iso": {"kind": "isochronic", "carrier_hz": 210, "rate_hz": 8, "level": 0},
                "tones": {
                    "kind": "binaural",
                    "level": 40,
                    "voices": [{"carrier_hz": 200, "beat_hz": 10}, {"carrier_hz": 300, "beat_hz": 5}],
                },
            },
            "modulation": {"rate_hz": 12, "depth": 45},
        }
    )


def test_every_parameter_has_its_address(program: Program) -> None:
    assert [spec.address for spec in param_specs(program)] == [
        "rain.level",
        "noise.level",
        "noise.color",
        *(f"noise.band_{i}_db" for i in range(10)),
        "iso.level",
        "iso.carrier_hz",
        "iso.rate_hz",
        "tones.level",
        "tones.carrier_hz",
        "tones.beat_hz",
        "am.depth",
        "am.rate_hz",
        "output.gain_db",
    ]


def test_a_specification_says_default_range_and_unit(program: Program) -> None:
    by_address = {spec.address: spec for spec in param_specs(program)}
    rate = by_address["am.rate_hz"]
    assert (rate.lo, rate.hi, rate.default, rate.unit, rate.ramp_ms) == (0.5, 40.0, 12.0, "Hz", 30.0)
    color = by_address["noise.color"]
    assert color.default == "pink"
    assert color.choices is not None
    assert "violet" in color.choices


def test_a_value_becomes_a_dyadic_target_of_each_track(program: Program) -> None:
    addresses = addresses_of(program)
    [(track, gain)] = addresses["rain.level"].targets(33.0)
    assert track == "rain.level"
    assert gain == pytest.approx(level_to_gain(33.0), abs=1e-7)
    assert (gain * 2**24).is_integer()
    assert dict(addresses["am.depth"].targets(45.0))["am.depth"] == pytest.approx(0.45, abs=1e-7)


def test_a_choice_opens_one_track_and_shuts_the_others(program: Program) -> None:
    targets = dict(addresses_of(program)["noise.color"].targets("brown"))
    assert targets.pop("noise.color.brown") == 1.0
    assert set(targets.values()) == {0.0}
    assert len(targets) == 5


def test_a_carrier_transposes_all_voices_and_a_beat_is_the_same_for_all(program: Program) -> None:
    addresses = addresses_of(program)
    carriers = dict(addresses["tones.carrier_hz"].targets(400.0))
    assert carriers == {"tones.carrier.0": 400.0, "tones.carrier.1": 600.0}
    halves = dict(addresses["tones.beat_hz"].targets(7.0))
    assert halves == {"tones.half_beat.0": 3.5, "tones.half_beat.1": 3.5}


def test_a_layer_that_turns_has_its_rate_and_a_bell_its_level() -> None:
    layers = {
        "rain": {"kind": "texture", "recipe": "rain", "level": 30, "spatial": {"rate_hz": 0.1}},
        "bell": {"kind": "bell", "level": 60, "every_s": 300},
    }
    found = addresses_of(parse_program({"v": 1, "title": "", "mode": "relax", "layers": layers}))
    assert list(found) == ["rain.level", "rain.spin_hz", "bell.level", "output.gain_db"]
    turns = found["rain.spin_hz"]
    assert turns.bends_phase
    assert (turns.spec.lo, turns.spec.hi, turns.spec.default) == (0.01, 0.5, 0.1)
