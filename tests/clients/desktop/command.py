"""The command in a process of its own, as a person or a script starts it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import signal

ROOT = Path(__file__).parents[3]
PATIENCE_S = 60.0


class Running:
    """One run: what it says, and how it ends."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said: list[str] = []
        self._reading = asyncio.create_task(self._read())
        self._changed = asyncio.Event()

    async def says(self, text: str) -> str:
        """Wait for a line with this text."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for line in self.said:
                    if text in line:
                        return line
                assert not self._reading.done(), self.said
                self._changed.clear()
                await self._changed.wait()

    async def ends(self) -> int:
        """Wait for its end; the exit status."""
        async with asyncio.timeout(PATIENCE_S):
            await self._reading
            return await self.process.wait()

    def signal(self, kind: signal.Signals) -> None:
        self.process.send_signal(kind)

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.said.append(line.decode().rstrip())
            self._changed.set()
        self._changed.set()


class Command:
    """Starts runs and ends them."""

    def __init__(self) -> None:
        self._running: list[Running] = []

    async def start(self, *arguments: str | Path, **environment: str) -> Running:
        """`soundwell ARGUMENTS`, its errors among what it says."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "clients.desktop",
            *map(str, arguments),
            env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self._running.append(Running(process))
        return self._running[-1]

    async def run(self, *arguments: str | Path, **environment: str) -> tuple[int, list[str]]:
        """Start it and wait for its end: status, lines."""
        running = await self.start(*arguments, **environment)
        return await running.ends(), running.said

    async def stop(self) -> None:
        """End what still runs."""
        for running in self._running:
            if running.process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    running.process.kill()
            await running.ends()
