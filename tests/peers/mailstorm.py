"""A bad day for the post: the mail server is away, then refuses, and the worker is killed with -9 twice."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.peers.mailserver import TAKEN, MailServer, free_port, mail_server
from tests.serving import Serving, is_alive, query, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

LETTERS: Final = 100
PAUSE_S: Final = 0.03
BETWEEN_LOOKS_S: Final = 0.2


@dataclass
class Storm:
    """What is done, and what came of it."""

    folder: Path
    away_s: float
    refusing_s: float
    patience_s: float
    """After which what has not arrived is lost."""
    server: MailServer = field(default_factory=lambda: MailServer(free_port(), pause_s=PAUSE_S))
    failed: list[str] = field(default_factory=list)
    """Requests that were not answered as they should."""
    kills: int = 0
    took_s: float = 0.0
    """From the moment at which the server takes letters again until the last is written down as sent."""

    def run(self) -> None:
        """Half of the letters are asked for while nobody is there, half while the server says no."""
        environment = {"MAIL": "smtp", "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(self.server.port)}
        addresses = [f"{number}@example.org" for number in range(LETTERS)]
        with Serving(self.folder, env=environment) as serving:
            self._ask(serving, addresses[: LETTERS // 2])
            time.sleep(self.away_s)
            self.server.rcpt_answer = "451 4.3.0 Not now"
            with mail_server(self.server):
                self._ask(serving, addresses[LETTERS // 2 :])
                time.sleep(self.refusing_s / 2)
                self._kill(serving)
                time.sleep(self.refusing_s / 2)
                begun = time.monotonic()
                self.server.rcpt_answer = TAKEN
                self._wait(lambda: len(self.server.messages) >= LETTERS // 4)
                self._kill(serving)
                self._wait(lambda: self._sent(serving) == LETTERS)
                self.took_s = time.monotonic() - begun

    @property
    def arrived(self) -> Counter[str]:
        """How often each Message-ID arrived."""
        return Counter(self.server.ids)

    @property
    def twice(self) -> int:
        return sum(self.arrived.values()) - len(self.arrived)

    def _ask(self, serving: Serving, addresses: Iterable[str]) -> None:
        for address in addresses:
            body = json.dumps({"email": address}).encode()
            request = urllib.request.Request(f"{serving.address}/api/newsletter", body, method="POST")
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    if answer.status != 202:
                        self.failed.append(f"{address}: {answer.status}")
            except (urllib.error.URLError, OSError) as error:
                self.failed.append(f"{address}: {error}")

    def _kill(self, serving: Serving) -> None:
        worker = serving.member("server", "worker")
        worker.kill()
        wait_until(lambda: not is_alive(worker), serving.said)
        self.kills += 1

    def _sent(self, serving: Serving) -> int:
        url = serving.member("server", "worker").environ()["DATABASE_URL"]
        ((sent,),) = asyncio.run(query(url, "SELECT count(*) FROM letters WHERE sent_at IS NOT NULL"))
        return int(str(sent))

    def _wait(self, until: Callable[[], bool]) -> None:
        deadline = time.monotonic() + self.patience_s
        while not until() and time.monotonic() < deadline:
            time.sleep(BETWEEN_LOOKS_S)
