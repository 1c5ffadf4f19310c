"""Station sources: sound as a pure function of recipe, pool seed and second on the epoch's clock."""

import numpy as np
from numpy.typing import NDArray

from dsp.base.keyed import hash64, hash_text
from dsp.listen.sources.ambient import ambient_granule
from dsp.listen.sources.gains import POOL_SIZE, TARGET_LUFS, station_gain
from dsp.listen.sources.noise import COLORS, noise_granule
from dsp.listen.sources.rain import rain_granule

__all__ = ["POOL_SIZE", "RECIPES", "granule", "loudness_lufs", "pool_seed", "station_gain"]

_PLAYED = {"bed:ambient": ambient_granule, "texture:rain": rain_granule}
RECIPES = (*_PLAYED, *(f"noise:{color}" for color in COLORS))


def granule(recipe: str, seed: int, index: int) -> NDArray[np.float32]:
    """Second `index` of a station, float32 (2, 48000) in C order, before its station gain.

    Recipes are those of `RECIPES`, and `noise:<colour>:<0…9>` for the octave bands that sum to the colour.
    """
    if recipe in _PLAYED:
        return _PLAYED[recipe](seed, index)
    color, *band = recipe.removeprefix("noise:").split(":")
    return noise_granule(color, int(band[0]) if band else None, seed, index)


def pool_seed(seed: int, layer: str) -> int:
    """Which of the four station seeds an instance with `seed` hears in the layer called `layer`."""
    return hash64(seed, hash_text(layer)) % POOL_SIZE


def loudness_lufs(recipe: str) -> float:
    """Loudness of a recipe at its station gain: the same for all, by construction."""
    if recipe not in RECIPES:
        raise KeyError(recipe)
    return TARGET_LUFS
