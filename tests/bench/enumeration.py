"""Whether the time of an answer tells who has an account: `scripts/bench enumeration [--runs 3]`.

Requests for addresses with and without an account alternate. In each run the medians may differ by less than
3 %, and a Mann-Whitney test must find no difference (p > .01). Each address is asked for once: limits count
by account.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from scipy.stats import mannwhitneyu  # type: ignore[import-untyped]  # it ships no types

from tests.serving import Serving

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD: Final = "a lamp beside the harbour"
MOST_DIFFERENCE: Final = 0.03
LEAST_P: Final = 0.01
WARM: Final = 20
ROUTES: Final = {
    "login": ("/api/auth/login", {"password": "something else"}),
    "reset": ("/api/auth/request-password-reset", {}),
}


def main() -> None:
    """Print each run, and the rows as JSON in the last line."""
    parser = argparse.ArgumentParser(prog="scripts/bench enumeration")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--requests", type=int, default=200)
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="soundwell-bench-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with Serving(folder / "data", env={"LOG_LEVEL": "warning"}) as site:
            for run, route in itertools.product(range(options.runs), ROUTES):
                rows += _run(site, f"{route}{run}", route, options.requests)
    sys.stdout.write(json.dumps({"bench": "enumeration", "rows": rows}) + "\n")


def _run(site: Serving, name: str, route: str, count: int) -> list[dict[str, Any]]:
    """So many requests of each kind, in turn."""
    connection = http.client.HTTPConnection(urlsplit(site.address).netloc)
    for number in range(count + WARM):
        _post(
            connection, "/api/auth/register", {"email": f"{name}{number}@known.example", "password": PASSWORD}
        )
    path, body = ROUTES[route]
    took: dict[str, list[float]] = {"known": [], "nobody": []}
    for number, kind in _turns(count + WARM):
        begun = time.perf_counter()
        _post(connection, path, {"email": f"{name}{number}@{kind}.example", **body})
        if number >= WARM:
            took[kind].append(time.perf_counter() - begun)
    medians = {kind: statistics.median(times) for kind, times in took.items()}
    difference = abs(medians["known"] / medians["nobody"] - 1)
    p = float(mannwhitneyu(took["known"], took["nobody"]).pvalue)
    sys.stdout.write(f"{name} {json.dumps({'medians_s': medians, 'difference': difference, 'p': p})}\n")
    return [
        _row(
            f"{name}: difference of medians", difference, f"< {MOST_DIFFERENCE}", difference < MOST_DIFFERENCE
        ),
        _row(f"{name}: Mann-Whitney p", p, f"> {LEAST_P}", p > LEAST_P),
    ]


def _turns(count: int) -> Iterator[tuple[int, str]]:
    """Who is asked for next: first one, then the other, so that neither always follows."""
    for number in range(count):
        pair = ("known", "nobody") if number % 2 else ("nobody", "known")
        yield from ((number, kind) for kind in pair)


def _post(connection: http.client.HTTPConnection, path: str, body: dict[str, str]) -> None:
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    if answer.status not in {201, 202, 401}:
        raise RuntimeError(f"{path}: {answer.status}")


def _row(what: str, figure: float, goal: str, met: bool) -> dict[str, Any]:  # noqa: FBT001 - a row's own field
    return {
        "what": what,
        "figure": round(figure, 5),
        "unit": "",
        "goal": goal,
        "met": met,
        "peer": "an address without an account",
        "peer_figure": "",
    }


if __name__ == "__main__":
    main()
