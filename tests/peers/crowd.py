"""Honest listeners in a process of their own, so that what they meet is the server's doing.

`python -m tests.peers.crowd SERVER FOLDER` obeys one JSON object per line and answers each with one.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from clients.desktop.api import Api
from clients.desktop.config import Config
from clients.desktop.presets import fetch_presets, find_preset
from tests.peers.honest import Cards, Honest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clients.desktop.presets import Preset

ROOT: Final = Path(__file__).parents[2]
PRESETS: Final = ("focus", "relax", "meditate", "sleep", "energize")
OPENS_PER_S: Final = 20.0
SETTLE_S: Final = 1.0
"""What was turned last is acknowledged and heard by then."""
LONG_S: Final = 36_000.0
"""Nobody comes to the end of it."""


class Crowd:
    """The handle: one process full of listeners."""

    def __init__(self, server: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._asking = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.peers.crowd", server, str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for whoever asks them: they are to say what they heard
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    @property
    def pid(self) -> int:
        return self._process.pid

    def open(
        self, count: int, *, buffer_ms: int = 10_000, turns_s: float | None = None, name: str = ""
    ) -> None:
        """So many more listeners; a preset of `name`, else one after the other."""
        self._ask(do="open", count=count, buffer_ms=buffer_ms, turns_s=turns_s, preset=name)

    def leave(self, count: int) -> None:
        """So many go, those who came first."""
        self._ask(do="leave", count=count)

    def cut(self, count: int) -> None:
        """So many lines break, and come back."""
        self._ask(do="cut", count=count)

    def books(self) -> list[dict[str, Any]]:
        """How each of them fares, also those who left."""
        return list(self._ask(do="books"))

    def end(self) -> list[dict[str, Any]]:
        """All go; what each of them heard."""
        return list(json.loads(Path(str(self._ask(do="end"))).read_text()))

    def _ask(self, **wish: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._asking:
            self._process.stdin.write(json.dumps(wish) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        assert line, "the crowd's process has died"
        return json.loads(line)


class Hall:
    """Inside the process: the listeners and their sound cards."""

    def __init__(self, server: str, folder: Path, presets: Sequence[Preset]) -> None:
        self.cards = Cards()
        self._server = server
        self._folder = folder
        self._presets = presets
        self._everyone: list[Honest] = []
        self._here: list[tuple[Honest, asyncio.Task[None]]] = []
        self._gone: list[asyncio.Task[None]] = []

    async def obey(self, wish: dict[str, Any]) -> Any:
        """One command, and what is to be answered."""
        match wish["do"]:
            case "open":
                for _ in range(wish["count"]):
                    self._open(wish)
                    await asyncio.sleep(1 / OPENS_PER_S)
            case "leave":
                for honest, task in self._here[: wish["count"]]:
                    honest.player.quit()
                    self._gone.append(task)
                del self._here[: wish["count"]]
            case "cut":
                for honest, _ in self._here[: wish["count"]]:
                    honest.player.link.again()
                self._here = self._here[wish["count"] :] + self._here[: wish["count"]]
            case "books":
                return [honest.books() for honest in self._everyone]
            case "end":
                return await self._end()
        return None

    def _open(self, wish: dict[str, Any]) -> None:
        number = len(self._everyone)
        name = wish["preset"] or PRESETS[number % len(PRESETS)]
        honest = Honest(number, self._server, self._folder, self.cards.card(), self._presets)
        listening = honest.listen(
            find_preset(self._presets, name), LONG_S, wish["buffer_ms"], wish["turns_s"]
        )
        self._everyone.append(honest)
        self._here.append((honest, asyncio.create_task(listening)))

    async def _end(self) -> str:
        """What is heard is judged as it was before anybody left."""
        for honest in self._everyone:
            honest.rest()
        await asyncio.sleep(SETTLE_S)
        path = self._folder / "report.json"
        path.write_text(json.dumps([honest.report() for honest in self._everyone]))
        for honest, task in self._here:
            honest.player.quit()
            self._gone.append(task)
        await asyncio.gather(*self._gone)
        return str(path)


async def _run(server: str, folder: Path) -> None:
    presets = await fetch_presets(Api(server, None, Config(folder / "nobody.json"), server))
    hall = Hall(server, folder, presets)
    turning = asyncio.create_task(hall.cards.run())
    reader = asyncio.StreamReader(limit=2**20)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := await reader.readline():
        answer = await hall.obey(json.loads(line))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    turning.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await turning


if __name__ == "__main__":
    _parser = argparse.ArgumentParser()
    _parser.add_argument("server")
    _parser.add_argument("folder", type=Path)
    _options = _parser.parse_args()
    asyncio.run(_run(_options.server, _options.folder))
