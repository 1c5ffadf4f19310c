"""Station sources: sound as a pure function of recipe, pool seed and second on the epoch's clock."""

import numpy as np
from numpy.typing import NDArray

from dsp.base.keyed import hash64, hash_text
from dsp.listen.sources.ambient import ambient_granule
from dsp.listen.sources.gains import POOL_SIZE, STATION_GAINS, TARGET_LUFS
from dsp.listen.sources.noise import COLORS, noise_granule
from dsp.listen.sources.rain import rain_granule

__all__ = ["RECIPES", "granule", "loudness_lufs", "pool_seed", "station_gain"]

RECIPES = ("bed:ambient", "texture:rain", *(f"noise:{color}" for color in COLORS))


def granule(recipe: str, seed: int, index: int) -> NDArray[np.float32]:
    """Second `index` of a station, float32 (2, 48000) in C order, before its station gain.

    Recipes are `bed:ambient`, `texture:rain`, `noise:<colour>` and `noise:<colour>:<octave band 0…9>`.
    """
    kind, name, *band = recipe.split(":")
    if kind == "noise":
        return noise_granule(name, int(band[0]) if band else None, seed, index)
    return {"bed:ambient": ambient_granule, "texture:rain": rain_granule}[recipe](seed, index)


def pool_seed(seed: int, layer: str) -> int:
    """Which of the four station seeds an instance with `seed` hears in the layer called `layer`."""
    return hash64(seed, hash_text(layer)) % POOL_SIZE


def station_gain(recipe: str, seed: int) -> float:
    """Linear gain that brings a station to −23 LUFS, all bands of a noise together; `seed` is a pool seed."""
    return STATION_GAINS[recipe][seed] if recipe in STATION_GAINS else 0.1


def loudness_lufs(recipe: str) -> float:
    """Loudness of a recipe after its station gain: the same for all, by construction."""
    if recipe not in RECIPES:
        raise KeyError(recipe)
    return TARGET_LUFS
