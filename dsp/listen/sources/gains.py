"""Station gains: what brings each recipe to −23 LUFS before anyone has moved a slider.

Those of beds and textures are measured by `python -m dsp.listen.sources.calibrate` and kept here, because a
session's gain must not depend on a measurement; those of noise follow from its spectrum.
"""

from functools import cache
from typing import Final

from dsp.base.units import db_to_gain
from dsp.listen.sources.noise import power_spectrum
from dsp.measure.loudness import spectrum_lufs

TARGET_LUFS: Final = -23.0
POOL_SIZE: Final = 4
MEASURED: Final[dict[str, tuple[float, ...]]] = {
    "bed:ambient": (0.09613, 0.10487, 0.09855, 0.10055),
    "bed:lofi": (0.62832, 0.51569, 0.56118, 0.58999),
    "bed:piano": (0.33342, 0.33390, 0.30528, 0.32313),
    "bed:drone": (0.31329, 0.29482, 0.31417, 0.31091),
    "bed:minimal": (0.25449, 0.25250, 0.25767, 0.24412),
    "texture:rain": (0.88517, 0.89966, 0.86487, 0.85199),
    "texture:ocean": (1.49936, 1.40347, 1.39326, 1.43231),
    "texture:wind": (0.65503, 0.65823, 0.62859, 0.66792),
    "texture:stream": (1.00235, 0.99574, 1.02323, 1.02062),
    "texture:fire": (1.28325, 1.26832, 1.29041, 1.26002),
    "texture:night": (1.54260, 1.54621, 1.56235, 1.50344),
}
"""Linear gain of each pool seed."""


def station_gain(recipe: str, seed: int) -> float:
    """Linear gain that brings a station to −23 LUFS; the bands of a noise together; `seed` is a pool seed."""
    kind, name, *_ = recipe.split(":")
    return _noise_gain(name) if kind == "noise" else MEASURED[recipe][seed]


@cache
def _noise_gain(color: str) -> float:
    frequencies_hz, power = power_spectrum(color)
    return db_to_gain(TARGET_LUFS - spectrum_lufs(frequencies_hz, power, channels=2))
