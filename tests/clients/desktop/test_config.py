from __future__ import annotations

from pathlib import Path

import pytest

from clients.desktop.config import Config, control_folder, own_config


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    config = Config(tmp_path / "deep" / "listener.json")
    config.keep_token("http://here", "secret")
    assert config.path.stat().st_mode & 0o777 == 0o600
    assert config.path.parent.stat().st_mode & 0o777 == 0o700
    assert [one.name for one in config.path.parent.iterdir()] == ["listener.json"]


def test_tokens_are_kept_by_server(tmp_path: Path) -> None:
    config = Config(tmp_path / "listener.json")
    assert config.token_of("a") is None
    config.keep_token("a", "1")
    config.keep_token("b", "2")
    config.keep_last("sleep", 40)
    assert (config.token_of("a"), config.token_of("b")) == ("1", "2")
    config.keep_token("a", None)
    assert (config.token_of("a"), config.token_of("b")) == (None, "2")
    assert (config.last_preset, config.volume) == ("sleep", 40)


def test_settings_are_kept_and_forgotten(tmp_path: Path) -> None:
    config = Config(tmp_path / "listener.json")
    assert config.settings == {}
    config.keep_setting("volume", "40")
    config.keep_setting("meter", "bar")
    config.keep_last("sleep", 20)
    assert config.settings == {"volume": "40", "meter": "bar"}
    config.keep_setting("volume", "")
    config.keep_setting("fade", "")
    assert config.settings == {"meter": "bar"}


@pytest.mark.parametrize(
    "text", ["", "[]", "no json", '{"tokens": {"a": 7}, "preset": 1, "volume": 900, "settings": []}']
)
def test_a_spoiled_file_is_as_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "listener.json"
    path.write_text(text)
    config = Config(path)
    assert (config.token_of("a"), config.last_preset, config.volume) == (None, None, None)
    assert config.settings == {}


def test_the_places_are_those_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/c")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/r")
    assert own_config().path == Path("/c/soundwell/listener.json")
    assert control_folder() == Path("/r/soundwell")
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.delenv("XDG_CONFIG_HOME")
    assert control_folder().name.startswith("soundwell-")
    assert own_config().path == Path.home() / ".config/soundwell/listener.json"
