"""Hours in minutes: listeners who come and go, lines that break, hosts that stall, readers that stop.

`scripts/bench soak [--minutes 60] [--listeners 200]`: one wave of `load/listeners.c` after the other lives
for a while and goes without a word; one listener in ten is the terminal's own player, who comes and goes
politely and whose samples are compared with a render in this process. Nobody may run dry, and memory and
file descriptors of the web process must stay what they are.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import signal
import statistics
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from server.accounts.service import claims_of
from server.kit.bus import Bus
from server.kit.clock import Clock
from server.kit.principal import Principal
from server.realtime.tickets import Tickets
from tests.bench.listeners import FORMS, _compiled, _load, _open_all, _tell
from tests.bench.load.guests import guests
from tests.peers.crowd import Crowd
from tests.peers.heard import judge
from tests.peers.hostile import open_stream
from tests.peers.knock import knock
from tests.serving import Serving

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator, Mapping

LISTENERS: Final = 200
HONEST_SHARE: Final = 0.1
WAVES: Final = 6
WARM_S: Final = 12.0
"""A wave is measured once its horizons have grown."""
LIFE_S: Final = 60.0
"""Of a wave."""
LEAVES_EVERY_S, CUTS_EVERY_S, STALLS_EVERY_S, LOOKS_EVERY_S = 4.0, 7.0, 11.0, 2.0
"""One goes and one comes; two lines break; somebody stands still; memory is looked at."""
STALL_S: Final = 0.8
"""Less than the two seconds after which a listener gives a line up."""
STUCK_S: Final = 20.0
"""So long a client that stopped reading is left alone."""
EVERY: Final = 10
"""Of the seconds that a player heard one in so many is rendered again."""
MOST_GROWTH: Final = 1.05
MOST_MORE_FDS: Final = 5
AHEAD_S: Final = 1.0
"""What the first listeners have ahead when it begins."""
PATIENCE_S: Final = 60.0
LOOK_S: Final = 0.25


@dataclass
class Books:
    """What a run found."""

    seconds: float = 0.0
    listeners: int = 0
    """All that there were, one after the other."""
    glitches: int = 0
    early: int = 0
    """Of players whose horizon had not yet grown to a second; they have a fifth of a second to begin with."""
    gaps: int = 0
    """Packets that did not follow the one before."""
    wrong: int = 0
    """Tenths of a second that sounded otherwise."""
    compared_s: float = 0.0
    lowest: list[float] = field(default_factory=list)
    """The least share of its horizon that anybody of a wave had ahead."""
    stalls: int = 0
    cuts: int = 0
    stuck: int = 0
    looks: list[tuple[float, int, int]] = field(default_factory=list)
    """(s, resident bytes, file descriptors) of the web process."""

    def _spans(self) -> tuple[list[tuple[float, int, int]], list[tuple[float, int, int]]]:
        """The second third, in which everything has been warm, and the last one."""
        third = max(1, len(self.looks) // 3)
        return self.looks[third : 2 * third], self.looks[2 * third :]

    @property
    def growth(self) -> float:
        """Memory in the last third, times that in the second one."""
        second, last = self._spans()
        return statistics.median(one[1] for one in last) / statistics.median(one[1] for one in second)

    @property
    def more_fds(self) -> float:
        """File descriptors in the last third beyond those in the second one."""
        second, last = self._spans()
        return statistics.median(one[2] for one in last) - statistics.median(one[2] for one in second)


class Soak:
    """One run against one server."""

    def __init__(self, site: Serving, crowd: Crowd, programs: Mapping[str, Path], wave: int) -> None:
        self.books = Books()
        self._site = site
        self._crowd = crowd
        self._programs = programs
        self._wave = wave
        self._web = site.member("web")
        self._waves: list[subprocess.Popen[str]] = []

    async def run(self, seconds: float, honest: int, waves: int) -> Books:
        """Everything at once, for so long."""
        await self._gather(honest)
        begun = time.monotonic()
        acts: list[tuple[float, Callable[[], None]]] = [
            (LEAVES_EVERY_S, self._churn),
            (CUTS_EVERY_S, self._cut),
            (LOOKS_EVERY_S, lambda: self._look(begun)),
        ]
        tasks = [asyncio.create_task(_every(period_s, act)) for period_s, act in acts]
        tasks += [asyncio.create_task(one) for one in (self._stall_by_turns(), self._stop_reading())]
        tasks += [asyncio.create_task(self._keep_wave(LIFE_S * n / waves)) for n in range(waves)]
        done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.books.seconds = round(time.monotonic() - begun, 1)
        self._judge(await asyncio.to_thread(self._crowd.end))
        return self.books

    # Who listens

    async def _gather(self, honest: int) -> None:
        """The first players, until each has something ahead."""
        await asyncio.to_thread(self._crowd.open, honest)
        async with asyncio.timeout(PATIENCE_S):
            while await asyncio.to_thread(self._least_ahead_s) < AHEAD_S:  # noqa: ASYNC110 - another process has no event
                await asyncio.sleep(LOOK_S)

    def _least_ahead_s(self) -> float:
        return min(float(one["ahead_s"]) for one in self._crowd.books())

    async def _keep_wave(self, wait_s: float) -> None:
        """A wave, and when it is over the next one."""
        await asyncio.sleep(wait_s)
        while True:
            with _load(self._site, self._programs) as load:
                self._waves.append(load)
                try:
                    await asyncio.to_thread(self._open_wave, load)
                    await asyncio.sleep(WARM_S)
                    await self._measure(load)
                finally:
                    self._waves.remove(load)

    async def _measure(self, load: subprocess.Popen[str]) -> None:
        """The life of a wave, which may be cut short by the end of the run."""
        _tell(load, "measure")
        try:
            await asyncio.sleep(LIFE_S)
        finally:
            self._close_wave(load)

    def _open_wave(self, load: subprocess.Popen[str]) -> None:
        _open_all(load, guests(self._site, self._wave, FORMS["own"]), opens_per_s=20.0)

    def _close_wave(self, load: subprocess.Popen[str]) -> None:
        """Its books; it goes without a word."""
        _tell(load, "stop")
        assert load.stdout is not None
        books = json.loads(load.stdout.readline())
        self.books.listeners += books["listeners"]
        self.books.glitches += books["underruns"] + books["closed"]
        self.books.gaps += books["gaps"]
        self.books.lowest.append(books["low"])

    def _churn(self) -> None:
        self._crowd.leave(1)
        self._crowd.open(1)

    # What happens to them

    def _cut(self) -> None:
        self._crowd.cut(2)
        self.books.cuts += 2

    async def _stall_by_turns(self) -> None:
        """The server's process stands still, then a listeners' one, and so on."""
        for number in itertools.count():
            await asyncio.sleep(STALLS_EVERY_S)
            hosts = [self._web.pid, self._crowd.pid, *(wave.pid for wave in self._waves)]
            pid = hosts[number % len(hosts)]
            os.kill(pid, signal.SIGSTOP)
            try:
                await asyncio.sleep(STALL_S)
            finally:
                os.kill(pid, signal.SIGCONT)
            self.books.stalls += 1

    async def _stop_reading(self) -> None:
        """One client after the other takes a stream and never reads of it."""
        bus = await Bus.connect(self._web.environ()["REDIS_URL"])
        secret = (self._site.data_dir / "secret.key").read_bytes()
        tickets = Tickets(bus, secret, Clock())
        url = self._site.address.replace("http", "ws", 1) + "/ws"
        try:
            while True:
                someone = Principal(uuid.uuid4(), "user", "pro", time.time() + 3_600)
                async with knock(url, origin=None) as stuck:
                    await open_stream(stuck, await tickets.mint(claims_of(someone), None))
                    stuck.socket.transport.pause_reading()
                    self.books.stuck += 1
                    await asyncio.sleep(STUCK_S)
                    stuck.socket.transport.abort()
        finally:
            await bus.close()

    def _look(self, begun: float) -> None:
        memory = self._web.memory_info().rss
        self.books.looks.append((round(time.monotonic() - begun, 1), memory, self._web.num_fds()))

    # What became of it

    def _judge(self, reports: list[dict[str, Any]]) -> None:
        books = self.books
        for report in reports:
            books.listeners += 1
            judged = judge(report, every=EVERY)
            books.wrong += len(judged.wrong)
            books.compared_s += judged.checked / 10
            grown_pos = report["grown_pos"] or float("inf")
            early = sum(one["what"] == "low" and one["pos"] < grown_pos for one in report["breaks"])
            books.early += early
            books.glitches += judged.silences - early
            books.gaps += bool(report["failure"])


async def _every(period_s: float, act: Callable[[], None]) -> None:
    """Again and again, beside the loop: what a crowd is told it answers when it is done."""
    while True:
        await asyncio.sleep(period_s)
        await asyncio.to_thread(act)


@contextlib.contextmanager
def soaking(folder: Path, listeners: int, waves: int) -> Iterator[tuple[Soak, int]]:
    """A server with a crowd, and how many of the listeners are honest players."""
    honest = round(listeners * HONEST_SHARE) if waves else listeners
    programs = {"listeners": _compiled("listeners", folder)} if waves else {}
    data = folder / "data"
    env = {"FREE_LISTENING_S": "86400", "REQUESTS_PER_MINUTE": "100000", "LOG_LEVEL": "warning"}
    with Serving(data, env=env) as site, Crowd(site.address, folder / "crowd") as crowd:
        yield Soak(site, crowd, programs, (listeners - honest) // max(1, waves)), honest


def main() -> None:
    """Soak, and print the rows as JSON in the last line."""
    parser = argparse.ArgumentParser(prog="scripts/bench soak")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--listeners", type=int, default=LISTENERS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soundwell-bench-", dir="/tmp") as name:
        Path(name).chmod(0o711)
        with soaking(Path(name), options.listeners, WAVES) as (soak, honest):
            books = asyncio.run(soak.run(options.minutes * 60, honest, WAVES))
    sys.stdout.write(
        f"{json.dumps({**vars(books), 'looks': books.looks[:: max(1, len(books.looks) // 30)]})}\n"
    )
    rows = [
        _row("glitches", books.glitches, "", 0),
        _row("glitches before a horizon had grown to a second", books.early, "", 0),
        _row("packets out of order, and listeners who gave up", books.gaps, "", 0),
        _row(f"tenths that sounded otherwise, of {books.compared_s:.0f} s compared", books.wrong, "", 0),
        _row("memory, last third over second third", round(books.growth, 3), "", MOST_GROWTH),
        _row("file descriptors, last third over second third", books.more_fds, "", MOST_MORE_FDS),
    ]
    sys.stdout.write(json.dumps({"bench": "soak", "rows": rows}) + "\n")


def _row(what: str, figure: float, unit: str, goal: float) -> dict[str, Any]:
    return {
        "what": what,
        "figure": figure,
        "unit": unit,
        "goal": f"<= {goal}",
        "met": figure <= goal,
        "peer": "",
        "peer_figure": "",
    }


if __name__ == "__main__":
    main()
