from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from server.kit.db import Database
from server.kit.migrations import MigrationError, create, migrate, rollback_last
from server.kit.migrations.runner import FOLDER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

FIRST = "CREATE TABLE first (id int);\n-- down\nDROP TABLE first;\n"
SECOND = "CREATE TABLE second (id int);\nINSERT INTO second VALUES (1), (2);\n-- down\nDROP TABLE second;\n"


@pytest.fixture
async def empty(empty_database_url: str) -> AsyncIterator[Database]:
    database = await Database.connect(empty_database_url)
    yield database
    await database.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_first.sql").write_text(FIRST)
    (tmp_path / "0010_second.sql").write_text(SECOND)
    return tmp_path


async def tables(db: Database) -> list[str]:
    async with db.connection() as connection:
        rows = await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        )
    return [row["tablename"] for row in rows if row["tablename"] != "schema_migrations"]


@pytest.mark.req("S2-46")
async def test_what_is_missing_is_applied_once_in_order(empty: Database, folder: Path) -> None:
    assert await migrate(empty, folder) == ("0001_first", "0010_second")
    assert await migrate(empty, folder) == ()
    assert await tables(empty) == ["first", "second"]


@pytest.mark.req("S2-46")
async def test_the_last_step_can_be_taken_back_and_applied_again(empty: Database, folder: Path) -> None:
    await migrate(empty, folder)

    assert await rollback_last(empty, folder) == "0010_second"
    assert await tables(empty) == ["first"]
    assert await migrate(empty, folder) == ("0010_second",)


async def test_the_step_that_was_applied_last_is_taken_back_first_whatever_its_number(
    empty: Database, folder: Path
) -> None:
    await migrate(empty, folder)
    (folder / "0002_late.sql").write_text("CREATE TABLE late (id int);\n-- down\nDROP TABLE late;\n")
    assert await migrate(empty, folder) == ("0002_late",)

    assert [await rollback_last(empty, folder) for _ in range(4)] == [
        "0002_late",
        "0010_second",
        "0001_first",
        None,
    ]


async def test_a_failing_step_leaves_nothing_of_itself(empty: Database, folder: Path) -> None:
    (folder / "0011_broken.sql").write_text("CREATE TABLE half (id int);\nSELECT 1/0;\n")
    with pytest.raises(Exception, match="division by zero"):
        await migrate(empty, folder)

    assert await tables(empty) == ["first", "second"]
    (folder / "0011_broken.sql").write_text("CREATE TABLE whole (id int);\n")
    assert await migrate(empty, folder) == ("0011_broken",)


async def test_a_failing_way_back_leaves_the_step_applied(empty: Database, folder: Path) -> None:
    (folder / "0011_stuck.sql").write_text("SELECT 1;\n-- down\nDROP TABLE first;\nSELECT 1/0;\n")
    await migrate(empty, folder)
    with pytest.raises(Exception, match="division by zero"):
        await rollback_last(empty, folder)

    assert await tables(empty) == ["first", "second"]
    assert await migrate(empty, folder) == ()


async def test_a_file_that_changed_after_it_was_applied_is_refused(empty: Database, folder: Path) -> None:
    await migrate(empty, folder)
    (folder / "0001_first.sql").write_text(FIRST.replace("id int", "id bigint"))

    with pytest.raises(MigrationError, match=r"0001_first\.sql has changed"):
        await migrate(empty, folder)


async def test_a_database_of_a_newer_version_is_refused(empty: Database, folder: Path) -> None:
    await migrate(empty, folder)
    (folder / "0010_second.sql").unlink()

    with pytest.raises(MigrationError, match="0010_second, which this version does not know"):
        await migrate(empty, folder)


async def test_a_step_without_a_way_back_says_so(empty: Database, folder: Path) -> None:
    (folder / "0011_forward.sql").write_text("SELECT 1;\n")
    await migrate(empty, folder)

    with pytest.raises(MigrationError, match="0011_forward has no way back"):
        await rollback_last(empty, folder)


@pytest.mark.parametrize(
    ("name", "complaint"), [("1_short.sql", "NNNN_name"), ("0001_twin.sql", "same number")]
)
async def test_files_with_unclear_numbers_are_refused(
    name: str, complaint: str, empty: Database, folder: Path
) -> None:
    (folder / name).write_text(FIRST)
    with pytest.raises(MigrationError, match=complaint):
        await migrate(empty, folder)


async def test_processes_that_migrate_at_once_apply_each_step_once(
    empty_database_url: str, folder: Path
) -> None:
    pools = [await Database.connect(empty_database_url) for _ in range(4)]
    applied = await asyncio.gather(*(migrate(pool, folder) for pool in pools))
    for pool in pools:
        await pool.close()

    assert sorted(applied) == [(), (), (), ("0001_first", "0010_second")]


@pytest.mark.req("S2-46")
def test_a_new_step_gets_the_next_number(folder: Path) -> None:
    assert create("third_thing", folder).name == "0011_third_thing.sql"
    assert "-- down" in (folder / "0011_third_thing.sql").read_text()
    with pytest.raises(MigrationError, match="is not a name"):
        create("Third thing", folder)


@pytest.mark.req("S2-46")
async def test_the_products_own_history_goes_forward_and_all_the_way_back(empty: Database) -> None:
    applied = await migrate(empty)
    assert "0001_floor" in applied
    for name in reversed(applied):
        assert await rollback_last(empty) == name

    assert await tables(empty) == []
    async with empty.connection() as connection:
        left = await connection.fetchval(
            "SELECT count(*) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace "
            "WHERE n.nspname = 'public' AND t.typtype = 'e'"
        )
    assert left == 0


def test_the_job_queues_tables_are_those_of_its_installed_version() -> None:
    installed = subprocess.run(
        [sys.executable, "-m", "pgqueuer", "sql", "install"], capture_output=True, text=True, check=True
    )
    pinned = (FOLDER / "0002_jobs.sql").read_text().partition("-- down")[0]

    assert _statements(installed.stdout) == _statements(pinned)


def _statements(sql: str) -> list[str]:
    return [line for line in sql.splitlines() if line.strip() and not line.startswith("--")]
