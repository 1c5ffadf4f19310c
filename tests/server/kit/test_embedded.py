from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from redis import Redis

from server.kit.embedded import FolderInUse, data_folder, database_of, running, services_in
from server.kit.postgres import ClusterError
from tests.serving import query

if TYPE_CHECKING:
    from pathlib import Path

    from server.kit.embedded import Embedded


async def test_both_services_answer(services: Embedded) -> None:
    settings = (
        "SELECT current_setting('server_version_num')::int / 10000, current_setting('listen_addresses')"
    )
    assert await query(services.postgres.url, settings) == [(18, "")]
    with Redis.from_url(services.valkey.url) as client:
        assert client.config_get("appendfsync") == {"appendfsync": "everysec"}


async def test_each_test_has_an_empty_database_of_its_own(empty_database_url: str) -> None:
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    assert await query(empty_database_url, tables) == [(0,)]


def test_a_folder_has_one_holder_who_is_named(tmp_path: Path) -> None:
    with (
        data_folder(tmp_path / "data") as folder,
        pytest.raises(FolderInUse) as refusal,
        data_folder(folder),
    ):
        pass
    assert str(refusal.value).startswith(
        f"Another Soundwell server (process {os.getpid()}) is using {folder}."
    )
    with data_folder(tmp_path / "data"):
        assert (folder / "lock").read_text() == f"{os.getpid()}\n"


def test_the_run_folder_is_private_and_a_killed_servers_one_is_removed(folder_for_services: Path) -> None:
    with data_folder(folder_for_services / "killed") as folder:
        with services_in(folder) as embedded:
            run = embedded.postgres.sockets
            assert run.stat().st_mode & 0o777 == 0o700
            assert len(str(run / ".s.PGSQL.5432.lock")) < 107
            shutil.copytree(run, folder / "left")
        assert not run.exists()
        (folder / "run").symlink_to(folder / "left")
        with services_in(folder):
            assert not (folder / "left").exists()
        assert not (folder / "run").is_symlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the database to another user")
def test_root_is_told_when_its_database_user_cannot_reach_the_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with (
        data_folder(tmp_path / "data") as folder,
        pytest.raises(ClusterError, match="who cannot reach"),
        services_in(folder),
    ):
        pass


async def test_the_database_is_found_whether_its_server_runs_or_not(folder_for_services: Path) -> None:
    folder = folder_for_services / "found"
    with database_of(folder) as url:
        await query(url, "CREATE TABLE found (id int)")
    with running(folder) as services, database_of(folder) as url:
        assert url == services.postgres.url
        assert await query(url, "SELECT count(*) FROM found") == [(0,)]


def test_a_service_that_does_not_start_is_told(folder_for_services: Path) -> None:
    folder = folder_for_services / "broken"
    with running(folder):
        pass
    (folder / "postgres" / "postgresql.conf").write_text("no such setting")
    with pytest.raises(ClusterError, match=r"did not start; see .*broken/log"), running(folder):
        pass
