"""`python -m server serve`: holds the data folder and the socket, and keeps the other processes running."""

from __future__ import annotations

import os
import select
import shutil
import socket
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from server.kit import children
from server.kit.certificate import WILDCARDS, authority_path, ensure_certificate, local_names
from server.kit.children import Program
from server.kit.embedded import data_folder, services_in
from server.kit.postgres import ClusterError
from server.kit.supervisor import Stopped, Supervisor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from server.kit.embedded import Embedded
    from server.kit.postgres import Postgres
    from server.kit.settings import Settings
    from server.kit.valkey import Valkey

_START_S: Final = 30.0
_RELOAD_POLL_S: Final = 0.5
_SOURCES: Final = ("server", "dsp")
_BACKLOG: Final = 2048
_MALLOC: Final = {"MALLOC_MMAP_THRESHOLD_": "33554432", "MALLOC_TRIM_THRESHOLD_": "67108864"}
"""Rendered packets live for milliseconds: without this glibc gives their pages back, and a third of the time
goes to having them again. Other allocators do not read it."""
_PYTHON: Final = (sys.executable, "-m", "server")


def serve(settings: Settings) -> None:
    """Serve until Ctrl-C or SIGTERM; then leave no process behind."""
    with (
        data_folder(settings.data_dir) as folder,
        closing(_listen(settings)) as listening,
        services_in(folder) as services,
        Supervisor() as supervisor,
    ):
        try:
            _Floor(settings, folder, listening, services, supervisor).run()
        except Stopped:
            return


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=_BACKLOG)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise ClusterError(
            f"Cannot listen on {settings.host} port {settings.port}: {why}; choose another --port."
        ) from error


@dataclass(frozen=True, slots=True)
class _Floor:
    """What one supervisor has in its hands."""

    settings: Settings
    folder: Path
    listening: socket.socket
    services: Embedded
    supervisor: Supervisor

    def run(self) -> None:
        """Services, migrations, then the web processes and the worker; watch them for good."""
        self._start_services()
        environment = self._environment()
        self._migrate(environment)
        loaded = _sources()
        ready, announce = os.pipe()
        webs, worker = self._webs(environment, announce), self._worker(environment)
        self.supervisor.keep(*webs)
        self._wait(lambda: bool(select.select([ready], [], [], 0)[0]), "The web process did not start.")
        sys.stdout.write(f"Soundwell is ready at {self._address()}\n")
        if self.settings.tls:
            authority = authority_path(self.folder / "tls")
            sys.stdout.write(f"Import {authority} into the browser, once, so that it trusts this address.\n")
        if self.settings.admin_token.exists():
            where = self.settings.admin_token
            sys.stdout.write(
                f"Nobody looks after it yet: register, then claim it with the token in {where}\n"
            )
        sys.stdout.flush()
        # only now: nobody waits for it, and it would take time from the first answer
        self.supervisor.keep(worker)
        if not self.settings.reload:
            self.supervisor.watch()
        while True:
            self.supervisor.watch(until=_changed_since(loaded), poll_s=_RELOAD_POLL_S)
            loaded = _sources()
            self.supervisor.restart(*webs, worker)

    def _start_services(self) -> None:
        wanted: list[Postgres | Valkey] = []
        if not self.settings.database_url:
            wanted.append(self.services.postgres)
        if not self.settings.redis_url:
            wanted.append(self.services.valkey)
        for service in wanted:
            service.prepare()
        self.supervisor.keep(*(service.program for service in wanted))
        complaint = f"The embedded database or bus did not start; the logs in {self.folder / 'log'} say why."
        self._wait(lambda: all(service.is_ready() for service in wanted), complaint)

    def _environment(self) -> Mapping[str, str]:
        """What the other processes read their settings from: ours, and where the embedded services are."""
        settings, port = self.settings, self.listening.getsockname()[1]
        names = local_names(settings.host)
        if settings.tls:
            ensure_certificate(self.folder / "tls", names)
        given = {
            "HOST": settings.host,
            "PORT": str(port),
            "DATA_DIR": str(self.folder),
            "TLS": str(settings.tls),
            "RELOAD": str(settings.reload),
            "DATABASE_URL": settings.database_url or self.services.postgres.url,
            "REDIS_URL": settings.redis_url or self.services.valkey.url,
        }
        given.update(_MALLOC)
        if settings.workers > 1:
            given["PROMETHEUS_MULTIPROC_DIR"] = str(_emptied(self.folder / "metrics"))
        if not settings.public_hosts and not settings.is_production:
            hosts = [f"[{name}]" if ":" in name else name for name in names]
            given["PUBLIC_HOSTS"] = ",".join(f"{host}:{port}" for host in hosts)
        return {**os.environ, **given}

    def _migrate(self, environment: Mapping[str, str]) -> None:
        migration = children.spawn((*_PYTHON, "migrate"), env=environment)
        self._wait(lambda: migration.poll() is not None, "The database's migrations did not end.")
        if migration.returncode != 0:
            raise ClusterError("The database could not be migrated; the lines above say why.")

    def _webs(self, environment: Mapping[str, str], announce: int) -> tuple[Program, ...]:
        """The web processes, which share our socket and tell `announce` when they are up."""
        fds = (self.listening.fileno(), announce)
        command = (*_PYTHON, "web", "--listen-fd", str(fds[0]), "--ready-fd", str(fds[1]))
        return tuple(
            Program(f"web {number}", lambda: children.spawn(command, env=environment, pass_fds=fds))
            for number in range(1, self.settings.workers + 1)
        )

    def _worker(self, environment: Mapping[str, str]) -> Program:
        return Program("worker", lambda: children.spawn((*_PYTHON, "worker"), env=environment))

    def _wait(self, until: Callable[[], bool], complaint: str) -> None:
        deadline = time.monotonic() + _START_S
        self.supervisor.watch(lambda: until() or time.monotonic() > deadline)
        if not until():
            raise ClusterError(complaint)

    def _address(self) -> str:
        """What to type into a browser on this machine or, when listening for others, on theirs."""
        host = local_names(self.settings.host)[-1] if self.settings.host in WILDCARDS else self.settings.host
        shown = f"[{host}]" if ":" in host else host
        return f"{'https' if self.settings.tls else 'http'}://{shown}:{self.listening.getsockname()[1]}"


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _changed_since(before: Mapping[Path, int]) -> Callable[[], bool]:
    return lambda: _sources() != before


def _sources() -> Mapping[Path, int]:
    """When each source file was changed."""
    root = Path(__file__).parents[1]
    files = (file for name in _SOURCES for file in (root / name).rglob("*.py"))
    return {file: file.stat().st_mtime_ns for file in files}
