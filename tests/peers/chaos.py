"""Parts of a server are killed at random moments under load, and nothing that was acknowledged may be lost.

`scripts/chaos [ROUNDS] [SEED]`: prints the verdict as JSON, after Ctrl-C that of the rounds so far; the
tests run a short form. A round kills one part with SIGKILL (web, worker, Postgres, Valkey, or everything at
once with the supervisor) and waits until all goes on. Listeners with deep and with shallow buffers play on
meanwhile, some of them turning knobs, and clients that write keep journals.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import signal
import socket
import statistics
import sys
import tempfile
import time
import urllib.error
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psutil

from tests.peers.aftermath import examine
from tests.peers.crowd import Crowd
from tests.peers.journal import Writer
from tests.serving import Serving, is_alive, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.peers.aftermath import Found

VICTIMS: Final[Mapping[str, tuple[str, ...]]] = {
    "web": ("-m", "server", "web"),
    "worker": ("-m", "server", "worker"),
    "postgres": ("postgres",),
    "valkey": ("valkey-server",),
    "all": (),
}
LISTENERS: Final = 2
"""Of each kind: deep and shallow, with and without a hand on the knob."""
SHALLOW_MS: Final = 1_500
TURNS_S: Final = 6.0
WRITERS: Final = 2
HEARD_FRAMES: Final = 9_600
"""So much more is heard by everybody when an outage is over."""
LONGEST_S: Final = 120.0
"""An outage that lasts longer is no outage any more."""
MOST_WAIT_S: Final = 1.0
POLL_S: Final = 0.02
ENV: Final = {"FREE_LISTENING_S": "86400", "REQUESTS_PER_MINUTE": "1000000", "LOG_LEVEL": "warning"}


@dataclass(frozen=True, slots=True)
class Outage:
    """One round: monotonic seconds."""

    victim: str
    killed_at: float
    back_at: float


@dataclass
class Verdict:
    """What a run found."""

    outages: list[Outage] = field(default_factory=list)
    acknowledged: int = 0
    """Rows that clients were told of by HTTP."""
    unanswered: int = 0
    found: Found | None = None
    took_s: float = 0.0

    @property
    def is_good(self) -> bool:
        return self.found is not None and self.found.is_good

    def to_json(self) -> dict[str, Any]:
        """What is printed."""
        lasted = [one.back_at - one.killed_at for one in self.outages]
        return {
            "rounds": len(self.outages),
            "killed": Counter(one.victim for one in self.outages),
            "outage_s": {"median": round(statistics.median(lasted), 2), "longest": round(max(lasted), 2)},
            "acknowledged": self.acknowledged,
            "unanswered": self.unanswered,
            **(self.found.to_json() if self.found else {}),
            "took_s": round(self.took_s, 1),
            "good": self.is_good,
        }


class Chaos:
    """A server that dies again and again, and those who use it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.is_enough = False
        """Set to stop after the round that is under way."""
        self._folder = folder
        self._chance = random.Random(seed)
        with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as free:
            self._port = free.getsockname()[1]
        self.site = self._serving()

    def run(self, rounds: int) -> Verdict:
        """So many rounds, and what came of them."""
        verdict, begun = Verdict(), time.monotonic()
        with self._served(), Crowd(self.site.address, self._folder / "crowd") as crowd:
            for buffer_ms in (10_000, SHALLOW_MS):
                crowd.open(LISTENERS, buffer_ms=buffer_ms)
                crowd.open(LISTENERS, buffer_ms=buffer_ms, turns_s=TURNS_S)
            writers = [
                Writer(self.site.address, self._folder / f"journal-{one}", one) for one in range(WRITERS)
            ]
            for writer in writers:
                writer.start()
            self._wait_until_all_goes_on(crowd, writers)
            for number in range(rounds):
                if self.is_enough:
                    break
                verdict.outages.append(self._round(crowd, writers))
                if number % 10 == 9:
                    sys.stderr.write(f"{number + 1} rounds, {time.monotonic() - begun:.0f} s\n")
            for writer in writers:
                writer.stop()
            reports = crowd.end()
            url = self.site.member(*VICTIMS["web"]).environ()["DATABASE_URL"]
            verdict.found = examine(url, reports, writers, verdict.outages)
        verdict.acknowledged = sum(writer.acknowledged for writer in writers)
        verdict.unanswered = sum(writer.unanswered for writer in writers)
        verdict.took_s = time.monotonic() - begun
        return verdict

    def _round(self, crowd: Crowd, writers: list[Writer]) -> Outage:
        time.sleep(self._chance.random() * MOST_WAIT_S)
        victim = self._chance.choice(list(VICTIMS))
        killed_at = time.monotonic()
        if victim == "all":
            self._kill_everything()
        else:
            with contextlib.suppress(psutil.NoSuchProcess):
                self.site.member(*VICTIMS[victim]).kill()
        self._wait_until_all_goes_on(crowd, writers)
        return Outage(victim, killed_at, time.monotonic())

    def _kill_everything(self) -> None:
        """As when the power goes: the supervisor first, so that it starts nothing again."""
        family = self.site.family()
        for member in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        self.site.process.wait()
        wait_until(lambda: not any(is_alive(member) for member in family), self.site.said)
        self.site = self._serving()
        self.site.__enter__()

    def _wait_until_all_goes_on(self, crowd: Crowd, writers: list[Writer]) -> None:
        """The server is ready, every listener hears something, and each writer is answered again."""
        before = [writer.acknowledged for writer in writers]
        heard = {one["number"]: one["frames"] for one in crowd.books()}
        deadline = time.monotonic() + LONGEST_S
        while not (
            self._is_ready()
            and all(_goes_on(one, heard[one["number"]]) for one in crowd.books())
            and all(writer.acknowledged > count for writer, count in zip(writers, before, strict=True))
        ):
            assert time.monotonic() < deadline, (self.site.said()[-4000:], crowd.books())
            time.sleep(POLL_S)

    def _is_ready(self) -> bool:
        """By its own word: database and bus."""
        try:
            status, body = self.site.get("/readyz")
        except (urllib.error.URLError, OSError):
            return False
        return status == 200 and json.loads(body)["data"]["bus"] is True

    def _serving(self) -> Serving:
        return Serving(self._folder / "data", "--port", str(self._port), env=ENV)

    @contextlib.contextmanager
    def _served(self) -> Iterator[None]:
        """Whichever server is there at the end is stopped."""
        self.site.__enter__()
        try:
            yield
        finally:
            self.site.__exit__()


def _goes_on(books: Mapping[str, Any], heard: int) -> bool:
    """Whether a listener has a line again, something ahead, and has heard more since."""
    is_fed = books["line"] == "connected" and books["ahead_s"] > 0
    return bool(is_fed and books["frames"] >= heard + HEARD_FRAMES)


def main() -> int:
    """The long form."""
    parser = argparse.ArgumentParser(prog="scripts/chaos")
    parser.add_argument("rounds", type=int, nargs="?", default=200)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soundwell-chaos-", dir="/tmp") as name:
        Path(name).chmod(0o711)
        chaos = Chaos(Path(name), options.seed)
        signal.signal(signal.SIGINT, lambda *_: setattr(chaos, "is_enough", True))
        verdict = chaos.run(options.rounds)
    sys.stdout.write(json.dumps(verdict.to_json()) + "\n")
    return 0 if verdict.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
