"""Nonsense for everything that reads messages: the codec, sessions without sockets, and a whole gateway.

`scripts/fuzz [MESSAGES] [SEED]`: prints the verdict as JSON; the tests run a short form. Half of the messages
meet the codec alone, four in ten a session, and one in ten a gateway on real sockets, from many connections,
while an honest client listens.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import psutil
import websockets

from server.kit.embedded import data_folder, running, services_in
from server.realtime import wire
from server.realtime.limits import Limits
from tests.clients.desktop.stage import on_stage, until
from tests.peers.house import house, principal
from tests.peers.knock import knock
from tests.peers.mass import fuzz_codec, fuzz_sessions
from tests.peers.nonsense import Nonsense
from tests.peers.tone import WRAP

if TYPE_CHECKING:
    from clients.desktop.net.listening import Listening
    from tests.clients.desktop.stage import Stage
    from tests.peers.house import House

LIVE_SHARE: Final = 0.1
SESSION_SHARE: Final = 0.4
CONNECTIONS: Final = 4
WARM_SHARE: Final = 0.1
"""Of the messages: what a process needs anyway is there by then."""
MOST_GROWTH: Final = 1.2
GARBAGE: Final = 0.001
ODD: Final = 0.001
"""Few, so that connections last long enough to be talked to."""
DEEP_FRAMES: Final = 2 * 48_000
"""What the honest client has ahead when the nonsense begins."""
LOOK_S: Final = 0.5
RESUME_S: Final = 5.0
"""What was left behind is forgotten sooner than in earnest, so that memory tells of leaks alone."""


@dataclass
class Verdict:
    """What a run found."""

    messages: int = 0
    """In all three parts."""
    live: int = 0
    """Of them those that went over a socket."""
    understood: int = 0
    """Of those for the codec alone."""
    sessions: int = 0
    connections: int = 0
    closes: Counter[int] = field(default_factory=Counter)
    """By close code."""
    growth: float = 0.0
    """Memory at the end of a part, times that after its warm-up; the larger of the two."""
    underruns: int = 0
    """Of the honest client."""
    wrong: int = 0
    """Frames that it heard otherwise than they were made."""
    heard_s: float = 0.0
    """How long it listened."""
    faults: int = 0
    """Closes that blame the server."""

    @property
    def is_good(self) -> bool:
        return not (self.underruns or self.wrong or self.faults) and self.growth <= MOST_GROWTH

    def to_json(self) -> dict[str, Any]:
        """What is printed."""
        closes = {str(code): count for code, count in sorted(self.closes.items())}
        return {**vars(self), "closes": closes, "good": self.is_good}


async def fuzz(redis_url: str, messages: int, seed: int) -> Verdict:
    """Send so many messages of nonsense; raises where anything but a refusal comes of one."""
    verdict = Verdict()
    live = round(LIVE_SHARE * messages) // CONNECTIONS * CONNECTIONS
    sessions = round(SESSION_SHARE * messages)
    await _mass(messages - live - sessions, sessions, seed, verdict)
    await _gateway(redis_url, live, seed, verdict)
    verdict.faults = verdict.closes[wire.CLOSE_CODES["internal"]] + verdict.closes[1006]
    return verdict


async def _mass(codec: int, sessions: int, seed: int, verdict: Verdict) -> None:
    """The parts without a socket."""
    warm_codec, warm_sessions = round(WARM_SHARE * codec), round(WARM_SHARE * sessions)
    verdict.understood = fuzz_codec(warm_codec, seed)
    verdict.sessions = await fuzz_sessions(warm_sessions, seed)
    before = _rss()
    verdict.understood += fuzz_codec(codec - warm_codec, seed + 1)
    verdict.sessions += await fuzz_sessions(sessions - warm_sessions, seed + 1)
    verdict.messages += codec + sessions
    verdict.growth = round(_rss() / before, 3)


async def _gateway(redis_url: str, messages: int, seed: int, verdict: Verdict) -> None:
    """The part with sockets."""
    async with house(redis_url, limits=Limits(resume_s=RESUME_S)) as at:
        for number in range(CONNECTIONS):
            at.principals[f"fool {number}"] = principal(100 + number, "user", "pro")
        async with on_stage(at.url) as honest:
            heard = honest.listen()
            listening = asyncio.create_task(_listen(honest, heard, verdict))
            await until(lambda: heard.buffered_frames >= DEEP_FRAMES)
            _have_its_memory(heard)
            each = messages // CONNECTIONS
            talk = asyncio.gather(*(_fool(at, one, each, seed, verdict) for one in range(CONNECTIONS)))
            forgetting = asyncio.create_task(_forget(at))
            while verdict.live < WARM_SHARE * messages:  # noqa: ASYNC110 - a count, no event
                await asyncio.sleep(0.05)
            before = _rss()
            await talk
            verdict.messages += verdict.live
            verdict.growth = max(verdict.growth, round(_rss() / before, 3))
            for task in (listening, forgetting):
                task.cancel()
            await asyncio.gather(listening, forgetting, return_exceptions=True)


def _have_its_memory(listening: Listening) -> None:
    """Touch the rings of the honest client, so that what it plays meanwhile is no growth."""
    assert listening.deck is not None
    listening.deck.ring._newer += 0.0
    listening.deck.ring._older += 0.0


async def _forget(at: House) -> None:
    """The house of tones remembers for other tests what would be a leak here."""
    while True:
        await asyncio.sleep(LOOK_S)
        at.tones.streams.clear()
        at.tones.requests.clear()
        at.tones.renderer.batches.clear()


async def _listen(honest: Stage, listening: Listening, verdict: Verdict) -> None:
    """Check every frame that is heard: the left ear counts."""
    heard = 0
    while True:
        await asyncio.sleep(LOOK_S)
        sound, honest.blocks = honest.sound[:, 0], []
        wanted = (np.arange(heard, heard + len(sound)) % WRAP).astype(np.float32) / np.float32(32_768)
        verdict.wrong += int(np.count_nonzero(sound != wanted))
        heard += len(sound)
        verdict.heard_s = round(heard / 48_000, 1)
        verdict.underruns = listening.deck.underruns if listening.deck is not None else 0


def _rss() -> int:
    return int(psutil.Process().memory_info().rss)


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
                verdict.live += 1
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
    sys.stdout.write(json.dumps(verdict.to_json()) + "\n")
    return 0 if verdict.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
