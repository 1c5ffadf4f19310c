from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from clients.desktop.__main__ import _wrapped, main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.usefixtures("home")
def test_what_stops_it_is_a_sentence_and_a_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets", "--server", "127.0.0.1:9"]) == 5
    assert capsys.readouterr().err == "No Soundwell server answers at http://127.0.0.1:9.\n"
    assert main(["ctl", "stop", "--json"]) == 5
    assert json.loads(capsys.readouterr().out) == {
        "event": "error",
        "status": 5,
        "sentence": "Nothing is playing that could be told.",
    }


@pytest.mark.usefixtures("home")
def test_what_is_kept_holds_for_every_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "server=127.0.0.1:9"]) == 0
    assert main(["config", "volume=40"]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == ["server=127.0.0.1:9", "volume=40"]
    assert main(["presets"]) == 5
    assert "http://127.0.0.1:9." in capsys.readouterr().err
    assert main(["config", "server="]) == 0
    assert capsys.readouterr().out == "volume=40\n"
    assert main(["config", "colour=red"]) == 2
    assert "is no setting" in capsys.readouterr().err
    with pytest.raises(SystemExit) as refusal:
        main(["config", "volume=loud"])
    assert refusal.value.code == 2


def test_a_shell_gets_its_completions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completions", "bash"]) == 0
    assert capsys.readouterr().out.startswith("_soundwell() {")


def test_a_person_gets_whole_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    sentence = "One two-three four five six seven.\nEight."
    assert _wrapped(sentence) == sentence
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert _wrapped(sentence) == "One two-three four\nfive six seven.\nEight."


def test_serve_becomes_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda _, words: became.append(words))
    main(["serve", "--port", "9000"])
    assert became[0][1:] == ["-m", "server", "serve", "--port", "9000"]


def test_ctrl_c_is_status_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(coroutine: object) -> None:
        coroutine.close()  # type: ignore[attr-defined]  # a coroutine
        raise KeyboardInterrupt

    monkeypatch.setattr("asyncio.run", interrupted)
    assert main(["presets"]) == 130


def test_a_mistake_is_status_2(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(["export", "relax"])
    assert refusal.value.code == 2
