"""A real terminal: tmux without anybody before it."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import subprocess
import sys
import uuid
from pathlib import Path

ROOT = Path(__file__).parents[3]
PATIENCE_S = 60.0
_KEPT = (
    *("XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "PATH", "PORT", "DATA_DIR"),
    *("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG"),
)
_ENDED = "ended with"


class Tmux:
    """One window, with the command in it."""

    def __init__(self, *arguments: str | Path, columns: int = 80, rows: int = 24) -> None:
        self._name = f"soundwell-{uuid.uuid4().hex[:8]}"
        words = [sys.executable, "-m", "clients.desktop", *map(str, arguments)]
        script = f"{shlex.join(words)}; echo {_ENDED} $?; sleep 600"
        given = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment = {**given, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "LANG": "C.UTF-8"}
        settings = [word for name, value in environment.items() for word in ("-e", f"{name}={value}")]
        size = ["-x", str(columns), "-y", str(rows)]
        self._tmux("new-session", "-d", *size, *settings, "-c", str(ROOT), "bash", "-c", script)

    def press(self, *keys: str) -> None:
        """Keys by tmux's names: `Right`, `Space`, `q`."""
        self._tmux("send-keys", *keys)

    def resize(self, columns: int, rows: int) -> None:
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def screen(self) -> str:
        """What is to be read now."""
        return self._tmux("capture-pane", "-p")

    def history(self) -> str:
        """Everything that is above it, too."""
        return self._tmux("capture-pane", "-p", "-S", "-")

    async def shows(self, text: str) -> str:
        """Wait until it is to be read."""
        return await self.matches(re.escape(text))

    async def matches(self, pattern: str) -> str:
        """Wait until something like it is to be read."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not re.search(pattern, screen := await asyncio.to_thread(self.screen)):  # noqa: ASYNC110 - it has no event
                    await asyncio.sleep(0.05)
        except TimeoutError as error:
            raise AssertionError(f"{pattern!r} never showed:\n{self.history()}") from error
        return screen

    async def ends(self) -> int:
        """Wait for the command's end; its exit status."""
        screen = await self.shows(_ENDED)
        return int(screen.split(_ENDED)[1].split()[0])

    def close(self) -> None:
        self._tmux("kill-server")

    def _tmux(self, *words: str) -> str:
        argv = ["tmux", "-L", self._name, "-f", "/dev/null", "-u", *words]
        return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=30).stdout
