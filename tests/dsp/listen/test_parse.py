import copy
import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp.listen.parse import parse_program, program_cost, trajectories
from dsp.listen.program import NoiseLayer, ProgramError, ToneLayer

FULL: dict[str, Any] = {
    "v": 1,
    "title": "Deep Focus",
    "mode": "focus",
    "layers": {
        "pads": {"kind": "bed", "recipe": "ambient", "level": 60},
        "rain": {"kind": "texture", "recipe": "rain", "level": [[0, 10], [60, 20, "cosine"]]},
        "noise": {"kind": "noise", "color": "pink", "bands_db": [0] * 9 + [-3], "level": 0},
        "iso": {
            "kind": "isochronic",
            "carrier_hz": 200,
            "rate_hz": [[0, 10], [120, 16, "linear"]],
            "duty": 0.5,
            "law": "raised_cosine",
            "attack": 0.25,
            "release": 0.25,
            "floor": 0,
            "level": 0,
        },
        "binaural": {
            "kind": "binaural",
            "voices": [{"carrier_hz": 200, "beat_hz": 10, "gain": 1}],
            "level": 0,
        },
        "monaural": {"kind": "monaural", "voices": [{"carrier_hz": 300, "beat_hz": 4}], "level": 5},
    },
    "modulation": {
        "law": "sine",
        "stereo": "together",
        "rate_hz": [[0, 10], [120, 16]],
        "depth": 45,
        "duty": 0.5,
    },
    "output": {"gain_db": 0},
}


def test_a_program_is_read_and_written_back_equal() -> None:
    program = parse_program(FULL)
    assert parse_program(program.to_json()) == program
    assert [layer.name for layer in program.layers] == list(FULL["layers"])
    noise = program.layers[2]
    assert isinstance(noise, NoiseLayer)
    assert noise.bands_db[9].start == -3.0
    monaural = program.layers[5]
    assert isinstance(monaural, ToneLayer)
    assert monaural.voices[0].gain == 1.0


def test_what_may_be_left_out_has_its_default() -> None:
    program = parse_program(
        {
            "v": 1,
            "title": "",
            "mode": "sleep",
            "layers": {"n": {"kind": "noise", "color": "brown", "level": 1}},
        }
    )
    assert program.modulation is None
    assert program.output_gain_db == 0.0


@pytest.mark.parametrize(
    ("path", "value", "field", "said"),
    [
        (("v",), 2, "v", "must be 1"),
        (("v",), True, "v", "must be 1"),
        (("mode",), "party", "mode", "one of focus"),
        (("title",), "x" * 121, "title", "at most 120"),
        (("layers",), {}, "layers", "1 to 12"),
        (("layers",), [], "layers", "an object"),
        (("layers", "pads", "level"), 101, "layers.pads.level", "from 0 to 100, not 101"),
        (("layers", "pads", "level"), "loud", "layers.pads.level", "a number from 0 to 100"),
        (("layers", "pads", "level"), math.nan, "layers.pads.level", "a number"),
        (("layers", "pads", "level"), True, "layers.pads.level", "a number"),
        (("layers", "pads", "recipe"), "polka", "layers.pads.recipe", "one of ambient"),
        (("layers", "pads", "kind"), "file", "layers.pads.kind", "one of binaural"),
        (("layers", "pads", "volume"), 3, "layers.pads.volume", "not known"),
        (("layers", "pads"), 3, "layers.pads", "an object"),
        (("layers", "Pads!"), {}, "layers.Pads!", "small letters"),
        (("layers", "am"), {}, "layers.am", "small letters"),
        (("layers", "noise", "bands_db"), [0], "layers.noise.bands_db", "a list of 10"),
        (("layers", "noise", "bands_db", 3), 40, "layers.noise.bands_db[3]", "-24 to 12"),
        (("layers", "binaural", "voices"), [], "layers.binaural.voices", "1 to 16"),
        (
            ("layers", "binaural", "voices", 0, "carrier_hz"),
            10,
            "layers.binaural.voices[0].carrier_hz",
            "50 to 1000",
        ),
        (
            ("layers", "binaural", "voices", 0, "beat_hz"),
            -41,
            "layers.binaural.voices[0].beat_hz",
            "-40 to 40",
        ),
        (("layers", "iso", "law"), "sine", "layers.iso.law", "one of hard"),
        (("layers", "iso", "attack"), 0.9, "layers.iso.attack", "and release together"),
        (
            ("layers", "iso", "rate_hz"),
            [[0, 10], [0.005, 12]],
            "layers.iso.rate_hz[1][0]",
            "at least 0.01 s after",
        ),
        (("layers", "iso", "rate_hz"), [[0, 10], [1, 12, "wavy"]], "layers.iso.rate_hz[1][2]", "one of hold"),
        (("layers", "iso", "rate_hz"), [[0]], "layers.iso.rate_hz[0]", "[t_s, value"),
        (("layers", "iso", "rate_hz"), [], "layers.iso.rate_hz", "1 to 512 keyframes"),
        (
            ("layers", "binaural", "voices", 0, "beat_hz"),
            [[0, -3], [9, 3, "exponential"]],
            "layers.binaural.voices[0].beat_hz[1][2]",
            "same sign",
        ),
        (("modulation", "stereo"), "mono", "modulation.stereo", "one of together"),
        (("modulation", "depth"), None, "modulation.depth", "a number"),
        (("output", "gain_db"), 7, "output.gain_db", "-6 to 6"),
        (("surprise",), 1, "surprise", "not known"),
    ],
)
def test_what_is_wrong_is_named(path: tuple[Any, ...], value: object, field: str, said: str) -> None:
    program = copy.deepcopy(FULL)
    target: Any = program
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    with pytest.raises(ProgramError) as caught:
        parse_program(program)
    assert caught.value.field == field
    assert said in caught.value.message


@pytest.mark.parametrize("missing", ["v", "title", "mode", "layers"])
def test_what_is_missing_is_named(missing: str) -> None:
    with pytest.raises(ProgramError, match="is missing") as caught:
        parse_program({key: value for key, value in FULL.items() if key != missing})
    assert caught.value.field == missing


@pytest.mark.parametrize("value", [None, 3, "x", [], {1: 2}])
def test_anything_but_an_object_is_refused(value: object) -> None:
    with pytest.raises(ProgramError, match="object"):
        parse_program(value)


def _with_layers(layers: dict[str, Any]) -> dict[str, Any]:
    return {**FULL, "layers": layers}


def test_a_program_has_a_size() -> None:
    voices = [{"carrier_hz": 200, "beat_hz": 1}] * 9
    two = {name: {"kind": "binaural", "voices": voices, "level": 1} for name in ("a", "b")}
    with pytest.raises(ProgramError, match="at most 16 voices in all, not 18"):
        parse_program(_with_layers(two))
    ramp = [[i, 5] for i in range(300)]
    long = {name: {"kind": "bed", "recipe": "ambient", "level": ramp} for name in ("a", "b")}
    with pytest.raises(ProgramError, match="at most 512 keyframes"):
        parse_program(_with_layers(long))
    shaped = {f"n{i}": {"kind": "noise", "color": "pink", "bands_db": [1] * 10, "level": 1} for i in range(3)}
    with pytest.raises(ProgramError, match=r"cost 7 is more than 6"):
        parse_program(_with_layers(shaped))


def test_four_voices_a_bed_and_am_cost_one() -> None:
    voices = [{"carrier_hz": 200, "beat_hz": 1}] * 4
    layers = {
        "tones": {"kind": "binaural", "voices": voices, "level": 1},
        "pads": {"kind": "bed", "recipe": "ambient", "level": 1},
    }
    assert program_cost(parse_program(_with_layers(layers))) == 1.0


def test_every_trajectory_is_counted() -> None:
    # six levels, two voices of two, carrier and rate, ten bands, rate and depth of the modulation
    assert len(trajectories(parse_program(FULL))) == 6 + 4 + 2 + 10 + 2


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from([*FULL, "level", "kind"]), inner, max_size=5)
        ),
    )
)
def test_nonsense_is_refused_and_never_crashes(value: object) -> None:
    with pytest.raises(ProgramError):
        parse_program(value)


def _with_bell(**fields: object) -> dict[str, Any]:
    bell = {"kind": "bell", "level": 50, **fields}
    return {"v": 1, "title": "", "mode": "meditate", "layers": {"bell": bell}}


@pytest.mark.parametrize("when", [{"at_s": [0, 300, 600.5]}, {"every_s": 1500}])
def test_a_bell_is_read_and_written_back_equal(when: dict[str, Any]) -> None:
    program = parse_program(_with_bell(**when, pitch_hz=432, decay_s=4))
    assert parse_program(program.to_json()) == program
    assert program_cost(program) == 1.0


def test_a_pulse_costs_less_while_only_a_listener_can_make_it_heard() -> None:
    beeps: dict[str, Any] = {"kind": "isochronic", "carrier_hz": 200, "rate_hz": 10, "level": 50}
    body: dict[str, Any] = {"v": 1, "title": "", "mode": "focus", "layers": {"beeps": beeps}}
    assert program_cost(parse_program(body)) == 1.0
    beeps["level"] = 0
    assert program_cost(parse_program(body)) == 0.5


def test_strikes_that_ring_over_one_another_cost_more() -> None:
    close = parse_program(_with_bell(at_s=[0, 1, 2], decay_s=1))
    assert program_cost(close) == pytest.approx(0.2 + 0.8 + 6 * 0.1)
    with pytest.raises(ProgramError, match=r"cost 6\.5 is more than 6"):
        parse_program(_with_bell(at_s=list(range(64)), decay_s=8))


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({}, "at_s", "or every_s must be given"),
        ({"at_s": [1], "every_s": 60}, "at_s", "not both"),
        ({"at_s": []}, "at_s", "1 to 64 times"),
        ({"at_s": "noon"}, "at_s", "a list"),
        ({"at_s": [5, 5.5]}, "at_s[1]", "at least a second"),
        ({"every_s": 1}, "every_s", "from 10"),
        ({"at_s": [1], "pitch_hz": 5000}, "pitch_hz", "100 to 2000"),
        ({"at_s": [1], "decay_s": 60}, "decay_s", "0.2 to 8"),
    ],
)
def test_what_is_wrong_with_a_bell_is_named(fields: dict[str, Any], field: str, said: str) -> None:
    with pytest.raises(ProgramError, match=re.escape(said)) as caught:
        parse_program(_with_bell(**fields))
    assert caught.value.field == f"layers.bell.{field}"


def test_motion_around_the_head_is_read_and_costs_what_it_takes() -> None:
    rain: dict[str, Any] = {"kind": "texture", "recipe": "rain", "level": 50}
    body: dict[str, Any] = {"v": 1, "title": "", "mode": "relax", "layers": {"rain": rain}}
    rain["spatial"] = {"rate_hz": [[0, 0.1], [60, 0.2]], "width_us": 300, "shade_db": 2}
    program = parse_program(body)
    assert parse_program(program.to_json()) == program
    assert program_cost(program) == 3.2
    for field, value in (("rate_hz", 3), ("width_us", 900), ("shade_db", 12), ("wobble", 1)):
        rain["spatial"] = {"rate_hz": 0.1, field: value}
        with pytest.raises(ProgramError) as caught:
            parse_program(body)
        assert caught.value.field == f"layers.rain.spatial.{field}"


def test_two_stations_that_move_are_too_dear() -> None:
    spun = {"kind": "texture", "recipe": "rain", "level": 50, "spatial": {"rate_hz": 0.1}}
    body: dict[str, Any] = {"v": 1, "title": "", "mode": "relax", "layers": {"rain": spun, "wind": spun}}
    with pytest.raises(ProgramError, match=r"cost 6\.2 is more than 6"):
        parse_program(body)
