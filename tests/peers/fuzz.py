"""A whole gateway under nonsense from many connections, while an honest client listens.

`scripts/fuzz [MESSAGES] [SEED]`: prints the verdict as JSON; the tests run a short form.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil
import websockets

from server.kit.embedded import data_folder, running, services_in
from server.realtime import wire
from server.realtime.limits import Limits
from tests.peers.client import listener
from tests.peers.house import house, principal
from tests.peers.knock import knock
from tests.peers.nonsense import Nonsense

if TYPE_CHECKING:
    from tests.peers.house import House

CONNECTIONS: Final = 4
WARM_SHARE: Final = 0.1
"""Of the messages: what a process needs anyway is there by then."""
MOST_GROWTH: Final = 1.2
GARBAGE: Final = 0.001
ODD: Final = 0.001
"""Few, so that connections last long enough to be talked to."""
RESUME_S: Final = 5.0
"""What was left behind is forgotten sooner than in earnest, so that memory tells of leaks alone."""


@dataclass
class Verdict:
    """What a run found."""

    messages: int = 0
    connections: int = 0
    closes: Counter[int] = field(default_factory=Counter)
    """By close code."""
    growth: float = 0.0
    """Memory at the end, times that after the warm-up."""
    underruns: int = 0
    """Of the honest client."""
    faults: int = 0
    """Closes that blame the server."""

    @property
    def is_good(self) -> bool:
        return self.underruns == 0 and self.faults == 0 and self.growth <= MOST_GROWTH


async def fuzz(redis_url: str, messages: int, seed: int) -> Verdict:
    """Send so many messages of nonsense."""
    verdict = Verdict()
    process = psutil.Process()
    async with house(redis_url, limits=Limits(resume_s=RESUME_S)) as at:
        for number in range(CONNECTIONS):
            at.principals[f"fool {number}"] = principal(100 + number, "user", "pro")
        async with listener(at.url) as honest:
            heard = await honest.open()
            each = messages // CONNECTIONS
            talk = asyncio.gather(*(_fool(at, one, each, seed, verdict) for one in range(CONNECTIONS)))
            while verdict.messages < WARM_SHARE * messages:  # noqa: ASYNC110 - a count, no event
                await asyncio.sleep(0.05)
            before = process.memory_info().rss
            await talk
            verdict.growth = round(process.memory_info().rss / before, 3)
            verdict.underruns = heard.ring.underruns
            assert heard.ring.is_playing
    verdict.faults = verdict.closes[wire.CLOSE_CODES["internal"]] + verdict.closes[1006]
    return verdict


async def _fool(at: House, number: int, messages: int, seed: int, verdict: Verdict) -> None:
    """One who comes again whenever it is thrown out."""
    talk, said = Nonsense(seed * 1_000 + number, garbage=GARBAGE, odd=ODD), 0
    while said < messages:
        async with knock(at.url) as socket:
            verdict.connections += 1
            talk.number = 1
            await socket.send(wire.Hello(v=(1,), ticket=f"fool {number}"))
            await socket.send(wire.StreamOpen(id=1, kind="listen", limit=9_600))
            reading = asyncio.create_task(_read(socket.socket))
            while said < messages and not reading.done():
                await socket.send(talk.message([1, 2, 3]))
                said += 1
                verdict.messages += 1
                await asyncio.sleep(0)  # the others, and the server, are in this process
            if not reading.done():
                await socket.socket.close()
            await reading
            verdict.closes[socket.socket.close_code or 1006] += 1


async def _read(socket: websockets.ClientConnection) -> None:
    """Take everything until the end: who does not read is another test."""
    try:
        while True:
            await socket.recv()
    except websockets.ConnectionClosed:
        return


def main() -> int:
    """The long form, with a bus of its own."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz")
    parser.add_argument("messages", type=int, nargs="?", default=1_000_000)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soundwell-fuzz-", dir="/tmp") as name:
        folder = Path(name) / "data"
        Path(name).chmod(0o711)
        with data_folder(folder) as held, services_in(held) as prepared:
            prepared.postgres.prepare()
        with running(folder) as services:
            verdict = asyncio.run(fuzz(services.valkey.url, options.messages, options.seed))
    sys.stdout.write(json.dumps({**asdict(verdict), "good": verdict.is_good}) + "\n")
    return 0 if verdict.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
