"""Every built-in preset, untouched, by meters that are not ours: -20 ± 1 LUFS and at most -1 dBTP.

`scripts/bench presets [--minutes N] [--seed N] [--only ID …]`; the last line is one JSON object.
"""

import argparse
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.listen import RATE_HZ, GranuleCache, Plan, open_instance, parse_program, prepare, render
from server.listening.catalogue import PRESETS
from server.listening.presets import Preset
from tests.bench.tools import meters
from tests.bench.tools.report import Row, print_report

LIVE_FRAME: Final = RATE_HZ * 1_790_000_000
TARGET_LUFS: Final = -20.0
WITHIN_LU: Final = 1.0
CEILING_DBTP: Final = -1.0
CACHE_BYTES: Final = 1024**3
"""Presets that follow one another share stations."""


def preset_rows(presets: tuple[Preset, ...], minutes: float, seed: int) -> Iterator[Row]:
    """Loudness and true peak of each preset, each by two meters."""
    cache = GranuleCache(CACHE_BYTES)
    for preset in sorted(presets, key=lambda one: [layer.id for layer in one.layers if layer.level]):
        instance = open_instance(parse_program(preset.program()), seed=seed, live_frame=LIVE_FRAME)
        sound = _rendered(prepare(instance), round(minutes * 60), cache)
        readings = meters.ffmpeg_ebur128(sound)
        for meter, lufs in (("ffmpeg", readings["I"]), ("pyloudnorm", meters.pyloudnorm_lufs(sound))):
            met = abs(lufs - TARGET_LUFS) <= WITHIN_LU
            yield Row(f"{preset.id}: loudness by {meter}", lufs, "LUFS", "-21 to -19", met)
        peaks = {
            "ffmpeg": 20.0 * float(np.log10(readings["true_peak"])),
            "soxr x 8": meters.oversampled_peak_dbtp(sound),
        }
        for meter, dbtp in peaks.items():
            met = dbtp <= CEILING_DBTP
            yield Row(f"{preset.id}: true peak by {meter}", dbtp, "dBTP", f"<= {CEILING_DBTP:g}", met)


def _rendered(plan: Plan, seconds: int, cache: GranuleCache) -> NDArray[np.float32]:
    out = np.empty((seconds * RATE_HZ, 2), dtype=np.float32)
    for start in range(0, len(out), RATE_HZ):
        out[start : start + RATE_HZ] = render(plan, start, RATE_HZ, cache)
    return out


def main() -> None:
    """Measure, print each row, and last one JSON object."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=10.0, help="of each preset, from its start")
    options.add_argument("--seed", type=int, default=7, help="of every instance: which stations it hears")
    options.add_argument("--only", nargs="*", help="ids of the presets to measure")
    chosen = options.parse_args()
    presets = tuple(preset for preset in PRESETS if not chosen.only or preset.id in chosen.only)
    print_report("presets", preset_rows(presets, chosen.minutes, chosen.seed))


if __name__ == "__main__":
    main()
