"""What a library screen filters by: what a program is made of, and how strong its effect is."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from dsp.listen.program import IsochronicLayer, NoiseLayer, StationLayer, ToneLayer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dsp.listen import Program
    from dsp.listen.program import Trajectory

Genre = Literal["ambient", "lofi", "piano", "drone", "minimal", "nature", "noise", "tones"]
Effect = Literal["none", "low", "medium", "high"]

GENRES: Final[Mapping[str, Genre]] = MappingProxyType(
    {"ambient": "ambient", "lofi": "lofi", "piano": "piano", "drone": "drone", "minimal": "minimal"}
)
"""By recipe of the bed; every texture is nature."""
LEAST_MEDIUM: Final = 32
LEAST_HIGH: Final = 60
"""Per cent: the steps of Intensity between low (20), medium (45) and high (75)."""


@dataclass(frozen=True, slots=True)
class Traits:
    """Genre and effect of a program."""

    genre: Genre
    effect: Effect


def traits_of(program: Program) -> Traits:
    """By the layer that is loudest at the beginning, and by the greatest depth that is reached."""
    return Traits(_genre(program), _effect(program))


def _genre(program: Program) -> Genre:
    heard = [layer for layer in program.layers if isinstance(layer, NoiseLayer | StationLayer)]
    loudest = max(heard, key=lambda layer: layer.level.start, default=None)
    if loudest is None or loudest.level.start == 0.0:
        return "tones"
    return "noise" if isinstance(loudest, NoiseLayer) else GENRES.get(loudest.recipe, "nature")


def _effect(program: Program) -> Effect:
    depth = max((frame.value for course in _depths(program) for frame in course.keyframes), default=0.0)
    if depth >= LEAST_HIGH:
        return "high"
    if depth >= LEAST_MEDIUM:
        return "medium"
    return "low" if depth > 0.0 else "none"


def _depths(program: Program) -> Iterator[Trajectory]:
    """Everything that Intensity may move."""
    if program.modulation is not None:
        yield program.modulation.depth
    for layer in program.layers:
        if isinstance(layer, IsochronicLayer | ToneLayer):
            yield layer.level
