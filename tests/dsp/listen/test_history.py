import pytest

from dsp.listen import (
    Instance,
    end_change,
    fold,
    is_binaural,
    loop_change,
    media_map,
    open_instance,
    param_change,
    parse_program,
    pause_change,
    play,
    play_change,
    seek_change,
    values_at,
)
from dsp.listen.entries import BaseEntry
from dsp.listen.history import LEAST_FOLDED, MOST_BYTES

PROGRAM = parse_program(
    {
        "v": 1,
        "title": "",
        "mode": "focus",
        "layers": {
            "noise": {"kind": "noise", "color": "pink", "level": [[0, 20], [10, 80]]},
            "tones": {"kind": "binaural", "level": 40, "voices": [{"carrier_hz": 200, "beat_hz": 10}]},
        },
        "modulation": {"rate_hz": [[0, 10], [120, 16]], "depth": 45},
    }
)


@pytest.fixture
def instance() -> Instance:
    return open_instance(PROGRAM, seed=1, live_frame=0)


def _turned(instance: Instance, count: int, every: int) -> Instance:
    for i in range(count):
        level = float(i % 100)
        instance = param_change(
            instance, i * every, {"noise.level": level, "am.rate_hz": 5.0 + level / 10}, 480
        ).instance
    return instance


def test_values_are_what_was_set_last_or_where_the_program_is(instance: Instance) -> None:
    changed = param_change(instance, 48_000, {"am.depth": 60.0, "noise.color": "brown"}, 480).instance
    assert values_at(changed, 0)["am.depth"] == pytest.approx(45.0, abs=1e-6)
    assert values_at(changed, 0)["noise.color"] == "pink"
    later = values_at(changed, 60 * 48_000)
    assert later["am.depth"] == 60.0
    assert later["noise.color"] == "brown"
    assert later["am.rate_hz"] == pytest.approx(13.0)
    assert later["tones.beat_hz"] == 10.0
    assert later["noise.level"] == pytest.approx(80.0)
    assert later["output.gain_db"] == 0.0


def test_a_media_map_says_where_the_programme_is_and_turns_next(instance: Instance) -> None:
    assert media_map(instance, 5000) == [[5000, 5000, 1]]
    sought = seek_change(instance, 48_000, 960_000).instance
    assert media_map(sought, 50_000) == [[50_000, 962_000, 1]]
    looped = loop_change(instance, 1000, 48_000, 144_000).instance
    assert media_map(looped, 2000) == [[2000, 2000, 1], [144_000, 48_000, 1]]


def test_nothing_is_folded_while_it_is_young_or_little(instance: Instance) -> None:
    few = _turned(instance, LEAST_FOLDED - 1, 4800)
    assert fold(few, 10**8) is None
    assert fold(_turned(instance, 40, 4800), 40 * 4800) is None


def test_what_is_a_minute_old_becomes_one_base(instance: Instance) -> None:
    turned = _turned(instance, 40, 48_000)
    folded = fold(turned, 90 * 48_000)
    assert folded is not None
    short, entry = folded
    assert entry["kind"] == "base"
    assert entry["pos"] == 30 * 48_000
    assert len(short.timeline) == 1 + 9
    assert turned.with_entry(entry) == short
    assert fold(short, 90 * 48_000) is None


def test_a_long_history_is_folded_sooner(instance: Instance) -> None:
    turned = _turned(instance, 400, 2400)
    playhead = 400 * 2400
    folded = fold(turned, playhead)
    assert folded is not None
    short, entry = folded
    assert isinstance(entry["pos"], int)
    assert entry["pos"] <= playhead - 4800
    assert len(repr(short.to_json()["timeline"])) < MOST_BYTES


def test_a_fold_keeps_the_newest_end_and_the_pauses_that_still_ramp(instance: Instance) -> None:
    turned = end_change(_turned(instance, 20, 2400), 48_000, 2, 10**7, [(0, 1.0)]).instance
    paused = pause_change(turned, 60_000).instance
    played = play_change(paused, 74_400).instance
    late = played
    for i in range(400):
        late = param_change(
            late, 76_000 + 10 * i, {"noise.level": float(i % 50), "am.rate_hz": 9.0}, 480
        ).instance
    folded = fold(late, 81_000)
    assert folded is not None
    short, _ = folded
    base = short.timeline[0]
    assert isinstance(base, BaseEntry)
    assert base.pos < 60_000
    assert base.end is not None
    assert base.end.rev == 2
    assert play(short, 80_000, 960).tobytes() == play(late, 80_000, 960).tobytes()


def test_a_program_is_binaural_by_its_course_or_by_a_hand() -> None:
    def opened(kind: str, level: object) -> Instance:
        layer = {"kind": kind, "level": level, "voices": [{"carrier_hz": 200, "beat_hz": 10}]}
        program = {"v": 1, "title": "", "mode": "focus", "layers": {"tones": layer}}
        return open_instance(parse_program(program), seed=1, live_frame=0)

    assert is_binaural(opened("binaural", 40))
    assert is_binaural(opened("binaural", [[0, 0], [600, 10]]))
    assert not is_binaural(opened("monaural", 40))
    silent = opened("binaural", 0)
    assert not is_binaural(silent)
    heard = param_change(silent, 48_000, {"tones.level": 20}, 480).instance
    assert is_binaural(heard)
    assert not is_binaural(param_change(heard, 96_000, {"tones.level": 0}, 480).instance)
