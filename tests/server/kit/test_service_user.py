from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from server.kit.service_user import ServiceUser, service_user

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "expected"),
    [
        (0o700, 1, 1, False),
        (0o701, 1, 1, True),
        (0o677, None, 1, False),
        (0o100, None, 1, True),
        (0o710, 1, None, True),
        (0o767, 1, None, False),
    ],
)
def test_reaching_follows_owner_group_and_others(
    folder_for_services: Path, mode: int, uid: int | None, gid: int | None, *, expected: bool
) -> None:
    closed = folder_for_services / f"closed-{mode:o}"
    inner = closed / "inner"
    inner.mkdir(parents=True)
    inner.chmod(0o777)
    closed.chmod(mode)
    user = ServiceUser("somebody", os.getuid() if uid is None else uid, os.getgid() if gid is None else gid)
    try:
        assert user.can_reach(inner) is expected
    finally:
        closed.chmod(0o700)


def test_an_owned_folder_is_closed_to_others(tmp_path: Path) -> None:
    user = ServiceUser("me", os.getuid(), os.getgid())
    user.own(tmp_path / "mine")
    user.own(tmp_path / "mine")
    status = (tmp_path / "mine").stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (user.uid, user.gid, 0o700)


def test_only_root_drops_to_another_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert service_user() is None
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    user = service_user()
    assert user
    assert user.uid != 0


def test_without_any_account_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr("server.kit.service_user._NAMES", ("nobody-has-this-name",))
    with pytest.raises(LookupError, match="Postgres does not run as root"):
        service_user()
