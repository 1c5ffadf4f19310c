"""What each kind of layer adds to a listener's CPU, against the load units that it is admitted by.

`scripts/bench cost [--rounds N]`: one unit is four gliding voices, a bed and AM, rendered in the same run.
The last line is one JSON object.
"""

import argparse
import time
from collections.abc import Iterator
from statistics import median
from typing import Any, Final

from dsp.listen import (
    GranuleCache,
    Plan,
    Span,
    open_instance,
    parse_program,
    prepare,
    program_cost,
    render_batch,
)
from tests.bench.tools.report import Row, print_report

LISTENERS: Final = 48
PACKET: Final = 4800
PACKETS: Final = 10
START: Final = 48_000
"""Frames after which the bell rings."""
WITHIN: Final = 1.25
CACHE: Final = GranuleCache()

_GLIDE: Final = [[0, 10], [120, 16]]
_VOICES: Final = [{"carrier_hz": 200 + 20 * i, "beat_hz": _GLIDE} for i in range(4)]
_TONES: Final = {"kind": "binaural", "level": 40, "voices": _VOICES}
_RAIN: Final = {"kind": "texture", "recipe": "rain", "level": 40}
_SPUN: Final = _RAIN | {"spatial": {"rate_hz": 0.5, "width_us": 650}}
REFERENCE: Final[dict[str, Any]] = {"tones": _TONES, "bed": {"kind": "bed", "recipe": "ambient", "level": 40}}
ADDED: Final[dict[str, dict[str, Any]]] = {
    "four more voices": _TONES,
    "a texture": _RAIN,
    "a texture that moves around the head": _SPUN,
    "noise": {"kind": "noise", "color": "pink", "level": 40},
    "noise, three bands set": {
        "kind": "noise",
        "color": "pink",
        "level": 40,
        "bands_db": [0, 3, 0, -6, 0, 2] + [0] * 4,
    },
    "isochronic tone": {"kind": "isochronic", "carrier_hz": 220, "rate_hz": 9.5, "level": 20},
    "a bell that rings": {"kind": "bell", "level": 30, "at_s": [0.5]},
    "a bell struck every second": {"kind": "bell", "level": 30, "at_s": list(range(8)), "decay_s": 2},
}


def cost_rows(rounds: int) -> Iterator[Row]:
    """Units that each addition takes, the median of rounds that each measure the reference anew."""
    base = _plans(REFERENCE)
    unit = program_cost(base[0].instance.program)
    for what, layer in ADDED.items():
        plans = _plans(REFERENCE | {"added": layer})
        stored = program_cost(plans[0].instance.program) - unit
        shares = []
        for _ in range(rounds):
            before, after = _cpu_s(base), _cpu_s(plans)
            shares.append(after / before - 1.0)
        taken = median(shares)
        yield Row(f"{what} adds", taken, "units", f"<= {WITHIN} x {stored:.2f}", taken <= WITHIN * stored)


def _plans(layers: dict[str, Any]) -> list[Plan]:
    modulation = {"rate_hz": _GLIDE, "depth": 45}
    body = {"v": 1, "title": "", "mode": "focus", "layers": layers, "modulation": modulation}
    program = parse_program(body)
    plans = [prepare(open_instance(program, seed=i, live_frame=960 * 10_000_000)) for i in range(LISTENERS)]
    _cpu_s(plans)
    return plans


def _cpu_s(plans: list[Plan]) -> float:
    begin = time.process_time()
    for packet in range(PACKETS):
        render_batch([Span(plan, START + packet * PACKET, PACKET) for plan in plans], CACHE, "s16", 24)
    return time.process_time() - begin


def main() -> None:
    """Measure, print each row, and last one JSON object."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=7, help="of which the median counts")
    print_report("cost", cost_rows(options.parse_args().rounds))


if __name__ == "__main__":
    main()
