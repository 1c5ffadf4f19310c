"""A whole server as people start it, in a process of its own, for tests that look at it from outside."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psutil

from server.kit.db import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).parents[1]
PATIENCE_S = 60.0


class Serving:
    """`python -m server serve` on a free port; leaves nothing behind when the block ends."""

    def __init__(
        self,
        data_dir: Path,
        *options: str,
        env: Mapping[str, str] | None = None,
        python: str = sys.executable,
        user: int | None = None,
    ) -> None:
        self.data_dir = data_dir
        command = [python, "-m", "server", "serve", "--port", "0", "--data-dir", str(data_dir), *options]
        self.log = Path(f"{data_dir}.{time.monotonic_ns()}.log")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
                user=user,
                group=user,
                extra_groups=None if user is None else [],
                start_new_session=True,
            )
        self.address = ""

    def __enter__(self) -> Self:
        try:
            wait_until(lambda: bool(self._announced()) or self.process.poll() is not None, self.said)
            self.address = self._announced()
            assert self.address, self.said()
        except AssertionError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()

    def stop(self, kind: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, and return its exit status when it and all that it started are gone."""
        family = self.family()
        self.process.send_signal(kind)
        status = self.process.wait(PATIENCE_S)
        wait_until(lambda: not any(is_alive(member) for member in family), self.said)
        return status

    def family(self) -> list[psutil.Process]:
        """The supervisor and everything below it."""
        try:
            supervisor = psutil.Process(self.process.pid)
            return [supervisor, *supervisor.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def member(self, *words: str) -> psutil.Process:
        """The direct child whose command line has all of `words`; waits until there is one."""
        found: list[psutil.Process] = []

        def look() -> bool:
            children = psutil.Process(self.process.pid).children()
            found[:] = [child for child in children if all(word in _command(child) for word in words)]
            return bool(found)

        wait_until(look, self.said)
        return found[0]

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of one request."""
        try:
            trust = ssl.create_default_context(cafile=self._authority) if self._authority.exists() else None
            with urllib.request.urlopen(self.address + path, timeout=PATIENCE_S, context=trust) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read()

    def get_json(self, path: str) -> Any:
        return json.loads(self.get(path)[1])

    @property
    def _authority(self) -> Path:
        """What a browser has to trust when it serves with `--tls`."""
        return self.data_dir / "tls" / "authority.pem"

    def said(self) -> str:
        """Everything that it printed."""
        return self.log.read_text()

    def _announced(self) -> str:
        _, found, rest = self.said().partition("Soundwell is ready at ")
        return rest.split("\n")[0] if found else ""


def wait_until(condition: Callable[[], bool], explain: Callable[[], str] = str) -> None:
    """Wait for what must come, for as long as a slow machine may need."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, explain()
        time.sleep(0.02)


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return ""


async def query(url: str, statement: str) -> list[tuple[object, ...]]:
    """Run one statement on the database and return its rows."""
    database = await Database.connect(url)
    try:
        async with database.connection() as connection:
            return [tuple(row.values()) for row in await connection.fetch(statement)]
    finally:
        await database.close()
