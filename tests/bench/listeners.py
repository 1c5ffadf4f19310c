"""How many listeners a core carries, what each costs, and how far that is from a bare C sender.

`scripts/bench listeners [--forms own shared opus meters] [--runs 5] [--seconds 60] [--warm 20] [--count N]`

The web process is alone on one core; the listeners (`load/listeners.c`, which obey `wire.md` §6), database
and bus share the other. A run passes when no listener falls below half of its horizon, none runs dry, and
the server uses at most 80 % of its core. Figures per listener are processor time for a second of sound,
and memory that each of the second half of them adds to what there was, shared sound apart.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.bench.load.guests import Guest, guests
from tests.serving import Serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import psutil

SERVER_CORE: Final = 0
OTHER_CORE: Final = 1
SECONDS: Final = 60.0
WARM_S: Final = 20.0
OPENS_PER_S: Final = 40.0
MOST_SHARE: Final = 0.8
MOST_RATIO: Final = 6
LEAST_HORIZON: Final = 0.5
PACKET_BYTES: Final = 4 + 24 + 4_800 * 4
PACKETS_PER_S: Final = 10
LOAD: Final = Path(__file__).parent / "load"
WORKS: Final = ("render", "encode", "granules", "inbound", "send", "loop")


@dataclass(frozen=True, slots=True)
class Form:
    """One way of listening, and how many of it a core has to carry."""

    goal: int
    instances: int = 0
    """Listeners share so many instances; 0: each has its own."""
    codec: str = "s16"
    meters: bool = False


FORMS: Final[Mapping[str, Form]] = {
    "own": Form(1_500),
    "shared": Form(4_000, instances=10),
    "meters": Form(1_200, meters=True),
    "opus": Form(250, codec="opus"),
}


def main() -> None:
    """Measure the forms asked for and print the rows as JSON in the last line."""
    options = _options()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="soundwell-bench-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o711)
        programs = {one: _compiled(one, folder) for one in ("listeners", "sender")}
        for form in options.forms:
            runs = []
            for _ in range(options.runs):
                runs.append(_run(form, FORMS[form], options, folder, programs))
                sys.stdout.write(f"{form} {json.dumps(runs[-1])}\n")
                sys.stdout.flush()
            rows += _rows(form, FORMS[form], runs)
    sys.stdout.write(json.dumps({"bench": "listeners", "rows": rows}) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench listeners")
    parser.add_argument("--forms", nargs="+", choices=list(FORMS), default=list(FORMS))
    parser.add_argument("--count", type=int, help="listeners; the goal if left out")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--warm", type=float, default=WARM_S)
    parser.add_argument("--opens-per-s", type=float, default=OPENS_PER_S)
    return parser.parse_args()


def _compiled(name: str, folder: Path) -> Path:
    program = folder / name
    command = ["gcc", "-O2", "-o", str(program), str(LOAD / f"{name}.c")]
    subprocess.run(command, check=True)
    return program


def _run(
    name: str, form: Form, options: argparse.Namespace, folder: Path, programs: Mapping[str, Path]
) -> dict[str, Any]:
    """One server, its listeners, and the bare sender after them."""
    count = options.count or form.goal
    with _served(folder / f"{name}-{time.monotonic_ns()}", count) as site, _load(site, programs) as load:
        web = site.member("web")
        wanted = guests(site, count, form)
        _open_all(load, islice(wanted, count // 2), options.opens_per_s)
        half_bytes = _own_bytes(site, web)
        _open_all(load, wanted, options.opens_per_s)
        time.sleep(options.warm)  # the server and the load are processes of their own: this one only looks on
        before = _used(site, web)
        _tell(load, "measure")
        time.sleep(options.seconds)
        _tell(load, "stop")
        after = _used(site, web)
        books = json.loads(load.stdout.readline()) if load.stdout else {}
        bytes_each = (_own_bytes(site, web) - half_bytes) / (count - count // 2)
    floor_us = _bare_us(programs["sender"], min(count, 1_000))
    return _figures(books, before, after, bytes_each, floor_us)


@contextmanager
def _served(folder: Path, count: int) -> Iterator[Serving]:
    """A server whose web process has a core of its own."""
    folder.mkdir(mode=0o711)
    # an encoder counts six units, and from half of the capacity on there is none
    env = {"CAPACITY": str(16 * count), "LOG_LEVEL": "warning"}
    with Serving(folder, env=env) as site:
        for member in site.family():
            _pin(member, OTHER_CORE)
        _pin(site.member("web"), SERVER_CORE)
        yield site


@contextmanager
def _load(site: Serving, programs: Mapping[str, Path]) -> Iterator[subprocess.Popen[str]]:
    """The listeners' process, on the other core."""
    host = site.address.removeprefix("http://")
    command = [
        "taskset",
        "-c",
        str(OTHER_CORE),
        str(programs["listeners"]),
        host.rpartition(":")[2],
        host,
    ]
    load = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield load
    finally:
        load.kill()
        load.wait()


def _pin(process: psutil.Process, core: int) -> None:
    for thread in process.threads():
        os.sched_setaffinity(thread.id, {core})


def _open_all(load: subprocess.Popen[str], wanted: Iterator[Guest], opens_per_s: float) -> None:
    """One after the other, evenly: a crowd that arrives at once is another test."""
    begun = time.monotonic()
    for number, guest in enumerate(wanted):
        time.sleep(max(0.0, begun + number / opens_per_s - time.monotonic()))
        _tell(load, f"open {guest.start} " + " ".join(one.hex() for one in guest.messages))


def _tell(load: subprocess.Popen[str], line: str) -> None:
    assert load.stdin is not None
    load.stdin.write(line + "\n")
    load.stdin.flush()


def _used(site: Serving, web: psutil.Process) -> dict[str, float]:
    """Processor seconds of the web process so far, whole and by what they went to."""
    times = web.cpu_times()
    used = {"whole": times.user + times.system}
    for line in site.get("/metrics")[1].decode().splitlines():
        for work in WORKS:
            if line.startswith(f'soundwell_cpu_seconds_total{{work="{work}"}}'):
                used[work] = float(line.split()[-1])
    return used


def _own_bytes(site: Serving, web: psutil.Process) -> float:
    """Memory of the web process without the sound that listeners share, which has a bound of its own."""
    lines = site.get("/metrics")[1].decode().splitlines()
    shared = sum(float(line.split()[-1]) for line in lines if line.startswith("soundwell_shared_bytes"))
    return web.memory_info().rss - shared


def _bare_us(sender: Path, connections: int) -> float:
    """What the bytes alone cost."""
    command = ["taskset", "-c", str(SERVER_CORE), str(sender), str(connections), "4"]
    command += [str(PACKET_BYTES), str(PACKETS_PER_S), str(OTHER_CORE)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _figures(
    books: Mapping[str, float],
    before: Mapping[str, float],
    after: Mapping[str, float],
    bytes_each: float,
    bare_us: float,
) -> dict[str, Any]:
    heard_s = books["frames"] / 48_000
    each_us = {key: (after[key] - before[key]) / heard_s * 1e6 for key in after}
    share = (after["whole"] - before["whole"]) / books["seconds"]
    count = int(books["listeners"])
    is_heard = books["underruns"] == 0 and books["gaps"] == 0 and books["low"] >= LEAST_HORIZON
    return {
        "listeners": count,
        "playing": books["playing"],
        "passed": is_heard and books["playing"] == count and share <= MOST_SHARE,
        "core": round(share, 3),
        "at_80_percent": int(count * MOST_SHARE / share),
        "underruns": books["underruns"],
        "gaps": books["gaps"],
        "lowest_horizon": books["low"],
        "us_each": {key: round(value, 1) for key, value in each_us.items()},
        "bare_us": bare_us,
        "ratio": round(each_us["whole"] / bare_us, 2),
        "kb_each": round(bytes_each / 1000, 1),
    }


def _rows(name: str, form: Form, runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The runs of one form, against its goals; each figure is the median."""
    passed = min((run["listeners"] if run["passed"] else 0) for run in runs)
    us = statistics.median(float(run["us_each"]["whole"]) for run in runs)
    bare_us, ratio, kb = (
        statistics.median(float(run[key]) for run in runs) for key in ("bare_us", "ratio", "kb_each")
    )
    most_us, most_kb = MOST_SHARE / form.goal * 1e6, 100 if form.codec == "opus" else 40
    found = (
        ("listeners on a core", passed, "", f">= {form.goal}", passed >= form.goal),
        ("processor time per listener-second", us, "us", f"<= {most_us:.0f}", us <= most_us),
        ("times a bare C sender", ratio, "", f"<= {MOST_RATIO}", ratio <= MOST_RATIO),
        ("memory per stream", kb, "KB", f"<= {most_kb}", kb <= most_kb),
    )
    peer = {"peer": "a bare C sender", "peer_figure": f"{bare_us} us", "runs": len(runs)}
    return [
        {"what": f"{name}: {what}", "figure": figure, "unit": unit, "goal": goal, "met": is_met, **peer}
        for what, figure, unit, goal, is_met in found
    ]


if __name__ == "__main__":
    main()
