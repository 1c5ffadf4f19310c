"""Six hostile clients, one after the other and all at once, while honest listeners must hear no gap.

`scripts/bench hostile [--listeners 50] [--seconds 20]`: prints for each attack what the server answered and
how the honest ones fared; all that they heard is compared with a render in this process.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.peers.heard import judge
from tests.peers.siege import ATTACKS, besieged

if TYPE_CHECKING:
    from tests.peers.siege import Fared, Siege

LISTENERS: Final = 50
SECONDS: Final = 20.0
EVERY: Final = 10
"""Of the seconds that were heard, one in so many is rendered again."""


def main() -> None:
    """Attack, print every phase, and the rows as JSON in the last line."""
    parser = argparse.ArgumentParser(prog="scripts/bench hostile")
    parser.add_argument("--listeners", type=int, default=LISTENERS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soundwell-bench-", dir="/tmp") as name:
        Path(name).chmod(0o711)
        rows = asyncio.run(_bench(Path(name), options.listeners, options.seconds))
    sys.stdout.write(json.dumps({"bench": "hostile", "rows": rows}) + "\n")


async def _bench(folder: Path, listeners: int, seconds: float) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    async with besieged(folder, listeners) as siege:
        await siege.settle(listeners)
        for names in (*([name] for name in ATTACKS), list(ATTACKS)):
            rows += await _phase(siege, names, seconds)
        reports = await asyncio.to_thread(siege.crowd.end)
    judged = [judge(report, every=EVERY) for report in reports]
    wrong = sum(len(one.wrong) for one in judged)
    seconds_checked = sum(one.checked for one in judged) / 10
    rows.append(_row(f"tenths that sounded otherwise, of {seconds_checked:.0f} s compared", wrong))
    return rows


async def _phase(siege: Siege, names: list[str], seconds: float) -> list[dict[str, Any]]:
    """One attack, or all."""
    fared, answers = await siege.attack(names, seconds)
    what = names[0] if len(names) == 1 else "all six"
    said = {name: one.to_json() for name, one in answers.items()}
    sys.stdout.write(f"{what} {json.dumps({'honest': asdict(fared), 'answers': said})}\n")
    sys.stdout.flush()
    return _rows(what, fared)


def _rows(what: str, fared: Fared) -> list[dict[str, Any]]:
    return [
        _row(f"{what}: gaps of {fared.listeners} honest listeners", fared.underruns),
        _row(f"{what}: honest listeners whose line broke", fared.lost),
    ]


def _row(what: str, figure: int) -> dict[str, Any]:
    return {
        "what": what,
        "figure": figure,
        "unit": "",
        "goal": 0,
        "met": figure == 0,
        "peer": "",
        "peer_figure": "",
    }


if __name__ == "__main__":
    main()
