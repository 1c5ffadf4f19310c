from __future__ import annotations

import asyncio
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
    path = home / "run" / "listener.sock"
    async with controlled(path, obey):
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert await asyncio.to_thread(command, path, "vol", "+5") == {"did": "vol", "with": "+5"}
        with pytest.raises(Misuse, match="cannot dance"):
            await asyncio.to_thread(command, path, "dance")
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"no json\n")
        assert await reader.read() == b""
        writer.close()
    assert not path.exists()
    with pytest.raises(Unreachable, match="Nothing is playing"):
        command(path, "status")


async def test_the_newest_player_gets_the_commands(home: Path) -> None:
    path = home / "run" / "listener.sock"
    async with controlled(path, obey):
        async with controlled(path, lambda do, _: {"newer": do}):
            assert await asyncio.to_thread(command, path, "status") == {"newer": "status"}
        assert not path.exists()


async def test_the_older_player_does_not_take_the_newer_ones_away(home: Path) -> None:
    path = home / "run" / "listener.sock"
    older = controlled(path, obey)
    await older.__aenter__()
    async with controlled(path, lambda do, _: {"newer": do}):
        await older.__aexit__(None, None, None)
        assert await asyncio.to_thread(command, path, "status") == {"newer": "status"}
