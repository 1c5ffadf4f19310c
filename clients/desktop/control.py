"""`soundwell ctl`: one line of JSON each way, over a socket that only its owner may open."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from typing import TYPE_CHECKING, Any, Final

from clients.desktop.errors import ListenerError, Misuse, Unreachable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator
    from pathlib import Path

_PATIENCE_S: Final = 5.0
_LONGEST_LINE: Final = 4_096
Answer = dict[str, Any]


@contextlib.asynccontextmanager
async def controlled(folder: Path, obey: Callable[[str, str], Answer]) -> AsyncGenerator[None]:
    """Obey commands while the block lasts, unless a newer player does."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError):
            asked = json.loads(await reader.readline())
            try:
                told = obey(str(asked["do"]), str(asked.get("value", "")))
            except ListenerError as error:
                told = {"error": str(error), "status": error.status}
            writer.write(json.dumps(told).encode() + b"\n")
            await writer.drain()
        writer.close()

    with _bound(folder) as line:
        server = await asyncio.start_unix_server(answer, sock=line, limit=_LONGEST_LINE)
        try:
            yield
        finally:
            server.close()


@contextlib.contextmanager
def _bound(folder: Path) -> Generator[socket.socket]:
    """A socket of one's own, named by the time, in a folder that nobody else may enter."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)  # fails where the folder is somebody else's, who could listen in its place
    path = folder / f"{time.time_ns():x}.sock"
    with socket.socket(socket.AF_UNIX) as line:
        line.bind(str(path))
        path.chmod(0o600)
        try:
            yield line
        finally:
            path.unlink(missing_ok=True)


def command(folder: Path, do: str, value: str = "") -> Answer:
    """What the newest player answers; raises ListenerError."""
    for path in sorted(folder.glob("*.sock"), reverse=True):
        try:
            told = _ask(path, do, value)
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)  # its player died without a word
        except (OSError, ValueError):
            continue
        else:
            if "error" in told:
                raise Misuse(told["error"])
            return told
    raise Unreachable("Nothing is playing that could be told.")


def _ask(path: Path, do: str, value: str) -> Answer:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(_PATIENCE_S)
        line.connect(str(path))
        line.sendall(json.dumps({"do": do, "value": value}).encode() + b"\n")
        told: Answer = json.loads(line.makefile().readline())
    return told
