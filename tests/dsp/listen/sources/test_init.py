import hashlib
import os
import random
import subprocess
import sys

import numpy as np
import pytest

from dsp.listen.sources import RECIPES, bed, granule, loudness_lufs, pool_seed
from tests.dsp.music.listening import STYLES

FAR = 1_800_000_000
EVERY = (*RECIPES, "noise:pink:0", "noise:white:9", "bed:lofi:high")


@pytest.mark.parametrize("recipe", EVERY)
def test_a_granule_is_one_second_of_two_ears(recipe: str) -> None:
    frames = granule(recipe, 1, FAR)
    assert frames.shape == (2, 48_000)
    assert frames.dtype == np.float32
    assert frames.flags.c_contiguous
    assert np.all(np.isfinite(frames))


@pytest.mark.parametrize("recipe", EVERY)
def test_random_order_and_cold_caches_give_the_same_bits(recipe: str) -> None:
    order = list(range(FAR, FAR + 8))
    straight = {index: granule(recipe, 2, index) for index in order}
    random.Random(5).shuffle(order)
    for number, index in enumerate(order):
        if number % 3 == 0:
            bed._played.cache_clear()
            for style in STYLES.values():
                style.compose.cache_clear()  # type: ignore[attr-defined]  # each is an lru_cache
        assert np.array_equal(granule(recipe, 2, index), straight[index])


@pytest.mark.parametrize("threads", ["1", "2"])
def test_another_process_gives_the_same_bits(threads: str) -> None:
    """Also with another number of BLAS threads."""
    code = (
        "import hashlib\nfrom dsp.listen.sources import granule\n"
        f"for recipe in {EVERY}: print(hashlib.sha256(granule(recipe, 3, {FAR}).tobytes()).hexdigest())"
    )
    environment = os.environ | {"OPENBLAS_NUM_THREADS": threads, "PYTHONHASHSEED": threads}
    printed = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout.split()
    assert printed == [hashlib.sha256(granule(recipe, 3, FAR).tobytes()).hexdigest() for recipe in EVERY]


@pytest.mark.parametrize("recipe", RECIPES)
def test_seams_are_no_larger_than_steps_inside(recipe: str) -> None:
    frames = np.concatenate([granule(recipe, 0, FAR + second) for second in range(6)], axis=1)
    steps = np.abs(np.diff(frames, axis=1))
    seams = steps[:, 47_999::48_000]
    assert seams.max() <= 0.9 * steps.max()


def test_pool_seeds_are_four_and_differ_between_layers() -> None:
    pool = [pool_seed(seed, "rain") for seed in range(1000)]
    assert set(pool) == {0, 1, 2, 3}
    assert min(pool.count(number) for number in range(4)) > 200
    assert pool != [pool_seed(seed, "pads") for seed in range(1000)]


def test_recipes_are_named() -> None:
    assert loudness_lufs("bed:ambient") == -23.0
    with pytest.raises(KeyError):
        loudness_lufs("bed:polka")
    with pytest.raises(KeyError):
        granule("noise:polka", 0, 0)
