"""Presets as the server tells them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from clients.desktop.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clients.desktop.api import Api

Method = Literal["am", "isochronic", "binaural"]
Values = dict[str, float | str]
METHODS: Final[Mapping[str, Method]] = {
    "am": "am",
    "iso": "isochronic",
    "isochronic": "isochronic",
    "binaural": "binaural",
}


@dataclass(frozen=True, slots=True)
class Preset:
    """What one command starts."""

    id: str
    mode: str
    title: str
    line: str
    minutes: int
    intensity: int
    method: Method
    intensity_address: Mapping[Method, str]
    """Which parameter Intensity moves, by method."""
    layers: Mapping[str, str]
    """The parameter of each layer's level."""
    levels: Mapping[str, int]
    """What these levels are, per cent."""
    program: Mapping[str, Any] | None = None
    """Of an own preset, which the server does not know by name."""

    def values(self, method: Method, intensity: float) -> Values:
        """The patch that switches to a method at this intensity; the other two fall silent."""
        wanted = self.intensity_address[method]
        return {
            address: float(intensity if address == wanted else 0)
            for address in self.intensity_address.values()
        }


async def fetch_presets(api: Api) -> tuple[Preset, ...]:
    """All presets in the server's order."""
    return tuple(_preset(item) for item in (await api.get("/api/presets"))["presets"])


def find_preset(presets: Sequence[Preset], name: str) -> Preset:
    """By id, mode or title, whatever the case; raises Misuse."""
    wanted = name.casefold().replace("-", "_").replace(" ", "_")
    for preset in presets:
        if wanted in {preset.id, preset.title.casefold().replace(" ", "_")}:
            return preset
    raise Misuse(f'There is no preset "{name}"; there are {", ".join(preset.id for preset in presets)}.')


def _preset(item: Mapping[str, Any]) -> Preset:
    return Preset(
        id=item["id"],
        mode=item["mode"],
        title=item["title"],
        line=item["line"],
        minutes=item["minutes"],
        intensity=item["intensity"],
        method=item["method"],
        intensity_address=item["intensity_address"],
        layers={layer["id"]: layer["address"] for layer in item["layers"]},
        levels={layer["id"]: layer["level"] for layer in item["layers"]},
    )
