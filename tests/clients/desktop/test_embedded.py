from __future__ import annotations

import socket
import urllib.request
from typing import TYPE_CHECKING

import psutil
import pytest

from clients.desktop.embedded import run_export, serving
from clients.desktop.errors import Unreachable

if TYPE_CHECKING:
    from pathlib import Path


def test_a_server_of_our_own_ends_with_us(folder_for_services: Path) -> None:
    with serving(("--port", "0", "--data-dir", str(folder_for_services / "embedded"))) as url:
        with urllib.request.urlopen(f"{url}/readyz") as answer:
            assert answer.status == 200
        family = psutil.Process().children(recursive=True)
        assert any("serve" in " ".join(child.cmdline()) for child in family)
        port = int(url.rpartition(":")[2])
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), 1)


def test_why_it_did_not_start_is_told(folder_for_services: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        data = str(folder_for_services / "embedded-again")
        with (
            pytest.raises(Unreachable, match=r"did not start:\n.*Cannot listen"),
            serving(("--port", port, "--data-dir", data)),
        ):
            pass


def test_an_export_has_the_status_of_its_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_export(["--output", "a.aiff", "relax"]) == 2
    assert run_export(["--output", "a.wav", "--minutes", "0.02", "relax"]) == 0
    assert (tmp_path / "a.wav").stat().st_size > 200_000
