"""The whole database in one file, and back: with the wheel's own pg_dump and pg_restore."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Final

from server.kit.postgres import ClusterError
from server.kit.programs import postgres_program, site_packages

if TYPE_CHECKING:
    from pathlib import Path

# Objects of a newer schema that the file does not know must go too, so the schema is made anew.
_CLEAR: Final = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"


def backup(url: str, file: Path) -> None:
    """Write a consistent picture of the database to `file`, which appears only when it is whole."""
    part = file.with_name(f"{file.name}.part")
    dump = postgres_program(site_packages(), "pg_dump")
    _run(str(dump), "--dbname", url, "--format=custom", "--no-owner", "--no-privileges", "--file", str(part))
    part.rename(file)


def restore(url: str, file: Path) -> None:
    """Replace everything in the database by what `file` holds, in one transaction."""
    script = file.with_name(f"{file.name}.sql")
    try:
        convert = postgres_program(site_packages(), "pg_restore")
        _run(str(convert), "--no-owner", "--no-privileges", "--file", str(script), str(file))
        psql = postgres_program(site_packages(), "psql")
        options = ("--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--single-transaction")
        steps = ("--command", _CLEAR, "--file", str(script))
        _run(str(psql), "--dbname", url, *options, *steps)
    finally:
        script.unlink(missing_ok=True)


def _run(*argv: str) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)  # noqa: S603 - our own programs
    if done.returncode != 0:
        raise ClusterError(done.stderr.strip() or f"{argv[0]} failed.")
