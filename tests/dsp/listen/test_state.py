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
from dsp.listen.entries import Passage
from dsp.listen.state import (
    LOOP_FADE,
    crossfade_end,
    cycles_at,
    shift_at,
    shifts_at,
    sounding,
    track_cycles,
    track_value,
)

PROGRAM = parse_program(
    {
        "v": 1,
        "title": "",
        "mode": "focus",
        "layers": {
            "noise": {"kind": "noise", "color": "pink", "level": [[0, 0], [10, 100]]},
            "tones": {
                "kind": "binaural",
                "level": 40,
                "voices": [{"carrier_hz": [[0, 200], [10, 300]], "beat_hz": 10}],
            },
        },
    }
)
POS = np.arange(40_000, 60_000, dtype=np.int64)


@pytest.fixture
def instance() -> Instance:
    return open_instance(PROGRAM, seed=1, live_frame=0)


def test_a_track_follows_the_program_until_it_is_set(instance: Instance) -> None:
    changed = param_change(instance, 48_000, {"noise.level": 100.0}, 4800).instance
    before, after = changed.states
    assert track_value(changed.score, before, "noise.level", POS, 0)[8000] == pytest.approx(0.1)
    value = track_value(changed.score, after, "noise.level", POS, 0)
    assert value[8000] == pytest.approx(0.1, abs=1e-6)
    assert value[8000 + 4800] == 1.0


def test_a_frequency_that_is_set_goes_on_from_its_phase(instance: Instance) -> None:
    changed = param_change(instance, 48_123, {"tones.carrier_hz": 400.0}, 4800).instance
    before, after = changed.states
    old = track_cycles(changed.score, before, "tones.carrier.0", POS, 0)
    new = track_cycles(changed.score, after, "tones.carrier.0", POS, 0)
    at = 48_123 - 40_000
    gap = new[at] - old[at]
    assert abs(gap - round(gap)) < 1e-9
    hertz = np.diff(new) * 48_000
    assert hertz[at] == pytest.approx(
        track_value(changed.score, before, "tones.carrier.0", POS, 0)[at], abs=0.01
    )
    assert hertz[-1] == pytest.approx(400.0)


def test_a_second_turn_starts_from_the_folded_phase(instance: Instance) -> None:
    once = param_change(instance, 48_123, {"tones.carrier_hz": 400.0}, 4800).instance
    twice = param_change(once, 50_000, {"tones.carrier_hz": 250.0}, 4800).instance
    old, new = (track_cycles(twice.score, state, "tones.carrier.0", POS, 0) for state in twice.states[1:])
    gap = (new - old)[50_000 - 40_000]
    assert abs(gap - round(gap)) < 1e-9
    assert track_value(twice.score, twice.states[2], "tones.carrier.0", POS, 0)[-1] == 250.0


def test_a_seek_is_another_way_from_position_to_programme_time(instance: Instance) -> None:
    sought = seek_change(instance, 10_000, 480_000, 1920).instance
    passages = sought.states[1].passages
    assert [shift.frames for shift in shifts_at(passages, 10_000)] == [0, 470_000]
    assert [shift.frames for shift in shifts_at(passages, 12_480)] == [470_000]
    assert shift_at(passages, 9_990) == 0
    assert shift_at(passages, 10_000) == 470_000
    assert crossfade_end(passages, 10_000) == 12_480


def test_a_loop_turns_back_again_and_again(instance: Instance) -> None:
    looped = loop_change(instance, 1000, 48_000, 144_000).instance
    passages = looped.states[1].passages
    for turn in range(5):
        pos = 144_000 + turn * 96_000
        assert pos - 1 + shift_at(passages, pos - 1) == 143_999
        assert pos + shift_at(passages, pos) == 48_000
        fading = shifts_at(passages, pos + 960)
        assert len(fading) == 2
        assert fading[1].fade == LOOP_FADE
        assert len(shifts_at(passages, pos + LOOP_FADE + 960)) == 1


def test_a_loop_that_lies_behind_turns_at_once_and_ends_where_it_is(instance: Instance) -> None:
    looped = loop_change(instance, 200_000, 0, 48_000).instance
    assert 200_000 + shift_at(looped.states[1].passages, 200_000) == 0
    ended = loop_change(looped, 230_000, None, None).instance
    assert 300_000 + shift_at(ended.states[2].passages, 300_000) == 100_000


def test_a_seek_within_a_loop_keeps_it(instance: Instance) -> None:
    looped = loop_change(instance, 1000, 48_000, 144_000).instance
    sought = seek_change(looped, 20_000, 100_000).instance
    assert 70_000 + shift_at(sought.states[2].passages, 70_000) == 54_000
    beyond = seek_change(looped, 20_000, 200_000).instance
    assert beyond.states[2].passages[-1].region is None


def test_stations_keep_only_what_is_still_heard(instance: Instance) -> None:
    tuned = play_change(instance, 48_000, live_frame=960_000).instance
    later = play_change(tuned, 48_000 * 10, live_frame=9_600_000).instance
    assert len(tuned.states[1].tunings) == 2
    assert len(later.states[2].tunings) == 2
    assert sounding(later.states[2].tunings, 48_000 * 13)[0].offsets["noise"] == 9_600_000 - 480_000


def test_the_phase_at_a_position_is_that_of_the_passage_that_plays(instance: Instance) -> None:
    sought = seek_change(instance, 9600, 48_000, 960).instance
    phase = cycles_at(sought.score, sought.states[1], "tones.half_beat.0", 19_300)
    assert phase == pytest.approx(5.0 * (48_000 + 9700) / 48_000 % 1.0)


def test_the_first_passage_is_always_there() -> None:
    assert shifts_at((Passage(0, 0, 0, None),), 0)[0].frames == 0
