from __future__ import annotations

import signal
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from server.kit import children
from server.kit.children import Program
from server.kit.supervisor import Stopped, Supervisor
from tests.serving import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """The signals as they were; a supervisor keeps them for the rest of its process."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    yield
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    """Where programs write a line when they start."""
    path = tmp_path / "diary"
    path.touch()
    return path


def _program(name: str, diary: Path, then: str) -> Program:
    script = f"trap 'echo end {name} >> {diary}; exit 0' TERM; echo {name} >> {diary}; {then}"
    return Program(name, lambda: children.spawn(["sh", "-c", script]))


def _has_lines(diary: Path, count: int) -> bool:
    return len(_lines(diary)) == count


def _lines(diary: Path) -> list[str]:
    return diary.read_text().splitlines()


def test_what_dies_is_started_again_at_once_and_then_later(
    diary: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with Supervisor() as supervisor:
        supervisor.keep(_program("failing", diary, "exit 3"))
        supervisor.watch(lambda: len(_lines(diary)) >= 3)
    assert capfd.readouterr().err.splitlines()[:2] == [
        "failing ended (exit 3); starting it again at once.",
        "failing ended (exit 3); starting it again in 1 s.",
    ]


def test_who_ran_steadily_is_started_again_at_once(
    diary: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.kit.supervisor._STEADY_S", 0.0)
    with Supervisor() as supervisor:
        supervisor.keep(_program("steady", diary, "kill -KILL $$"))
        supervisor.watch(lambda: len(_lines(diary)) >= 4)
    said = capfd.readouterr().err.splitlines()
    assert set(said) == {"steady ended (SIGKILL); starting it again at once."}


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_is_heard_also_when_it_comes_before_watching(kind: signal.Signals) -> None:
    with Supervisor() as supervisor:
        # To this thread alone: other threads of a test run have not blocked it.
        signal.pthread_kill(threading.get_ident(), kind)
        with pytest.raises(Stopped):
            supervisor.watch()


def test_groups_end_in_reverse_order(diary: Path) -> None:
    wait = "while :; do sleep 0.01; done"
    with Supervisor() as supervisor:
        for count, name in enumerate(("database", "web"), start=1):
            supervisor.keep(_program(name, diary, wait))
            wait_until(partial(_has_lines, diary, count))
    assert _lines(diary) == ["database", "web", "end web", "end database"]


def test_restart_asks_only_the_named(diary: Path) -> None:
    wait = "while :; do sleep 0.01; done"
    first, second = _program("first", diary, wait), _program("second", diary, wait)
    with Supervisor() as supervisor:
        supervisor.keep(first, second)
        supervisor.watch(lambda: len(_lines(diary)) == 2)
        supervisor.restart(second)
        supervisor.watch(lambda: len(_lines(diary)) == 4)
        assert _lines(diary)[2:] == ["end second", "second"]
