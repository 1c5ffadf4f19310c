"""The product's own server, started as a person starts it, and killed as nobody should."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from urllib.error import URLError

import psutil

from tests.browser.line import Line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_START_S: Final = 120.0
_LINES: Final = 6


class Product:
    """`python -m server serve` on a data folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = _free_port()
        self.lines = [Line(self.port) for _ in range(_LINES)]
        """Ways to it that can be cut, for one page each."""
        self._log = (folder / "serve.log").open("wb")
        argv = [
            sys.executable,
            "-m",
            "server",
            "serve",
            "--data-dir",
            str(folder / "data"),
            "--port",
            str(self.port),
        ]
        environment = {
            **os.environ,
            "ENVIRONMENT": "test",
            "ALLOWED_ORIGINS": ",".join(line.origin for line in self.lines),
        }
        self._process = subprocess.Popen(argv, env=environment, stdout=self._log, stderr=subprocess.STDOUT)
        self._wait()

    @property
    def url(self) -> str:
        """Where it answers; a page wants one of the lines, which bring the recorder."""
        return f"http://127.0.0.1:{self.port}/"

    def kill_web(self) -> None:
        """The web process dies without a word; its supervisor starts another."""
        self._kill("server web")

    def kill_bus(self) -> None:
        """Valkey dies without a word."""
        self._kill("valkey")

    def stop(self) -> None:
        """Ctrl-C, and wait until everything is gone."""
        for line in self.lines:
            line.close()
        self._process.send_signal(signal.SIGINT)
        self._process.wait(timeout=60)
        self._log.close()

    def _kill(self, words: str) -> None:
        found = [
            child
            for child in psutil.Process(self._process.pid).children(recursive=True)
            if words in " ".join(child.cmdline())
        ]
        assert found, f"no process of {words}"
        for child in found:
            child.kill()

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            assert self._process.poll() is None, "the server ended; see serve.log"
            try:
                with urllib.request.urlopen(f"{self.url}readyz", timeout=2):
                    return
            except (URLError, OSError):
                time.sleep(0.2)
        raise AssertionError("the server did not become ready; see serve.log")


@contextmanager
def serving(folder: Path) -> Iterator[Product]:
    """The product, for as long as it is needed."""
    product = Product(folder)
    try:
        yield product
    finally:
        product.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
