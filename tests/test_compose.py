"""The image and the many-container form say only what the server knows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # its stubs are a package of their own

from server.__main__ import _parser
from server.kit.settings import Settings

ROOT = Path(__file__).parents[1]
OURS = ("web", "worker")
OF_PYTHON = {"PYTHONPATH", "PYTHONUNBUFFERED", "OPENBLAS_NUM_THREADS"}


def composed() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


def image() -> str:
    return (ROOT / "Dockerfile").read_text()


def known() -> set[str]:
    return {name.upper() for name in Settings.model_fields}


@pytest.mark.req("S0-53")
def test_every_variable_is_a_setting() -> None:
    services = composed()["services"]
    for name in OURS:
        assert set(services[name]["environment"]) <= known(), name
    lines = re.search(r"^ENV (.*?[^\\])$", image(), re.MULTILINE | re.DOTALL)
    assert lines is not None
    assert set(re.findall(r"(\w+)=", lines[1])) <= known() | OF_PYTHON


@pytest.mark.parametrize("name", OURS)
def test_the_settings_are_good_enough_for_production(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"SECRET_KEY": "x" * 40, "PUBLIC_HOSTS": "listen.example.org"}
    for key, value in composed()["services"][name]["environment"].items():
        monkeypatch.setenv(key, _filled(str(value), given))
    settings = Settings()
    assert settings.is_production
    assert settings.database_url.endswith("@postgres:5432/soundwell")
    assert settings.redis_url == "redis://valkey:6379/0"


@pytest.mark.parametrize("name", OURS)
def test_each_container_of_ours_runs_a_command_that_there_is(name: str) -> None:
    service = composed()["services"][name]
    assert _parser().parse_args(service["command"]).command
    assert set(service["depends_on"]) <= set(composed()["services"])


def test_services_that_others_wait_for_say_when_they_are_ready() -> None:
    services = composed()["services"]
    awaited = {one for service in services.values() for one in service.get("depends_on", {})}
    assert awaited == {"postgres", "valkey", "web"}
    for name in awaited - {"web"}:
        assert services[name]["healthcheck"]["test"]
    assert "HEALTHCHECK" in image()
    assert "/healthz" in image()


def test_the_image_holds_what_is_copied_into_it() -> None:
    for source in re.findall(r"^COPY (\S+) ", image(), re.MULTILINE):
        assert (ROOT / source).exists(), source


def _filled(value: str, given: dict[str, str]) -> str:
    """What compose puts for ${NAME:-default} and ${NAME:?why}."""

    def fill(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        assert name in given or kind == ":-", f"{name} has no default and is not given"
        return given.get(name, rest)

    return re.sub(r"\$\{(\w+)(:[-?])([^}]*)\}", fill, value)
