"""A hundred letters on a bad day: the mail server away, then refusing, the worker killed with -9 twice.

`scripts/bench mail [--seconds 60]`: so long it is away, and so long it refuses.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from tests.peers.mailstorm import LETTERS, Storm

SECONDS: Final = 60.0
PATIENCE_S: Final = 600.0


def main() -> None:
    """Run the day once and print what came of it; the last line is JSON."""
    parser = argparse.ArgumentParser(prog="scripts/bench mail")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory(prefix="soundwell-bench-", dir="/tmp") as name:
        Path(name).chmod(0o711)
        storm = Storm(Path(name) / "mail", away_s=seconds, refusing_s=seconds, patience_s=PATIENCE_S)
        storm.run()
    for failure in storm.failed:
        sys.stdout.write(f"failed: {failure}\n")
    rows = [
        _row("letters that arrived", len(storm.arrived), "letters", LETTERS, len(storm.arrived) == LETTERS),
        _row("letters that arrived again", storm.twice, "letters", storm.kills, storm.twice <= storm.kills),
        _row("requests that failed", len(storm.failed), "requests", 0, not storm.failed),
        _row("kills of the worker", storm.kills, "kills", 2, storm.kills == 2),
        _row("until the last was sent, from the server's return", round(storm.took_s, 1), "s", None, None),
    ]
    for row in rows:
        sys.stdout.write(f"{row['what']:<52}{row['figure']:>8} {row['unit']}\n")
    sys.stdout.write(json.dumps({"bench": "mail", "rows": rows}) + "\n")


def _row(what: str, figure: float, unit: str, goal: float | None, met: bool | None) -> dict[str, Any]:  # noqa: FBT001 - a column
    return {
        "what": what,
        "figure": figure,
        "unit": unit,
        "goal": goal,
        "met": met,
        "peer": None,
        "peer_figure": None,
    }


if __name__ == "__main__":
    main()
