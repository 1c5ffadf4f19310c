"""Every sample watched for minutes: knobs, cuts, kills, janks, transport, and an end with the network dead.

`scripts/bench exact`: the long form of `tests/browser/test_exact.py`; another process compares.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.browser.chromium import launched
from tests.browser.listener import Listener
from tests.browser.product import serving
from tests.browser.programmes import PROGRAMMES, TONES
from tests.browser.scenario import LONG, Seat, compared, cut_before_the_end, play_out, verdicts_on

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.line import Line
    from tests.browser.product import Product

RATE_HZ: Final = 48_000
QUIET_S: Final = 10.5
# Of a horizon of 10 s: the page is told its depth once a second, before that second is filled again.
DEEP_S: Final = 8.5
CUT_S: Final = 8.0
TIMED_S: Final = 30
PEER: Final = "none specifies it"


def main() -> None:
    """Play, compare, and print the rows as JSON in the last line."""
    with tempfile.TemporaryDirectory(prefix="soundwell-bench-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with serving(folder) as product, launched() as browser:
            rows = [*through_everything(browser, product, folder), *cut_when_quiet(browser, product.lines[3])]
            rows += timed_end(browser, product.lines[4], folder)
    sys.stdout.write(json.dumps({"bench": "exact", "rows": rows}) + "\n")


def through_everything(browser: Browser, product: Product, folder: Path) -> list[dict[str, Any]]:
    """The three programmes side by side, through all that can happen."""
    seats = [
        Seat(browser, line, programme, seed)
        for seed, (line, programme) in enumerate(zip(product.lines, PROGRAMMES, strict=False))
    ]
    play_out(seats, product, LONG)
    rows = []
    for name, verdict in verdicts_on(seats, folder).items():
        sys.stdout.write(f"{name} {json.dumps(verdict)}\n")
        sys.stdout.flush()
        rows += [
            row(f"{name}: frames that differ", verdict["wrong"], "frames", 0),
            row(f"{name}: positions missing or twice", 0 if verdict["each_once"] else 1, "", 0),
        ]
    return rows


def cut_when_quiet(browser: Browser, line: Line) -> list[dict[str, Any]]:
    """A cut of 8 s, more than 10 s after the last knob."""
    listener = Listener(browser, f"{line.origin}/")
    listener.start({"program": TONES.program, "duration_s": 120}, ("s16",))
    listener.turn("binaural.level", 40)
    listener.wait(QUIET_S)
    listener.until(f"s => s.buffered_s >= {DEEP_S}")
    before = listener.state["dropouts"]
    line.cut(CUT_S, silently=True)
    listener.wait(CUT_S)
    listener.until("s => s.connection === 'connected' && s.buffered_s > 2")
    underruns = listener.state["dropouts"] - before
    listener.close()
    return [row("cut of 8 s, 10 s after the last knob: underruns", underruns, "", 0)]


def timed_end(browser: Browser, line: Line, folder: Path) -> list[dict[str, Any]]:
    """The network dies 8 s before the end."""
    listener = Listener(browser, f"{line.origin}/")
    listener.start({"program": TONES.program, "duration_s": TIMED_S, "fade_out_ms": 3000}, ("f32",))
    cut_before_the_end(listener, line)
    listener.until("s => s.transport === 'ended'")
    kept = folder / "timed end"
    kept.mkdir()
    listener.recording().save(kept)
    listener.close()
    verdict = compared(kept, "f32")
    off = abs(verdict["end_pos"] - TIMED_S * RATE_HZ)
    return [
        row("timed end, network dead for 8 s: frames off", off, "frames", 0),
        row("timed end, network dead for 8 s: frames that differ", verdict["wrong"], "frames", 0),
    ]


def row(what: str, figure: int, unit: str, goal: int) -> dict[str, Any]:
    """One row."""
    return {
        "what": what,
        "figure": figure,
        "unit": unit,
        "goal": goal,
        "met": figure <= goal,
        "peer": PEER,
        "peer_figure": None,
    }


if __name__ == "__main__":
    main()
