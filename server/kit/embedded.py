"""A real Postgres and a real Valkey inside one data folder, for whoever has not brought their own."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from server.kit import children
from server.kit.postgres import ClusterError, Postgres, url_at
from server.kit.programs import reachable_programs
from server.kit.service_user import ServiceUser, service_user
from server.kit.valkey import Valkey

if TYPE_CHECKING:
    from collections.abc import Iterator

# The shortest path that every user can reach: a socket's may have 107 bytes, however long the data folder's.
_RUN_BASE: Final = Path("/tmp")  # noqa: S108 - only mkdtemp's private folder is used in it


class FolderInUse(Exception):  # noqa: N818 - it says what is the matter, as FileExistsError does
    """Another server has the data folder."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """The two services of a data folder that this process holds."""

    postgres: Postgres
    valkey: Valkey


@contextmanager
def data_folder(folder: Path) -> Iterator[Path]:
    """Hold `folder` (made if missing) for this process, or raise FolderInUse. Death lets go of it."""
    folder = folder.absolute()
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)  # root's services must pass through it
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise FolderInUse(
                f"Another Soundwell server (process {lock.read().strip() or 'unknown'}) is using {folder}. "
                "Stop it first, or choose another folder with --data-dir."
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield folder.resolve()


@contextmanager
def services_in(folder: Path) -> Iterator[Embedded]:
    """Both services of the held `folder`, not yet prepared, their sockets in a private run folder."""
    user = service_user()
    if user and not user.can_reach(folder):
        raise ClusterError(
            f"As root, Soundwell runs its database as the user {user.name}, who cannot reach {folder}. "
            "Choose a folder with --data-dir whose parents everyone may enter."
        )
    packages = reachable_programs(folder / "programs", user)
    logs = folder / "log"
    logs.mkdir(exist_ok=True)
    with _run_folder(folder, user) as run:
        yield Embedded(
            Postgres(folder / "postgres", run, packages, logs / "postgres.log", user),
            Valkey(folder / "valkey", run, packages, logs / "valkey.log", user),
        )


@contextmanager
def running(folder: Path) -> Iterator[Embedded]:
    """Both services of `folder`, started, and stopped at the end: for tests and for one-off commands."""
    with data_folder(folder) as held, services_in(held) as services:
        both = (services.postgres, services.valkey)
        for service in both:
            service.prepare()
        started = [(service.program, service.start()) for service in both]
        try:
            while not all(service.is_ready() for service in both):
                if any(process.poll() is not None for _, process in started):
                    raise ClusterError(f"The embedded database or bus did not start; see {held / 'log'}.")
                time.sleep(0.01)  # a command of its own: no event loop waits here
            yield services
        finally:
            children.end(started)


@contextmanager
def database_of(folder: Path) -> Iterator[str]:
    """The address of the folder's database: of the server that runs there, or of one started meanwhile."""
    try:
        with running(folder) as services:
            yield services.postgres.url
    except FolderInUse:
        yield url_at((folder / "run").readlink())


@contextmanager
def _run_folder(folder: Path, user: ServiceUser | None) -> Iterator[Path]:
    """A fresh private folder for sockets; `folder`/run points to it, so that a killed server's is found."""
    link = folder / "run"
    if link.is_symlink():
        shutil.rmtree(link.readlink(), ignore_errors=True)
        link.unlink()
    run = Path(tempfile.mkdtemp(prefix="soundwell-", dir=_RUN_BASE))
    if user:
        user.own(run)
    link.symlink_to(run)
    try:
        yield run
    finally:
        shutil.rmtree(run, ignore_errors=True)
        link.unlink(missing_ok=True)
