"""Measures the station gains that `gains` keeps: `python -m dsp.listen.sources.calibrate` prints them."""

import statistics
import sys
from typing import Final

import numpy as np

from dsp.base.keyed import hash64, hash_text, uniform
from dsp.base.units import db_to_gain
from dsp.listen.sources import granule
from dsp.listen.sources.gains import MEASURED, POOL_SIZE, TARGET_LUFS
from dsp.measure.loudness import integrated_lufs

EXCERPTS: Final = 24
_EXCERPT_S: Final = 8
_SPAN_S: Final = 3 * 3600
_FIRST_S: Final = 1_790_000_000


def measured_gain(recipe: str, seed: int, excerpts: int) -> float:
    """Linear gain that brings the median loudness of keyed excerpts over three hours to −23 LUFS."""
    return db_to_gain(TARGET_LUFS - statistics.median(_loudness(recipe, seed, n) for n in range(excerpts)))


def _loudness(recipe: str, seed: int, number: int) -> float:
    first = _FIRST_S + int(uniform(hash64(hash_text(recipe), seed), number) * (_SPAN_S - _EXCERPT_S))
    seconds = [granule(recipe, seed, first + second) for second in range(_EXCERPT_S)]
    return integrated_lufs(np.concatenate(seconds, axis=1))


def main() -> None:
    """Print a line for each recipe, ready for `gains`."""
    for recipe in MEASURED:
        gains = ", ".join(f"{measured_gain(recipe, seed, EXCERPTS):.5f}" for seed in range(POOL_SIZE))
        sys.stdout.write(f'"{recipe}": ({gains}),\n')


if __name__ == "__main__":
    main()
