"""What happens to a listener while every sample is watched: hands on knobs, cuts, kills, janks, transport."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tests.browser.files import ROOT
from tests.browser.listener import Listener

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.browser.line import Line
    from tests.browser.product import Product
    from tests.browser.programmes import Knob, Programme

DURATION_S: Final = 600
DEEP_S: Final = 8.0
JANK_MS: Final = 150
JANK_EVERY_MS: Final = 400
LONGEST_CUT_S: Final = 5.0
_JANK: Final = """([every, long, times]) => {
    const jank = setInterval(() => {
        const until = performance.now() + long;
        while (performance.now() < until);
        if ((times -= 1) === 0) clearInterval(jank);
    }, every);
}"""


@dataclass(frozen=True, slots=True)
class Length:
    """How long a scenario is."""

    knobs_s: float
    cuts: int
    janks_s: float


SHORT: Final = Length(knobs_s=10, cuts=4, janks_s=6)
LONG: Final = Length(knobs_s=60, cuts=20, janks_s=30)


@dataclass(frozen=True, slots=True)
class Act:
    """Something that happens at a time, in seconds."""

    at_s: float
    do: Callable[[], None]


class Seat:
    """One listener, on a line of their own."""

    def __init__(self, browser: Browser, line: Line, programme: Programme, seed: int) -> None:
        self.programme = programme
        self.line = line
        self._random = random.Random(seed)
        self.listener = Listener(browser, f"{line.origin}/")

    def start(self) -> None:
        """Begin to play."""
        wish = {"program": self.programme.program, "seed": 7, "duration_s": DURATION_S}
        self.listener.start({**wish, "fade_in_ms": 1000, "fade_out_ms": 2000}, (self.programme.codec,))

    def turns(self, seconds: float) -> list[Act]:
        """Knobs turned every 50 to 400 ms."""
        acts, at_s = [], 0.0
        while (at_s := at_s + self._random.uniform(0.05, 0.4)) < seconds:
            knob = self._random.choice(self.programme.knobs)
            value = self._value(knob)
            acts.append(Act(at_s, partial(self.listener.turn, knob.address, value)))
        return acts

    def _value(self, knob: Knob) -> float | str:
        return (
            self._random.choice(knob.choices)
            if knob.choices
            else round(self._random.uniform(knob.low, knob.high), 2)
        )

    def cuts(self, count: int, seconds: float) -> list[Act]:
        """Cuts at random moments: open, silent, and right behind an acknowledgement."""
        acts = []
        for i in range(count):
            at_s = (i + self._random.random()) * seconds / count
            long_s = self._random.uniform(
                0.2, LONGEST_CUT_S if i == count - 1 else min(LONGEST_CUT_S, seconds / count)
            )
            acts.append(Act(at_s, partial(self._cut, i, long_s)))
        return acts

    def _cut(self, number: int, seconds: float) -> None:
        if number % 2 == 0:
            self.line.cut_behind_next_ack(seconds)
        else:
            self.line.cut(seconds, silently=number % 4 == 1)

    def jank(self, seconds: float) -> None:
        """The page's main thread stalls, again and again."""
        self.listener.page.evaluate(_JANK, [JANK_EVERY_MS, JANK_MS, round(seconds * 1000 / JANK_EVERY_MS)])

    def leave(self, folder: Path) -> Path:
        """Write down what was heard, and close the page."""
        kept = folder / self.programme.name
        kept.mkdir()
        self.listener.recording().save(kept)
        self.listener.close()
        return kept


def verdicts_on(seats: Sequence[Seat], folder: Path) -> dict[str, dict[str, Any]]:
    """What other processes say of what each listener heard, by programme."""
    kept = [seat.leave(folder) for seat in seats]
    with ThreadPoolExecutor(2) as threads:
        found = threads.map(compared, kept, [seat.programme.codec for seat in seats])
        return {seat.programme.name: verdict for seat, verdict in zip(seats, found, strict=True)}


def compared(folder: Path, codec: str) -> dict[str, Any]:
    """The verdict of another process on a recording."""
    argv = [sys.executable, "-m", "tests.browser.reference", str(folder), codec]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    verdict: dict[str, Any] = json.loads(done.stdout)
    return verdict


def cut_before_the_end(listener: Listener, line: Line) -> None:
    """The network dies in the last 8 s, when everything is there."""
    listener.until("s => s.buffered_s >= s.remaining_s - 0.001 && s.remaining_s <= 8")
    line.cut(60, silently=True)


def play_out(seats: Sequence[Seat], product: Product, length: Length) -> None:
    """The whole scenario, all listeners side by side."""
    for seat in seats:
        seat.start()
    everyone_deep(seats)
    acts = [
        act
        for seat in seats
        for act in (*seat.turns(length.knobs_s), *seat.cuts(length.cuts, length.knobs_s))
    ]
    run(seats, acts)
    everyone_connected(seats)
    everyone_deep(seats)
    product.kill_web()
    run(seats, [Act(1.0, product.kill_bus), *(act for seat in seats for act in seat.turns(2.0))])
    everyone_connected(seats)
    for seat in seats:
        seat.jank(length.janks_s)
    run(seats, [act for seat in seats for act in seat.turns(length.janks_s)])
    _use_transport(seats)


def _use_transport(seats: Sequence[Seat]) -> None:
    everyone_connected(seats)
    _each(seats, "player.pause()", 1.0)
    _each(seats, "player.resume()", 1.0)
    _each(seats, "player.seek(45)", 1.5)
    _each(seats, "player.extend(30)", 1.0)
    _each(seats, "player.finish(1500)", 0.0)
    for seat in seats:
        seat.listener.until("s => s.transport === 'ended'")


def _each(seats: Sequence[Seat], expression: str, then_s: float) -> None:
    for seat in seats:
        seat.listener.do(f"({expression}, null)")
    seats[0].listener.wait(then_s)


def run(seats: Sequence[Seat], acts: Sequence[Act]) -> None:
    """Let everything happen in its time."""
    now_s = 0.0
    for act in sorted(acts, key=lambda act: act.at_s):
        seats[0].listener.wait(act.at_s - now_s)
        now_s = act.at_s
        act.do()


def everyone_deep(seats: Sequence[Seat]) -> None:
    """Until everybody holds much sound."""
    for seat in seats:
        seat.listener.until(f"s => s.buffered_s >= {DEEP_S}")


def everyone_connected(seats: Sequence[Seat]) -> None:
    """Until everybody's line stands."""
    for seat in seats:
        seat.listener.until("s => s.connection === 'connected' && s.transport === 'playing'")
