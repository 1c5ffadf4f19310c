from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.kit.backup import backup, restore
from server.kit.postgres import ClusterError
from tests.serving import query

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_backup_brings_back_what_was_and_nothing_else(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "monday.backup"
    await query(database_url, "CREATE TABLE kept (id int PRIMARY KEY, words text)")
    await query(database_url, "INSERT INTO kept VALUES (1, 'gelb'), (2, '日本')")
    backup(database_url, file)
    for _ in range(2):
        await query(database_url, "DELETE FROM kept WHERE id = 1")
        await query(database_url, "CREATE TABLE IF NOT EXISTS newer (id int)")
        restore(database_url, file)
        assert await query(database_url, "SELECT * FROM kept ORDER BY id") == [(1, "gelb"), (2, "日本")]
        assert await query(database_url, "SELECT to_regclass('newer')") == [(None,)]
    assert _names(tmp_path) == ["monday.backup"]


async def test_a_broken_file_changes_nothing(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "broken.backup"
    await query(database_url, "CREATE TABLE kept (id int)")
    backup(database_url, file)
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(ClusterError):
        restore(database_url, file)
    assert await query(database_url, "SELECT count(*) FROM kept") == [(0,)]


def test_a_backup_that_fails_leaves_no_file(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="does not exist"):
        backup(database_url.replace("/test_", "/gone_"), tmp_path / "x.backup")
    assert not (tmp_path / "x.backup").exists()


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]
