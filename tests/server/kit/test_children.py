from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
import pytest

from server.kit import children
from server.kit.children import Program
from server.kit.service_user import ServiceUser, service_user
from tests.serving import ROOT, is_alive, wait_until

if TYPE_CHECKING:
    from pathlib import Path

_DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""
_PARENT = """
import signal, sys, time
from server.kit import children
child = children.spawn(["sleep", "600"], death_signal=signal.SIGTERM)
print(child.pid, flush=True)
time.sleep(600)
"""


def test_a_child_ends_when_its_parent_is_killed() -> None:
    command = [sys.executable, "-c", _PARENT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout
        child = psutil.Process(int(parent.stdout.readline()))
        assert is_alive(child)
        parent.kill()
        wait_until(lambda: not is_alive(child))


def test_a_child_hears_signals_that_its_parent_has_blocked(tmp_path: Path) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        child = children.spawn(["sleep", "600"])
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    child.terminate()
    assert child.wait(60) == -signal.SIGTERM


def test_a_child_has_a_session_of_its_own_and_writes_both_streams_to_one_file(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log:
        child = children.spawn(
            ["sh", "-c", "echo out; echo err >&2; ps -o sid= -p $$"], output=log, cwd=tmp_path
        )
        assert child.wait(60) == 0
    out, err, session = (tmp_path / "log").read_text().split()
    assert (out, err, int(session)) == ("out", "err", child.pid)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_child_becomes_the_service_user_without_root_groups(tmp_path: Path) -> None:
    user = service_user()
    assert isinstance(user, ServiceUser)
    with (tmp_path / "log").open("wb") as log:
        assert children.spawn(["id", "-u"], user=user, output=log).wait(60) == 0
        assert children.spawn(["id", "-G"], user=user, output=log).wait(60) == 0
    assert (tmp_path / "log").read_text().split() == [str(user.uid), str(user.gid)]


def test_who_does_not_hear_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"

    def start() -> subprocess.Popen[bytes]:
        with log.open("wb") as output:
            return children.spawn([sys.executable, "-c", _DEAF], output=output)

    deaf = start()
    wait_until(lambda: log.read_text() == "deaf\n")
    children.end([(Program("deaf", start, insist=signal.SIGTERM, within_s=0.05), deaf)])
    assert deaf.returncode == -signal.SIGKILL
