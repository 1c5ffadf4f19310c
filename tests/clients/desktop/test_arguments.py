from __future__ import annotations

from pathlib import Path

import pytest

from clients.desktop.arguments import option, parse, parse_serve, read_server, server_of
from clients.desktop.errors import Misuse
from clients.desktop.wish import Pomodoro


def test_no_verb_is_a_verb_too() -> None:
    options = parse([])
    assert (options.verb, options.timer_arg, options.fade, option(options, "volume")) == (
        None,
        None,
        10.0,
        None,
    )


def test_flags_stand_before_or_behind_the_verb() -> None:
    before, behind = (
        parse(["--volume", "40", "--null", "focus", "5"]),
        parse(["focus", "5", "--volume", "40"]),
    )
    assert before.volume == behind.volume == 40
    assert before.null
    assert before.timer_arg.duration_s == behind.timer_arg.duration_s == 300


def test_values_are_read_where_they_are_typed() -> None:
    words = (
        "focus 25 --intensity mid --texture pads,rain=20 --method iso --fade 5 --timer 1h --buffer-ms 2000"
    )
    options = parse(words.split())
    assert (options.intensity, options.method, options.fade, options.buffer_ms) == (
        45,
        "isochronic",
        5.0,
        2000,
    )
    assert options.texture == {"pads": 60, "rain": 20}
    assert options.timer.duration_s == 3600
    rounds = parse(["pomodoro", "25/5x4", "--break", "silence"])
    assert (rounds.rounds, rounds.rest_sound) == (Pomodoro(25, 5, 4), "silence")
    export = parse(["export", "relax", "-o", "out.flac", "--minutes", "3", "--seed", "7"])
    assert (export.preset, export.output, export.minutes, export.seed) == ("relax", Path("out.flac"), 3.0, 7)


@pytest.mark.parametrize(
    "words",
    [
        "dance",
        "focus soon",
        "focus --volume 101",
        "focus --buffer-ms 100",
        "focus --fade no",
        "focus --fade 0",
        "focus --intensity loud",
        "focus --meter loud",
        "focus --server ftp://here",
        "pomodoro 25",
        "export relax",
        "ctl dance",
        "play",
    ],
)
def test_a_mistake_is_status_2_and_a_sentence(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        parse(words.split())
    assert refusal.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_the_server_is_named_by_flag_or_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOUNDWELL_SERVER", raising=False)
    assert server_of(parse(["stats"])) is None
    monkeypatch.setenv("SOUNDWELL_SERVER", "there:9000/")
    assert server_of(parse(["stats"])) == "http://there:9000"
    assert server_of(parse(["stats", "--server", "https://here"])) == "https://here"
    with pytest.raises(Misuse):
        read_server("http://")


def test_serve_hands_everything_on() -> None:
    assert parse_serve(["serve", "--port", "9000", "--tls"]) == ["--port", "9000", "--tls"]
    assert parse_serve(["focus"]) is None
    assert parse_serve([]) is None
