"""One Valkey in a folder: the bus between the processes, with an append-only file synced every second."""

from __future__ import annotations

import signal
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.kit import children
from server.kit.children import Program
from server.kit.programs import valkey_program

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from server.kit.service_user import ServiceUser


@dataclass(frozen=True, slots=True)
class Valkey:
    """Where one server lives and whom it runs as."""

    folder: Path
    sockets: Path
    packages: Path
    log: Path
    user: ServiceUser | None

    @property
    def url(self) -> str:
        """The server as redis-py wants it."""
        return f"unix://{self._socket}"

    @property
    def _socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def program(self) -> Program:
        """The server for a supervisor."""
        return Program("valkey", self.start)

    def prepare(self) -> None:
        """Make its folder."""
        if self.user:
            self.user.own(self.folder)
        else:
            self.folder.mkdir(mode=0o700, exist_ok=True)

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server; its folder is its working folder, so no path is too long or oddly spelled."""
        argv = [
            *(str(valkey_program(self.packages)), "--port", "0"),
            *("--unixsocket", str(self._socket), "--unixsocketperm", "700"),
            *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        ]
        with self.log.open("ab") as log:
            return children.spawn(
                argv, user=self.user, cwd=self.folder, output=log, death_signal=signal.SIGTERM
            )

    def is_ready(self) -> bool:
        """Whether it answers (it refuses while it still reads its file)."""
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1.0)
                client.connect(str(self._socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False
