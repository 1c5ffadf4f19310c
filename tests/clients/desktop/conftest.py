"""A site to listen to, a place for what the listener keeps, and the command as a person starts it."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from clients.desktop.api import Api
from clients.desktop.config import Config
from tests.api.site import Site, running_site
from tests.clients.desktop.command import Command
from tests.clients.desktop.tmux import Tmux

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """What would be the person's folders; short, for the paths of sockets are."""
    folder = Path(tempfile.mkdtemp(prefix="sw-", dir="/tmp"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder / "run"))
    monkeypatch.delenv("SOUNDWELL_SERVER", raising=False)
    monkeypatch.delenv("SOUNDWELL_TOKEN", raising=False)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
async def site(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """The whole application, served."""
    async with running_site(database_url, redis_url, tmp_path) as site:
        yield site


@pytest.fixture
def api(site: Site, home: Path) -> Api:
    """As a new guest of it."""
    return Api(site.origin, None, Config(home / "listener.json"), site.origin)


@pytest.fixture
async def command(home: Path) -> AsyncIterator[Command]:
    """Starts the command; nothing of it is left behind."""
    started = Command()
    yield started
    await started.stop()


@pytest.fixture
def terminal(home: Path) -> Iterator[Callable[..., Tmux]]:
    """Opens terminals with the command in them; without tmux such tests are skipped, in CI they fail."""
    if shutil.which("tmux") is None:
        if os.environ.get("CI"):
            pytest.fail("There is no tmux for the tests of the terminal.")
        pytest.skip("there is no tmux on this machine")
    opened: list[Tmux] = []

    def open_terminal(*arguments: str | Path, **size: int) -> Tmux:
        opened.append(Tmux(*arguments, **size))
        return opened[-1]

    yield open_terminal
    for one in opened:
        one.close()
