from __future__ import annotations

from pathlib import Path

import pytest

from clients.desktop.arguments import option, parse, parse_serve, server_of
from clients.desktop.errors import Misuse
from clients.desktop.flags import SETTINGS, read_server
from clients.desktop.wish import Pomodoro


def test_no_verb_is_a_verb_too() -> None:
    options = parse([])
    assert (options.verb, options.timer_arg) == (None, None)
    assert option(options, "volume") is None
    assert option(options, "fade", 10.0) == 10.0


def test_what_is_kept_gives_way_to_flags_and_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOUNDWELL_SERVER", raising=False)
    kept = {"server": "kept:1", "volume": "30", "meter": "none"}
    options = parse(["focus", "--volume", "40"], kept)
    assert (options.server, options.volume, options.meter) == ("http://kept:1", 40, "none")
    monkeypatch.setenv("SOUNDWELL_SERVER", "there:2")
    assert server_of(parse(["focus"], kept)) == "http://there:2"
    values = dict.fromkeys(SETTINGS, "10") | {"meter": "bar", "method": "am", "buffer-ms": "900"}
    assert len(vars(parse([], values))) == 2 + len(SETTINGS) - 1  # verb, timer, and all but the server


@pytest.mark.parametrize(
    "verb", ["", "focus", "play", "pomodoro", "export", "stats", "ctl", "config", "doctor"]
)
def test_help_fits_into_eighty_columns_and_names_the_verb(
    verb: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as end:
        parse([*verb.split(), "--help"])
    told = capsys.readouterr().out.splitlines()
    assert end.value.code == 0
    assert told[0].startswith(f"usage: soundwell {verb}".rstrip())
    assert max(map(len, told)) <= 80
    assert ("space pause" in "\n".join(told)) == (verb in {"focus", "play", "pomodoro"})


def test_flags_stand_before_or_behind_the_verb() -> None:
    before, behind = (
        parse(["--volume", "40", "--null", "focus", "5"]),
        parse(["focus", "5", "--volume", "40"]),
    )
    assert before.volume == behind.volume == 40
    assert before.null
    assert (
        parse(["devices", "--server", "there", "--volume", "3"]).server == "http://there"
    )  # as a script may
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
