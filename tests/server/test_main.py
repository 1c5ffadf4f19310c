from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING

import pytest

from server.__main__ import main
from tests.serving import query

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def environment(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)


@pytest.mark.req("S0-02")
def test_a_setting_that_is_wrong_is_told_by_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "70000")
    assert main(["serve"]) == 1
    assert capsys.readouterr().err == "PORT: Input should be less than or equal to 65535\n"


def test_migrations_are_named(environment: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "--back"]) == 0
    back = capsys.readouterr().out
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out == back.replace("Took back", "Applied")


def test_a_new_migration_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("server.kit.upkeep.new_migration", lambda name: tmp_path / f"0099_{name}.sql")
    assert main(["migrate", "--new", "stars"]) == 0
    assert capsys.readouterr().out == f"Write the step into {tmp_path}/0099_stars.sql.\n"


@pytest.mark.usefixtures("environment")
def test_backup_and_restore_say_what_they_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(tmp_path / "file")
    assert main(["admin", "backup", file]) == 0
    assert main(["admin", "restore", file]) == 0
    assert capsys.readouterr().out == (f"The database is in {file}.\nThe database is as it was in {file}.\n")
    assert main(["admin", "restore", f"{file}.gone"]) == 1
    assert "could not open input file" in capsys.readouterr().err


@pytest.mark.req("S2-73", "S4-79")
@pytest.mark.usefixtures("environment")
def test_an_administrator_is_made_with_a_password_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("password1\na lamp beside the harbour\n"))
    assert main(["admin", "create", "jo@example.org"]) == 1
    assert "tried first" in capsys.readouterr().err
    assert main(["admin", "create", "jo@example.org"]) == 0
    assert capsys.readouterr().out == "jo@example.org is an administrator, and can log in.\n"
    assert main(["admin", "create", "ann@example.org"]) == 1
    assert "registered" in capsys.readouterr().err


@pytest.mark.usefixtures("environment")
def test_failed_jobs_are_listed_and_taken_up_again(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["admin", "jobs"]) == 0
    assert capsys.readouterr().out == ""
    give_up = (
        "INSERT INTO pgqueuer (id, entrypoint, payload, priority, status) "
        "VALUES (7, 'send letter', '{\"letter\": \"x\"}', 0, 'failed') RETURNING id"
    )
    asyncio.run(query(database_url, give_up))
    assert main(["admin", "jobs"]) == 0
    assert "UTC  send letter {'letter': 'x'}" in capsys.readouterr().out
    assert main(["admin", "jobs", "--again", "7"]) == 0
    assert main(["admin", "jobs", "--again", "7"]) == 1
    assert capsys.readouterr().out == "Job 7 is tried again.\nThere is no failed job 7.\n"


def test_the_doctor_fails_when_something_is_wrong(
    folder_for_services: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--data-dir", str(folder_for_services)]) == 0
    monkeypatch.setattr("server.kit.doctor._LEAST_FREE_BYTES", 1e18)
    assert main(["doctor", "--data-dir", str(folder_for_services)]) == 1
    assert capsys.readouterr().out.count("PROBLEM") == 1


def test_an_export_says_what_it_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "relax.wav"
    assert main(["export", "relax", "-o", str(output), "--minutes", "0.05", "--seed", "7"]) == 0
    assert capsys.readouterr().out == f"Relax, 3 s, seed 7: {output}\n"
    assert output.stat().st_size == 44 + 3 * 48_000 * 4


@pytest.mark.parametrize("given", [["disco", "-o", "a.wav"], ["relax", "-o", "a.aiff"], ["-o", "a.wav"]])
def test_an_export_that_cannot_be_understood_is_a_misuse(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", *given]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_an_unknown_command_is_refused_with_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(["dance"])
    assert refusal.value.code == 2
    assert "invalid choice: 'dance'" in capsys.readouterr().err
