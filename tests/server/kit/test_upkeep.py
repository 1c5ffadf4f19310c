from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.kit import upkeep
from server.kit.embedded import FolderInUse, running
from server.kit.settings import Settings
from tests.serving import query

if TYPE_CHECKING:
    from pathlib import Path

_EPOCHS = "SELECT epoch FROM event_heads"
_HEAD = "INSERT INTO event_heads VALUES ('00000000-0000-4000-8000-000000000001', 7, 3)"


@pytest.mark.req("S2-46", "S4-62")
async def test_steps_are_applied_and_the_last_is_taken_back(empty_database_url: str) -> None:
    settings = Settings(database_url=empty_database_url)
    applied = await upkeep.migrate_database(settings)
    assert applied[0] == "0001_floor"
    assert await upkeep.migrate_database(settings) == ()
    assert await upkeep.migrate_database(settings, back=True) == applied[-1:]
    assert await upkeep.migrate_database(settings) == applied[-1:]


async def test_a_running_server_is_backed_up_but_not_restored(
    folder_for_services: Path, tmp_path: Path
) -> None:
    settings = Settings(data_dir=folder_for_services / "kept")
    with running(settings.data_dir) as services:
        await upkeep.migrate_database(settings)
        await query(services.postgres.url, _HEAD)
        upkeep.backup_database(settings, tmp_path / "file")
        with pytest.raises(FolderInUse):
            await upkeep.restore_database(settings, tmp_path / "file")
    await upkeep.restore_database(settings, tmp_path / "file")
    with running(settings.data_dir) as services:
        assert await query(services.postgres.url, _EPOCHS) != [(7,)]


async def test_a_restored_database_is_brought_up_to_date_and_its_event_log_begins_an_epoch(
    empty_database_url: str, tmp_path: Path
) -> None:
    settings = Settings(database_url=empty_database_url)
    applied = await upkeep.migrate_database(settings)
    await upkeep.migrate_database(settings, back=True)
    await query(empty_database_url, _HEAD)
    upkeep.backup_database(settings, tmp_path / "file")
    await upkeep.restore_database(settings, tmp_path / "file")
    assert await query(empty_database_url, "SELECT count(*) FROM schema_migrations") == [(len(applied),)]
    assert await query(empty_database_url, _EPOCHS) != [(7,)]
    assert await query(empty_database_url, "SELECT seq FROM event_heads") == [(3,)]
