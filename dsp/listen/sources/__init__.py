"""Station sources: sound as a pure function of recipe, pool seed and second on the epoch's clock."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.base.keyed import hash64, hash_text
from dsp.listen.sources.ambient import AMBIENT
from dsp.listen.sources.bed import bed_granule
from dsp.listen.sources.drone import DRONE
from dsp.listen.sources.fire import fire_granule
from dsp.listen.sources.gains import POOL_SIZE, TARGET_LUFS, station_gain
from dsp.listen.sources.high_band import high_band
from dsp.listen.sources.lofi import LOFI
from dsp.listen.sources.minimal import MINIMAL
from dsp.listen.sources.night import night_granule
from dsp.listen.sources.noise import COLORS, noise_granule
from dsp.listen.sources.ocean import ocean_granule
from dsp.listen.sources.piano import PIANO
from dsp.listen.sources.rain import rain_granule
from dsp.listen.sources.stream import stream_granule
from dsp.listen.sources.wind import wind_granule

__all__ = ["HIGH", "POOL_SIZE", "RECIPES", "granule", "loudness_lufs", "pool_seed", "station_gain"]

_PLAYED: Final[dict[str, Callable[[int, int], NDArray[np.float32]]]] = {
    "bed:ambient": partial(bed_granule, AMBIENT),
    "bed:lofi": partial(bed_granule, LOFI),
    "bed:piano": partial(bed_granule, PIANO),
    "bed:drone": partial(bed_granule, DRONE),
    "bed:minimal": partial(bed_granule, MINIMAL),
    "texture:rain": rain_granule,
    "texture:ocean": ocean_granule,
    "texture:wind": wind_granule,
    "texture:stream": stream_granule,
    "texture:fire": fire_granule,
    "texture:night": night_granule,
}
HIGH: Final = ":high"
"""After a bed's or a texture's name: only what lies above 1.5 kHz."""
RECIPES = (*_PLAYED, *(f"noise:{color}" for color in COLORS))


def granule(recipe: str, seed: int, index: int) -> NDArray[np.float32]:
    """Second `index` of a station, float32 (2, 48000) in C order, before its station gain.

    Recipes are those of `RECIPES`, beds and textures also with `HIGH` behind, and `noise:<colour>:<0…9>` for
    the octave bands that sum to the colour.
    """
    if recipe in _PLAYED:
        return _PLAYED[recipe](seed, index)
    if recipe.endswith(HIGH):
        whole = recipe.removesuffix(HIGH)
        return high_band(*(_kept(whole, seed, index + step) for step in (-1, 0, 1)))
    color, *band = recipe.removeprefix("noise:").split(":")
    return noise_granule(color, int(band[0]) if band else None, seed, index)


@lru_cache(maxsize=12)
def _kept(recipe: str, seed: int, index: int) -> NDArray[np.float32]:
    """Seconds that the high band of their neighbours needs again."""
    return granule(recipe, seed, index)


def pool_seed(seed: int, layer: str) -> int:
    """Which of the four station seeds an instance with `seed` hears in the layer called `layer`."""
    return hash64(seed, hash_text(layer)) % POOL_SIZE


def loudness_lufs(recipe: str) -> float:
    """Loudness of a recipe at its station gain: the same for all, by construction."""
    if recipe not in RECIPES:
        raise KeyError(recipe)
    return TARGET_LUFS
