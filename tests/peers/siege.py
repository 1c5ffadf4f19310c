"""A whole server in production mode, a crowd of honest listeners, and those who take what they can."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
import urllib.request
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from server.accounts.service import claims_of
from server.kit.bus import Bus
from server.kit.clock import Clock
from server.kit.principal import Principal
from server.realtime.tickets import Tickets
from tests.peers.crowd import Crowd
from tests.peers.hostile import (
    Answers,
    asks_for_opus,
    grabs_credit,
    harass,
    seeks,
    sends_keyframes,
    turns_knobs,
)
from tests.serving import Serving

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Mapping
    from pathlib import Path

ATTACKS: Final = {
    "credit": grabs_credit,
    "changes": turns_knobs,
    "seeks": seeks,
    "keyframes": sends_keyframes,
    "opus": asks_for_opus,
    "strangers": None,
}
"""As `quality.md` §4 names them; strangers have no manner, they only come."""
SECRET: Final = "a secret of forty characters for a siege"
DEEP_S: Final = 3.0
"""What everybody has ahead when the attacks begin."""
PATIENCE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Fared:
    """How the honest ones fared meanwhile."""

    listeners: int
    underruns: int
    lowest_s: float
    """The least that any of them had ahead."""
    lost: int
    """Those whose line broke, or who do not play any more."""
    core: float
    """Of one core, what the web process used."""
    rss_mb: float
    """What it holds at the end."""


class Siege:
    """The attackers' side, in this process."""

    def __init__(self, site: Serving, crowd: Crowd, tickets: Tickets) -> None:
        self.site = site
        self.crowd = crowd
        self._tickets = tickets
        self._web = site.member("web")
        self._url = site.address.replace("http", "ws", 1) + "/ws"

    async def settle(self, listeners: int) -> None:
        """Let so many honest ones come, until each has enough ahead."""
        await asyncio.to_thread(self.crowd.open, listeners)
        deadline = time.monotonic() + PATIENCE_S
        while not all(one["ahead_s"] >= DEEP_S for one in await self._books()):
            assert time.monotonic() < deadline, await self._books()
            await asyncio.sleep(0.25)

    async def attack(self, names: Iterable[str], seconds: float) -> tuple[Fared, Mapping[str, Answers]]:
        """Several at once, for so long."""
        before, used_s = await self._books(), self._used_s()
        answers = {name: Answers() for name in names}
        tasks = [asyncio.create_task(self._harass(name, one)) for name, one in answers.items()]
        await asyncio.sleep(seconds)
        for task in tasks:
            task.cancel()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in found), found
        core = round((self._used_s() - used_s) / seconds, 2)
        rss_mb = round(self._web.memory_info().rss / 1e6, 1)
        return _fared(before, await self._books(), core, rss_mb), answers

    def _used_s(self) -> float:
        times = self._web.cpu_times()
        return float(times.user + times.system)

    async def _harass(self, name: str, answers: Answers) -> None:
        someone = Principal(uuid.uuid4(), "user", "pro", time.time() + 3_600)

        async def as_user() -> str:
            return await self._tickets.mint(claims_of(someone), None)

        async def as_stranger() -> str:
            return await asyncio.to_thread(self._stranger)

        manner = ATTACKS[name]
        await harass(self._url, as_stranger if manner is None else as_user, manner, answers)

    def _stranger(self) -> str:
        """The ticket of a new guest, as any program gets it."""
        token = self._post("/api/auth/guest", {})["token"]
        return str(self._post("/api/auth/ws-ticket", {"Authorization": f"Bearer {token}"})["ticket"])

    def _post(self, path: str, headers: dict[str, str]) -> Any:
        request = urllib.request.Request(self.site.address + path, method="POST", headers=headers)
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.load(answer)["data"]

    async def _books(self) -> list[dict[str, Any]]:
        return await asyncio.to_thread(self.crowd.books)


@contextlib.asynccontextmanager
async def besieged(folder: Path, listeners: int) -> AsyncGenerator[Siege]:
    """A server that counts guests on this machine too, as in production, and has room for no stranger."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    env = {
        "ENVIRONMENT": "production",
        "SECRET_KEY": SECRET,
        "PUBLIC_HOSTS": f"127.0.0.1:{port}",
        "LOG_LEVEL": "warning",
        "GUESTS_PER_HOUR": str(listeners),
        "REQUESTS_PER_MINUTE": "100000",
    }
    with (
        Serving(folder / "besieged", "--port", str(port), env=env) as site,
        Crowd(site.address, folder / "crowd") as crowd,
    ):
        bus = await Bus.connect(site.member("web").environ()["REDIS_URL"])
        try:
            yield Siege(site, crowd, Tickets(bus, SECRET.encode(), Clock()))
        finally:
            await bus.close()


def _fared(before: list[dict[str, Any]], after: list[dict[str, Any]], core: float, rss_mb: float) -> Fared:
    return Fared(
        listeners=len(after),
        underruns=sum(one["underruns"] for one in after) - sum(one["underruns"] for one in before),
        lowest_s=round(min(one["lowest_s"] or 0.0 for one in after), 2),
        lost=sum(one["line"] != "connected" or not one["is_moving"] for one in after),
        core=core,
        rss_mb=rss_mb,
    )
