"""One Postgres cluster in a folder: made once, started, found ready, and cleaned of whoever had it before."""

from __future__ import annotations

import os
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from server.kit import children
from server.kit.children import Program
from server.kit.programs import postgres_program

if TYPE_CHECKING:
    import subprocess

    from server.kit.service_user import ServiceUser

MAJOR: Final = "18"
_OWNER: Final = "soundwell"
_LEFTOVER_S: Final = 5.0


class ClusterError(Exception):
    """The database folder cannot be used as it is; the message says why and what to do."""


def url_at(sockets: Path) -> str:
    """The address of the cluster whose sockets are in this folder."""
    return f"postgresql://{_OWNER}@/postgres?host={sockets}"


@dataclass(frozen=True, slots=True)
class Postgres:
    """Where one cluster lives and whom it runs as."""

    folder: Path
    sockets: Path
    packages: Path
    log: Path
    user: ServiceUser | None

    @property
    def url(self) -> str:
        """The database as asyncpg wants it."""
        return url_at(self.sockets)

    @property
    def program(self) -> Program:
        """The server for a supervisor: asked for a fast shutdown, then for one that needs recovery."""
        return Program("postgres", self.start, ask=signal.SIGINT, insist=signal.SIGQUIT)

    def prepare(self) -> None:
        """Make the cluster if there is none; refuse one that another major version made."""
        if not self.folder.exists():
            self._initialise()
        recorded = (self.folder / "PG_VERSION").read_text().strip()
        if recorded != MAJOR:
            raise ClusterError(
                f"{self.folder} was made by Postgres {recorded}, and this is Postgres {MAJOR}: back up with "
                "the version of Soundwell that made it, then restore here into a new folder."
            )

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server, after ending or forgetting whatever an earlier one left."""
        self._end_leftover()
        argv = [
            *(str(postgres_program(self.packages, "postgres")), "-D", str(self.folder)),
            *("-c", "listen_addresses=", "-c", f"unix_socket_directories={self.sockets}"),
            *("-c", "timezone=UTC", "-c", "log_timezone=UTC", "-c", "max_connections=200"),
        ]
        with self.log.open("ab") as log:
            # SIGINT is its fast shutdown: it waits for no client, and the next start needs no recovery.
            return children.spawn(argv, user=self.user, output=log, death_signal=signal.SIGINT)

    def is_ready(self) -> bool:
        """Whether it takes connections, by its own word in the eighth line of its pid file."""
        try:
            lines = (self.folder / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def _initialise(self) -> None:
        """Make the cluster beside its place and move it there whole, so that a kill leaves no half of it."""
        fresh = self.folder.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        if self.user:
            self.user.own(fresh)
        argv = [
            *(str(postgres_program(self.packages, "initdb")), "-D", str(fresh), "-U", _OWNER),
            *("--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--auth=trust"),
            *("--no-instructions", "--set", "unix_socket_permissions=0700"),
        ]
        with self.log.open("ab") as log:
            made = children.spawn(argv, user=self.user, output=log).wait()
        if made != 0:
            raise ClusterError(f"The database could not be made in {self.folder}; {self.log} says why.")
        fresh.rename(self.folder)

    def _end_leftover(self) -> None:
        """End a server that outlived its parent, and remove locks whose owner is gone.

        Postgres itself trusts any living process under the recorded number, also a zombie or a stranger.
        """
        lock = self.folder / "postmaster.pid"
        with suppress(FileNotFoundError):
            pid = int(lock.read_text().split(maxsplit=1)[0])
            for ask in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                if not _runs_in(pid, self.folder):
                    break
                os.kill(pid, ask)
                _wait_until_gone(pid, self.folder)
            lock.unlink()
        for socket_file in self.sockets.glob(".s.PGSQL.*"):
            socket_file.unlink()


def _runs_in(pid: int, folder: Path) -> bool:
    """Whether `pid` is a living Postgres whose cluster is `folder` (it makes that its working folder)."""
    process = Path(f"/proc/{pid}")
    try:
        name, _, rest = (process / "stat").read_text().partition("(")[2].rpartition(")")
        return name == "postgres" and rest.split()[0] not in "ZX" and (process / "cwd").readlink() == folder
    except OSError:
        return False


def _wait_until_gone(pid: int, folder: Path) -> None:
    deadline = time.monotonic() + _LEFTOVER_S
    while _runs_in(pid, folder) and time.monotonic() < deadline:
        time.sleep(0.02)  # before any event loop runs
