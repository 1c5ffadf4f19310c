import pytest

from dsp.listen import (
    LOOKAHEAD,
    Instance,
    ProgramError,
    end_change,
    loop_change,
    open_instance,
    param_change,
    parse_program,
    pause_change,
    play_change,
    seek_change,
)
from dsp.listen.changes import LEAST_RAMP, MOST_RAMP

PROGRAM = parse_program(
    {
        "v": 1,
        "title": "",
        "mode": "focus",
        "layers": {
            "noise": {"kind": "noise", "color": "pink", "level": 30},
            "tones": {"kind": "binaural", "level": 40, "voices": [{"carrier_hz": 200, "beat_hz": 10}]},
        },
        "modulation": {"rate_hz": [[0, 10], [120, 16]], "depth": 45},
    }
)


@pytest.fixture
def instance() -> Instance:
    return open_instance(PROGRAM, seed=1, live_frame=0)


def test_a_parameter_change_is_an_entry(instance: Instance) -> None:
    change = param_change(instance, 5000, {"noise.level": 50, "am.rate_hz": 12.0}, 1440)
    assert change.entry["pos"] == 5000
    assert change.entry["kind"] == "param"
    assert change.entry["p"] == {"noise.level": 50.0, "am.rate_hz": 12.0}
    assert change.entry["ramp"] == 1440
    assert set(change.entry["phases"]) == {"am.rate"}  # type: ignore[call-overload]  # it is a dict
    assert change.from_pos == 5000 - LOOKAHEAD
    assert change.clamped == {}
    assert instance.with_entry(change.entry) == change.instance


def test_a_value_beyond_its_range_is_clamped_and_said(instance: Instance) -> None:
    change = param_change(instance, 5000, {"noise.level": 150.0, "output.gain_db": -3.0}, 1440)
    assert change.clamped == {"noise.level": 100.0}
    assert change.instance.states[1].values["noise.level"] == 100.0


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({}, "p"),
        ({"rain.level": 5.0}, "rain.level"),
        ({"noise.level": "pink"}, "noise.level"),
        ({"noise.level": float("nan")}, "noise.level"),
        ({"noise.level": True}, "noise.level"),
        ({"noise.color": 3.0}, "noise.color"),
        ({"noise.color": "mauve"}, "noise.color"),
    ],
)
def test_what_cannot_be_set_is_named(instance: Instance, patch: dict[str, float | str], field: str) -> None:
    with pytest.raises(ProgramError) as caught:
        param_change(instance, 5000, patch, 1440)
    assert caught.value.field == field


def test_a_ramp_has_a_least_and_a_greatest_length(instance: Instance) -> None:
    assert param_change(instance, 5000, {"noise.level": 5.0}, 1).entry["ramp"] == LEAST_RAMP
    assert param_change(instance, 5000, {"noise.level": 5.0}, 10**9).entry["ramp"] == MOST_RAMP


def test_changes_come_in_order_whatever_is_asked(instance: Instance) -> None:
    first = param_change(instance, 9000, {"noise.level": 5.0}, 480)
    second = param_change(first.instance, 4000, {"noise.level": 9.0}, 480)
    assert second.entry["pos"] == 9000
    assert seek_change(first.instance, 4000, 0).entry["pos"] == 9000
    assert loop_change(first.instance, 4000, 0, 96_000).entry["pos"] == 9000


def test_a_track_of_the_program_waits_for_the_end_of_a_seek(instance: Instance) -> None:
    sought = seek_change(instance, 9600, 480_000, 12_000).instance
    assert param_change(sought, 10_000, {"am.rate_hz": 9.0}, 480).entry["pos"] == 22_080
    assert param_change(sought, 10_000, {"noise.level": 9.0}, 480).entry["pos"] == 10_000
    held = param_change(sought, 10_000, {"am.rate_hz": 9.0}, 480).instance
    again = seek_change(held, 48_000, 0, 12_000).instance
    assert param_change(again, 49_000, {"am.rate_hz": 8.0}, 480).entry["pos"] == 49_000


def test_pause_play_and_end_change_no_sample(instance: Instance) -> None:
    paused = pause_change(instance, 7000)
    played = play_change(paused.instance, 21_400)
    ended = end_change(played.instance, 30_000, 3, 60_000, [(50_000, 1.0), (60_000, 0.0)])
    assert [change.from_pos for change in (paused, played, ended)] == [None, None, None]
    assert ended.entry["gain_env"] == [[50_000, 1.0], [60_000, 0.0]]
    assert ended.instance.states[-1] is instance.states[0]


def test_a_long_pause_tunes_stations_to_live_from_where_samples_may_change(instance: Instance) -> None:
    paused = pause_change(instance, 7000).instance
    change = play_change(paused, 21_400, live_frame=960 * 5000, splice_at=25_000)
    assert change.entry == {
        "pos": 21_400,
        "kind": "transport",
        "op": "play",
        "stations": {"noise": (960 * 5000 - 21_400) // 960 * 960},
        "from": 25_000,
        "fade": 96_000,
    }
    assert change.from_pos == 25_000 - LOOKAHEAD


def test_tones_alone_have_no_stations_to_tune() -> None:
    layers = {"tones": {"kind": "binaural", "level": 40, "voices": [{"carrier_hz": 200, "beat_hz": 10}]}}
    program = parse_program({"v": 1, "title": "", "mode": "focus", "layers": layers})
    change = play_change(open_instance(program, seed=1, live_frame=0), 7000, live_frame=960)
    assert change.from_pos is None


def test_a_loop_needs_both_ends_and_a_second_between_them(instance: Instance) -> None:
    with pytest.raises(ProgramError, match="together"):
        loop_change(instance, 0, 5, None)
    with pytest.raises(ProgramError, match="one second"):
        loop_change(instance, 0, 0, 47_999)
    with pytest.raises(ProgramError, match="whole number"):
        seek_change(instance, 0, -1)
