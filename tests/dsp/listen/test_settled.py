import pytest

from dsp.listen import (
    Instance,
    Program,
    fold,
    open_instance,
    param_change,
    parse_program,
    seek_change,
    values_at,
)
from dsp.listen.settled import settled

RATE_HZ = 48_000
PROGRAM = parse_program(
    {
        "v": 1,
        "title": "Mine",
        "mode": "focus",
        "layers": {
            "pads": {"kind": "bed", "recipe": "ambient", "level": [[0, 20], [10, 80]]},
            "bell": {"kind": "bell", "at_s": [60], "level": 30},
            "noise": {"kind": "noise", "color": "pink", "level": 10},
            "iso": {"kind": "isochronic", "carrier_hz": 200, "rate_hz": [[0, 10], [120, 16]], "level": 0},
            "tones": {
                "kind": "binaural",
                "level": 40,
                "voices": [
                    {"carrier_hz": 200, "beat_hz": [[0, 10], [120, 16]]},
                    {"carrier_hz": 400, "beat_hz": 3},
                ],
            },
        },
        "modulation": {"rate_hz": [[0, 10], [120, 16]], "depth": 45},
    }
)
TURNED: dict[str, float | str] = {
    "pads.level": 35.0,
    "bell.level": 50.0,
    "noise.color": "brown",
    "noise.band_3_db": -6.0,
    "iso.carrier_hz": 300.0,
    "iso.rate_hz": 7.0,
    "tones.carrier_hz": 600.0,
    "tones.beat_hz": 5.0,
    "am.depth": 20.0,
    "am.rate_hz": 12.0,
    "output.gain_db": -3.0,
}


def opened(program: Program = PROGRAM) -> Instance:
    return open_instance(program, seed=1, live_frame=0)


def test_what_nobody_turned_keeps_its_course() -> None:
    assert settled(opened()) == PROGRAM
    jumped = seek_change(opened(), RATE_HZ, 60 * RATE_HZ, 12_000).instance
    assert settled(jumped) == PROGRAM


@pytest.mark.parametrize("address", TURNED)
def test_a_knob_that_was_turned_stands_there_from_the_start_and_the_others_do_not(address: str) -> None:
    turned = param_change(opened(), RATE_HZ, {address: TURNED[address]}, 480).instance
    after, before = opened(settled(turned)), opened()
    for t_s in (0, 60):
        expected = {**values_at(before, t_s * RATE_HZ), address: TURNED[address]}
        assert values_at(after, t_s * RATE_HZ) == pytest.approx(expected)


def test_the_last_turn_counts_also_when_it_was_folded() -> None:
    instance = opened()
    for i in range(20):
        instance = param_change(instance, i * RATE_HZ, {"am.depth": float(i)}, 480).instance
    folded = fold(instance, 200 * RATE_HZ)
    assert folded is not None
    modulation = settled(folded[0]).modulation
    assert modulation is not None
    assert modulation.depth.to_json() == 19.0


def test_a_carrier_transposes_all_voices_as_far_as_they_go() -> None:
    turned = param_change(opened(), RATE_HZ, {"tones.carrier_hz": 600.0}, 480).instance
    layer = settled(turned).to_json()["layers"]["tones"]  # type: ignore[index]  # JSON has no types
    assert [voice["carrier_hz"] for voice in layer["voices"]] == [600.0, 1000.0]


def test_a_settled_program_can_be_opened_by_a_stranger() -> None:
    turned = param_change(opened(), RATE_HZ, TURNED, 480).instance
    program = settled(turned)
    assert parse_program(program.to_json()) == program


def test_motion_around_the_head_stays_at_its_last_speed() -> None:
    rain = {"kind": "texture", "recipe": "rain", "spatial": {"rate_hz": 0.1}, "level": 30}
    still = parse_program({"v": 1, "title": "", "mode": "relax", "layers": {"rain": rain}})
    turned = param_change(opened(still), RATE_HZ, {"rain.spin_hz": 0.2}, 480).instance
    assert settled(opened(still)) == still
    assert values_at(opened(settled(turned)), 0)["rain.spin_hz"] == pytest.approx(0.2)
