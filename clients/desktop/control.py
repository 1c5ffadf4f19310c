"""`soundwell ctl`: one line of JSON each way, over a socket that only its owner may open."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from typing import TYPE_CHECKING, Any, Final

from clients.desktop.errors import ListenerError, Misuse, Unreachable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator
    from pathlib import Path

_PATIENCE_S: Final = 5.0
_LONGEST_LINE: Final = 4_096
Answer = dict[str, Any]


@contextlib.asynccontextmanager
async def controlled(path: Path, obey: Callable[[str, str], Answer]) -> AsyncGenerator[None]:
    """Obey commands while the block lasts; the newest player gets them."""

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

    with _bound(path) as line:
        server = await asyncio.start_unix_server(answer, sock=line, limit=_LONGEST_LINE)
        try:
            yield
        finally:
            server.close()


@contextlib.contextmanager
def _bound(path: Path) -> Generator[socket.socket]:
    """A socket at that path, in a folder that nobody else may enter."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.parent.chmod(0o700)  # fails where the folder is somebody else's, who could listen in its place
    path.unlink(missing_ok=True)
    line = socket.socket(socket.AF_UNIX)
    line.bind(str(path))
    path.chmod(0o600)
    mine = path.stat().st_ino
    try:
        yield line
    finally:
        line.close()
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_ino == mine:  # else a newer player has it
                path.unlink()


def command(path: Path, do: str, value: str = "") -> Answer:
    """What the player answers; raises ListenerError."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(_PATIENCE_S)
        try:
            line.connect(str(path))
            line.sendall(json.dumps({"do": do, "value": value}).encode() + b"\n")
            told: Answer = json.loads(line.makefile().readline())
        except (OSError, ValueError) as error:
            raise Unreachable("Nothing is playing that could be told.") from error
    if "error" in told:
        raise Misuse(told["error"])
    return told
