from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest

from clients.desktop.control import command, controlled
from clients.desktop.errors import Misuse, Unreachable

if TYPE_CHECKING:
    from pathlib import Path


def obey(do: str, value: str) -> dict[str, Any]:
    if do == "dance":
        raise Misuse("It cannot dance.")
    return {"did": do, "with": value}


async def test_a_command_is_obeyed_and_answered(home: Path) -> None:
    folder = home / "run"
    async with controlled(folder, obey):
        (path,) = folder.iterdir()
        assert path.stat().st_mode & 0o777 == 0o600
        assert folder.stat().st_mode & 0o777 == 0o700
        assert await asyncio.to_thread(command, folder, "vol", "+5") == {"did": "vol", "with": "+5"}
        with pytest.raises(Misuse, match="cannot dance"):
            await asyncio.to_thread(command, folder, "dance")
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"no json\n")
        assert await reader.read() == b""
        writer.close()
    with pytest.raises(Unreachable, match="Nothing is playing"):
        command(folder, "status")


async def test_the_newest_player_gets_the_commands_for_as_long_as_it_plays(home: Path) -> None:
    folder = home / "run"
    async with controlled(folder, obey):
        async with controlled(folder, lambda do, _: {"newer": do}):
            assert await asyncio.to_thread(command, folder, "status") == {"newer": "status"}
        assert await asyncio.to_thread(command, folder, "status") == {"did": "status", "with": ""}
    assert not list(folder.iterdir())


async def test_a_player_that_died_is_in_nobodys_way(home: Path) -> None:
    folder = home / "run"
    async with controlled(folder, obey):
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(folder / "f000000000000000.sock"))
        dumb = await asyncio.start_unix_server(
            lambda _, writer: writer.close(), folder / "e000000000000000.sock"
        )
        assert (await asyncio.to_thread(command, folder, "status"))["did"] == "status"
        assert not (folder / "f000000000000000.sock").exists()
        dumb.close()
