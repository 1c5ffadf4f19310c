from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from server.kit.doctor import examine

if TYPE_CHECKING:
    from pathlib import Path


def test_a_good_machine_has_no_findings(folder_for_services: Path) -> None:
    findings = list(examine(folder_for_services / "not" / "yet"))
    assert len(findings) >= 6
    assert all(finding.fine for finding in findings), findings


def test_a_full_disk_is_found(folder_for_services: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(2, 1, 1))
    bad = [finding.sentence for finding in examine(folder_for_services) if not finding.fine]
    assert bad == [f"{folder_for_services} has 0.0 GB free (0.5 are needed)."]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the database to another user")
def test_a_closed_folder_is_found(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    bad = [finding.sentence for finding in examine(tmp_path) if not finding.fine]
    assert len(bad) == 1
    assert "whom the database runs as, can reach" in bad[0]
