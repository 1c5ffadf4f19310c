from __future__ import annotations

import datetime as dt

import pytest

from clients.desktop.errors import Misuse
from clients.desktop.presets import Preset
from clients.desktop.wish import (
    Pomodoro,
    Timer,
    Tuning,
    make_wish,
    read_intensity,
    read_method,
    read_pomodoro,
    read_textures,
    read_timer,
    with_rounds,
)

NOW = dt.datetime(2026, 11, 21, 18, 0, tzinfo=dt.UTC)
PRESET = Preset(
    id="focus",
    mode="focus",
    title="Focus",
    line="",
    minutes=25,
    intensity=45,
    method="am",
    intensity_address={"am": "am.depth", "isochronic": "iso.level", "binaural": "binaural.level"},
    layers={"pads": "pads.level", "rain": "rain.level"},
    levels={"pads": 60, "rain": 20},
)


@pytest.mark.parametrize(
    ("text", "seconds"), [("25", 1500), ("25m", 1500), ("90s", 90), ("1.5h", 5400), ("10 min", 600)]
)
def test_a_length_may_have_a_unit(text: str, seconds: float) -> None:
    assert read_timer(text, NOW) == Timer(seconds)


def test_a_time_of_day_is_the_next_one() -> None:
    assert read_timer("until 18:30", NOW) == Timer(1800, NOW.replace(minute=30))
    assert read_timer("1:00", NOW).duration_s == 7 * 3600


@pytest.mark.parametrize("text", ["", "soon", "0", "13h", "25:00", "18:60", "until", "-5", "1:00:00"])
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(Misuse):
        read_timer(text, NOW)


def test_levels_methods_and_textures_are_read() -> None:
    assert [read_intensity(text) for text in ("low", "mid", "high", "0", "100")] == [20, 45, 75, 0, 100]
    assert [read_method(text) for text in ("am", "iso", "binaural")] == ["am", "isochronic", "binaural"]
    assert read_textures("pads,rain=20") == {"pads": 60, "rain": 20}


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (read_intensity, "loud"),
        (read_intensity, "101"),
        (read_method, "magic"),
        (read_textures, "rain=x"),
        (read_textures, "rain=101"),
        (read_textures, ",rain"),
        (read_pomodoro, "25"),
        (read_pomodoro, "0/5x4"),
    ],
)
def test_what_cannot_be_read_is_told(reader: object, text: str) -> None:
    assert callable(reader)
    with pytest.raises(Misuse, match="say"):
        reader(text)


def test_a_preset_alone_turns_nothing() -> None:
    wish = make_wish(PRESET, Tuning(), None, 10.0)
    assert wish.values == {}
    assert wish.args() == {
        "preset": "focus",
        "duration_s": 1500.0,
        "fade_in_ms": 2000,
        "fade_out_ms": 10_000,
        "marks": [],
    }


def test_what_is_wanted_otherwise_is_turned() -> None:
    wish = make_wish(PRESET, Tuning(75, "binaural", {"rain": 80}), Timer(60), 0.5)
    assert wish.values == {"am.depth": 0.0, "iso.level": 0.0, "binaural.level": 75.0, "rain.level": 80.0}
    assert (wish.args()["duration_s"], wish.args()["fade_out_ms"]) == (60.0, 500)
    with pytest.raises(Misuse, match='no "ocean"; it has pads, rain'):
        make_wish(PRESET, Tuning(textures={"ocean": 3}), None, 10.0)


def test_rounds_of_work_and_rest_are_one_listening() -> None:
    wish = with_rounds(make_wish(PRESET, Tuning(textures={"pads": 30}), None, 10.0), Pomodoro(25, 5, 3))
    assert wish.timer.duration_s == (3 * 25 + 2 * 5) * 60
    assert [(part.name, part.start // 48_000 // 60) for part in wish.parts] == [
        ("work 1 of 3", 0),
        ("break 1", 25),
        ("work 2 of 3", 30),
        ("break 2", 55),
        ("work 3 of 3", 60),
    ]
    silent = {"iso.level": 0.0, "binaural.level": 0.0}
    assert wish.parts[1].values == {"am.depth": 0.0, **silent, "pads.level": 0.0, "rain.level": 60.0}
    assert wish.parts[2].values == {"am.depth": 45.0, **silent, "pads.level": 30.0, "rain.level": 20.0}
    assert wish.args()["marks"] == [[part.start, part.name] for part in wish.parts]
    quiet = with_rounds(make_wish(PRESET, Tuning(), None, 10.0), Pomodoro(1, 1, 2, "silence"))
    assert set(quiet.parts[1].values.values()) == {0.0}
    with pytest.raises(Misuse):
        with_rounds(make_wish(PRESET, Tuning(), None, 10.0), Pomodoro(1, 1, 2, "ocean"))
    assert read_pomodoro("25/5x4") == Pomodoro(25, 5, 4)
