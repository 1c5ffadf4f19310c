from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.serving import ROOT, Serving, is_alive, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.kit.embedded import Embedded


_numbers = itertools.count(1)


@pytest.fixture
def folder(folder_for_services: Path) -> Path:
    """A data folder of its own whose path has 60 characters and a space: no socket could be bound in it."""
    name = f"data {next(_numbers)} "
    return folder_for_services / name.ljust(60 - len(str(folder_for_services)) - 1, "-")


@pytest.fixture(scope="module")
def serving(folder_for_services: Path) -> Iterator[Serving]:
    """One server for the tests that leave it running."""
    with Serving(folder_for_services / "shared") as server:
        yield server


def test_starts_answers_and_leaves_nothing(folder: Path) -> None:
    assert len(str(folder)) == 60
    with Serving(folder) as serving:
        assert serving.get("/healthz")[0] == 200
        assert {"postgres", "valkey-server"} <= {member.name() for member in serving.family()}
        assert serving.stop(signal.SIGINT) == 0
    assert not (folder / "run").is_symlink()


@pytest.mark.parametrize(
    "words", [("-m", "server", "web"), ("-m", "server", "worker"), ("valkey-server",), ("postgres",)]
)
def test_what_is_killed_comes_back(serving: Serving, words: tuple[str, ...]) -> None:
    victim = serving.member(*words)
    victim.kill()
    wait_until(lambda: serving.member(*words).pid != victim.pid, serving.said)
    wait_until(lambda: serving.get("/readyz")[0] == 200, serving.said)


def test_kill_of_the_parent_leaves_no_process_and_a_folder_that_starts_again(folder: Path) -> None:
    with Serving(folder) as serving:
        family = serving.family()
        serving.process.kill()
        serving.process.wait()
        wait_until(lambda: not any(is_alive(member) for member in family))
    with Serving(folder) as again:
        assert again.get("/readyz")[0] == 200


def test_starts_at_once_after_the_parent_was_killed(folder: Path) -> None:
    with Serving(folder) as serving:
        serving.process.kill()
        serving.process.wait()
        with Serving(folder) as again:
            assert again.get("/readyz")[0] == 200


def test_a_second_server_on_the_folder_is_refused_with_a_sentence(serving: Serving) -> None:
    second = _command("serve", "--port", "0", "--data-dir", str(serving.data_dir))
    assert second.returncode == 1
    assert second.stderr == (
        f"Another Soundwell server (process {serving.process.pid}) is using {serving.data_dir}. "
        "Stop it first, or choose another folder with --data-dir.\n"
    )
    assert serving.get("/healthz")[0] == 200


def test_a_port_that_is_taken_is_refused_with_a_sentence(serving: Serving, folder_for_services: Path) -> None:
    port = serving.address.rpartition(":")[2]
    second = _command("serve", "--port", port, "--data-dir", str(folder_for_services / "other"))
    assert second.returncode == 1
    assert second.stderr == (
        f"Cannot listen on 127.0.0.1 port {port}: Address already in use; choose another --port.\n"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="already an ordinary user")
def test_serves_as_an_ordinary_user(folder_for_services: Path) -> None:
    python = _python_for_everyone()
    home = folder_for_services / "ordinary"
    home.mkdir()
    os.chown(home, 65534, 65534)
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    env = {"PYTHONPATH": f"{ROOT}:{packages}"}
    with Serving(home / "data", env=env, python=python, user=65534) as serving:
        assert serving.get("/readyz")[0] == 200
        assert {member.uids().effective for member in serving.family()} == {65534}


def test_several_web_processes_share_the_port(folder: Path) -> None:
    with Serving(folder, "--workers", "3") as serving:
        webs = [member for member in serving.family() if " server web " in " ".join(member.cmdline())]
        assert len(webs) == 3
        assert serving.get("/readyz")[0] == 200


@pytest.mark.req("S0-02")
def test_brought_services_switch_the_embedded_ones_off(
    folder: Path, services: Embedded, database_url: str, redis_url: str
) -> None:
    env = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
    with Serving(folder, env=env) as serving:
        assert serving.get("/readyz")[0] == 200
        assert not {"postgres", "valkey-server"} & {member.name() for member in serving.family()}
    assert services.postgres.is_ready()


@pytest.mark.req("S4-66")
def test_reload_starts_again_when_a_source_changes(folder: Path) -> None:
    with Serving(folder, "--reload") as serving:
        before = serving.member("-m", "server", "web")
        (ROOT / "server" / "__init__.py").touch()
        wait_until(lambda: serving.member("-m", "server", "web").pid != before.pid, serving.said)
        wait_until(lambda: serving.get("/readyz")[0] == 200, serving.said)


def _command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=60,
    )


def _python_for_everyone() -> str:
    """An interpreter of our version that an ordinary user may run; root's own may lie in a closed home."""
    name = f"python3.{sys.version_info.minor}"
    for candidate in (Path(sys.executable).resolve(), Path("/usr/bin") / name, Path("/usr/local/bin") / name):
        if candidate.exists() and all(parent.stat().st_mode & 0o1 for parent in candidate.parents):
            return str(candidate)
    pytest.skip(f"no {name} that an ordinary user may run")
