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
    "bed:ambient": (0.09177, 0.10309, 0.09537, 0.10110),
    "texture:rain": (0.88517, 0.89966, 0.86487, 0.85199),
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
