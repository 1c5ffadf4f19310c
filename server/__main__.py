"""`python -m server …`: serve, worker, migrate, admin, doctor. Each command imports only what it needs."""

from __future__ import annotations

import asyncio
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from server.kit.embedded import FolderInUse
from server.kit.migrations.runner import MigrationError
from server.kit.postgres import ClusterError
from server.kit.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


_MISUSE = 2
"""Exit status of a command that cannot be understood, as argparse has it."""
_EXPORT = "Render a listening into a file."
_CREATE = "Make somebody an administrator; who has no account gets one, with the password that is asked for."
_JOBS = "List the jobs that were given up."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status; what is in the way is told in a sentence."""
    # Read when numpy is first imported: a stacked product is too small to gain from threads, and they fight.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    options = vars(_parser().parse_args(arguments))
    command: Callable[..., int | None] = options.pop("command")
    named = {name: options.pop(name) for name in Settings.model_fields.keys() & options.keys()}
    given = {name: value for name, value in named.items() if value is not None}
    try:
        return command(Settings(**given), **options) or 0
    except ValidationError as error:
        for problem in error.errors():
            where = "".join(f"{part}: ".upper() for part in problem["loc"])
            _complain(f"{where}{problem['msg']}")
    except (ClusterError, FolderInUse, MigrationError, OSError) as error:
        _complain(str(error))
    except KeyboardInterrupt:
        _complain("Stopped.")
    return 1


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="soundwell", description="A realtime audio server.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[..., int | None], help_: str) -> ArgumentParser:
        sub = commands.add_parser(name, help=help_, description=help_)
        sub.set_defaults(command=command)
        sub.add_argument("--data-dir", type=Path, help="folder of the embedded database and the files")
        return sub

    serving = add("serve", _serve, "Start everything and serve until Ctrl-C.")
    serving.add_argument("--host", help="address to listen on")
    serving.add_argument("--port", type=int, help="port to listen on")
    serving.add_argument("--workers", type=int, help="web processes that share the port")
    serving.add_argument(
        "--tls", action="store_true", default=None, help="serve HTTPS with a local certificate"
    )
    serving.add_argument(
        "--reload", action="store_true", default=None, help="start again when a file changes"
    )
    web = add("web", _web, "One web process, on a socket that the supervisor holds.")
    web.add_argument("--listen-fd", type=int, required=True)
    web.add_argument("--ready-fd", type=int, required=True)
    add("worker", _worker, "One worker process: jobs and schedules.")
    migration = add("migrate", _migrate, "Bring the database's tables up to date.")
    migration.add_argument("--back", action="store_true", help="take the last step back instead")
    migration.add_argument("--new", metavar="NAME", help="begin a new step instead")
    admin = commands.add_parser("admin", help="Look after data and people.").add_subparsers(required=True)
    creating = admin.add_parser("create", help=_CREATE, description=_CREATE)
    creating.set_defaults(command=_create_admin)
    creating.add_argument("--data-dir", type=Path, help="folder of the embedded database")
    creating.add_argument("email")
    for name, command, help_ in (
        ("backup", _backup, "Write the whole database to a file; the server may be running."),
        ("restore", _restore, "Replace the whole database by a file; no server may be running."),
    ):
        sub = admin.add_parser(name, help=help_, description=help_)
        sub.set_defaults(command=command)
        sub.add_argument("--data-dir", type=Path, help="folder of the embedded database")
        sub.add_argument("file", type=Path)
    _add_jobs(admin.add_parser("jobs", help=_JOBS, description=_JOBS))
    _add_export(commands.add_parser("export", help=_EXPORT, description=_EXPORT))
    add("doctor", _doctor, "Look whether this machine has what the server needs.")
    return parser


def _add_jobs(parser: ArgumentParser) -> None:
    parser.set_defaults(command=_jobs)
    parser.add_argument("--data-dir", type=Path, help="folder of the embedded database")
    parser.add_argument("--again", type=int, metavar="ID", help="take one up again instead")


def _add_export(parser: ArgumentParser) -> None:
    parser.set_defaults(command=_export)
    parser.add_argument("preset", nargs="?", help="which; not needed with --instance")
    parser.add_argument("-o", "--output", type=Path, required=True, help="FILE.wav, .flac, .opus or .mp3")
    parser.add_argument("--minutes", type=float, help="length; the preset's own if left out")
    parser.add_argument("--seed", type=int, help="the same seed gives the same samples")
    parser.add_argument("--instance", type=Path, help="what a client kept, instead of a preset")


def _serve(settings: Settings) -> None:
    from server.serve import serve

    serve(settings)


def _web(settings: Settings, listen_fd: int, ready_fd: int) -> None:
    from server.web import serve_web

    serve_web(settings, listen_fd, ready_fd)


def _worker(settings: Settings) -> None:
    from server.app import JOBS, SCHEDULES
    from server.kit.observe import configure_logging
    from server.kit.worker import run_worker

    configure_logging(settings)
    asyncio.run(run_worker(settings, SCHEDULES, JOBS))


def _migrate(settings: Settings, *, back: bool, new: str | None) -> None:
    from server.kit import upkeep

    if new:
        _tell(f"Write the step into {upkeep.new_migration(new)}.")
        return
    for name in asyncio.run(upkeep.migrate_database(settings, back=back)):
        _tell(f"{'Took back' if back else 'Applied'} {name}.")


def _create_admin(settings: Settings, email: str) -> int:
    from getpass import getpass

    from server.accounts.administrators import create
    from server.accounts.passwords import Passwords
    from server.kit.errors import SoundwellError
    from server.kit.upkeep import database_meant

    async def run(password: str | None) -> bool:
        async with database_meant(settings) as database:
            return await create(database, hasher, email, password)

    hasher = Passwords()
    try:
        password = getpass("Password, if there is no such account yet: ") if sys.stdin.isatty() else None
        is_new = asyncio.run(run(password or sys.stdin.readline().strip() or None))
    except SoundwellError as error:
        _complain(error.message)
        return 1
    finally:
        hasher.close()
    _tell(f"{email} is an administrator{', and can log in' if is_new else ''}.")
    return 0


def _backup(settings: Settings, file: Path) -> None:
    from server.kit import upkeep

    upkeep.backup_database(settings, file)
    _tell(f"The database is in {file}.")


def _restore(settings: Settings, file: Path) -> None:
    from server.kit import upkeep

    asyncio.run(upkeep.restore_database(settings, file))
    _tell(f"The database is as it was in {file}.")


def _jobs(settings: Settings, again: int | None) -> int:
    from server.kit import upkeep

    if again is not None:
        is_taken_up = asyncio.run(upkeep.retry_job(settings, again))
        _tell(f"Job {again} is tried again." if is_taken_up else f"There is no failed job {again}.")
        return 0 if is_taken_up else 1
    for job in asyncio.run(upkeep.failed_jobs(settings)):
        _tell(f"{job.id}  {job.failed_at:%Y-%m-%d %H:%M} UTC  {job.name} {job.payload}  {job.error}")
    return 0


def _export(
    _: Settings,
    output: Path,
    preset: str | None,
    instance: Path | None,
    minutes: float | None,
    seed: int | None,
) -> int:
    from server.kit.media import RATE_HZ, UnknownFormat, check_format
    from server.listening import export

    try:
        check_format(output)
        wanted, frames = export.choose(preset, instance, minutes, seed)
    except (export.Unexportable, UnknownFormat) as error:
        _complain(str(error))
        return _MISUSE
    export.export(wanted, frames, output)
    _tell(f"{wanted.program.title}, {frames / RATE_HZ:.0f} s, seed {wanted.seed}: {output}")
    return 0


def _doctor(settings: Settings) -> int:
    from server.kit.doctor import examine

    findings = list(examine(settings.data_dir))
    for finding in findings:
        _tell(f"{'fine   ' if finding.fine else 'PROBLEM'}  {finding.sentence}")
    return 0 if all(finding.fine for finding in findings) else 1


def _tell(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")


def _complain(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


if __name__ == "__main__":
    sys.exit(main())
