"""How soon one hears it, in real Chromium on this machine: a click, warm and cold, and a knob.

`scripts/bench realtime`: five runs of each; a row is met when at least four meet its goal.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.browser.chromium import launched
from tests.browser.listener import PLAYER, Listener
from tests.browser.product import serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser

RUNS: Final = 5
ENOUGH: Final = 4
WARM_S: Final = 2.5
DEEP_S: Final = 8.0
WISH: Final = {"preset": "focus", "duration_s": 120, "fade_in_ms": 500}
_CLICK: Final = f"""([wish]) => addEventListener("click", () => {{
    window.clickedAt = performance.now();
    {PLAYER}.start(wish);
}}, {{ once: true, capture: true }})"""
_LEAD_MS: Final = "() => window.tap.soundedAt && window.tap.soundedAt - window.clickedAt"
_TURN: Final = """(() => {
    player.turnedAt = player.context.currentTime * 48000;
    player.set("am.depth", 80);
    player.gestureEnd();
})()"""
_KNOB_MS: Final = """(() => {
    const start = player.log.findLast((entry) => entry.what === "start");
    const ack = player.log.findLast((entry) => entry.kind === "ack");
    return ack && (start.frame + ack.at - start.pos - player.turnedAt) / 48;
})()"""


def main() -> None:
    """Measure, print every run, and the rows as JSON in the last line."""
    with tempfile.TemporaryDirectory(prefix="soundwell-bench-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with serving(folder) as product, launched() as browser:
            url = f"{product.lines[0].origin}/"
            measure(lambda: warm_ms(browser, url), 1)  # the server's first sound makes its granules
            warm = measure(lambda: warm_ms(browser, url), RUNS)
            cold = measure(lambda: cold_ms(browser, url), RUNS)
            knob = measure(lambda: knob_ms(browser, url), RUNS)
    rows = [
        row(
            "click to first rendered sample, warm, p50",
            warm,
            statistics.median(warm),
            100,
            "Snapcast",
            "1000 ms",
        ),
        row("click to first rendered sample, warm, p95", warm, max(warm), 200, "Sendspin lead", "250-500 ms"),
        row("click to first rendered sample, cold", cold, max(cold), 500, "LL-HLS", "2000 ms"),
        row(
            "knob to rendered sample, 8 s buffered, p95",
            knob,
            max(knob),
            120,
            "the buffer's depth",
            "2500-30000 ms",
        ),
        spread_row(warm),
    ]
    sys.stdout.write(json.dumps({"bench": "realtime", "rows": rows}) + "\n")


def measure(once: Callable[[], float], runs: int) -> list[float]:
    """That many runs, in ms."""
    found = [round(once(), 1) for _ in range(runs)]
    sys.stdout.write(f"{found}\n")
    sys.stdout.flush()
    return found


def warm_ms(browser: Browser, url: str) -> float:
    """Page open for a while, a hand has moved, socket welcomed, no AudioContext yet; then a click."""
    listener = Listener(browser, url, moves=True)
    listener.page.mouse.move(4, 4)
    listener.wait(WARM_S)
    return _click_ms(listener)


def cold_ms(browser: Browser, url: str) -> float:
    """The click is the first act after `load`."""
    return _click_ms(Listener(browser, url, waits=False, moves=True))


def knob_ms(browser: Browser, url: str) -> float:
    """From the turn to the frame from which it is heard."""
    listener = Listener(browser, url, moves=True)
    listener.start(WISH, ("s16",))
    listener.until(f"s => s.buffered_s >= {DEEP_S}")
    listener.do(_TURN)
    while (found := listener.do(_KNOB_MS)) is None:
        listener.wait(0.02)
    listener.close()
    return float(found)


def _click_ms(listener: Listener) -> float:
    listener.page.evaluate(_CLICK, [WISH])
    listener.page.mouse.click(2, 2)
    while not (found := listener.page.evaluate(_LEAD_MS)):
        listener.wait(0.02)
    listener.close()
    return float(found)


def row(
    what: str, runs: list[float], figure: float, goal: float, peer: str, peer_figure: str
) -> dict[str, Any]:
    """One row; the peers' figures are quoted from `quality.md`."""
    met = sum(run <= goal for run in runs) >= ENOUGH
    return {
        "what": what,
        "figure": figure,
        "unit": "ms",
        "goal": f"<= {goal}",
        "met": met,
        "peer": peer,
        "peer_figure": peer_figure,
        "runs": runs,
    }


def spread_row(runs: list[float]) -> dict[str, Any]:
    """How much the lead differs from start to start; nobody states a goal for it."""
    spread = round(max(runs) - min(runs), 1)
    return row("start lead, spread of the warm runs", runs, spread, float("inf"), "", "") | {
        "goal": "",
        "met": None,
    }


if __name__ == "__main__":
    main()
