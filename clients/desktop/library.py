"""Presets that are no server's: the person's own, and those in links."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from clients.desktop.errors import Misuse
from clients.desktop.share import sound_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clients.desktop.api import Api
    from clients.desktop.presets import Method, Preset

_SLIDERS = ("bed", "texture", "noise")
"""Kinds of layers that have a level of their own on a screen."""


async def fetch_own(api: Api, presets: Sequence[Preset]) -> tuple[Preset, ...]:
    """Own presets in the person's order; none for who was never here."""
    if not api.is_known:
        return ()
    library = await api.get_own("/api/library")
    return tuple(_playable(item, presets) for item in library["own"])


async def fetch_shared(api: Api, link: str, presets: Sequence[Preset]) -> Preset:
    """The sound of a link, as the server reads it; raises ListenerError."""
    sound = sound_in(link)
    checked = await api.change_own("POST", "/api/programs/check", {"program": sound["program"]})
    return _playable({**sound, "program": checked["program"]}, presets)


async def save(api: Api, title: str) -> None:
    """Keep the sound of what plays now, else of what was played last; raises ListenerError."""
    latest = (await api.get_own("/api/library"))["resume"]
    if latest is None:
        raise Misuse("Nothing was played yet that could be saved.")
    minutes = max(1, round(latest["planned_s"] / 60))
    await api.change_own(
        "POST", "/api/presets", {"title": title, "minutes": minutes, "session": latest["session"]}
    )


async def remove(api: Api, title: str) -> None:
    """Throw an own preset away, the first of that title; raises ListenerError."""
    for item in (await api.get_own("/api/library"))["own"]:
        if title.casefold() in {item["id"], item["title"].casefold()}:
            await api.change_own("DELETE", f"/api/presets/{item['id']}")
            return
    raise Misuse(f'You have no preset "{title}".')


def _playable(item: Mapping[str, Any], presets: Sequence[Preset]) -> Preset:
    """An own or a shared sound as a player plays it: what is not its own is that of the first of its mode."""
    program = item["program"]
    like = next((preset for preset in presets if preset.mode == item["mode"]), presets[0])
    method, intensity = _effect(program, like)
    sliders = {name: layer for name, layer in program["layers"].items() if layer["kind"] in _SLIDERS}
    return replace(
        like,
        id=item["id"],
        title=item["title"],
        line="Your own.",
        minutes=item["minutes"],
        intensity=intensity,
        method=method,
        layers={name: f"{name}.level" for name in sliders},
        levels={name: round(_first(layer["level"])) for name, layer in sliders.items()},
        program=program,
    )


def _effect(program: Mapping[str, Any], like: Preset) -> tuple[Method, int]:
    """Which method sounds, and how strong; where none does, as the others of its mode."""
    for method, address in like.intensity_address.items():
        part, _, field = address.partition(".")
        holder = program.get("modulation") if part == "am" else program["layers"].get(part)
        strength = round(_first((holder or {}).get(field, 0.0)))
        if strength > 0:
            return method, strength
    return like.method, 0


def _first(course: Any) -> float:
    """A value, or the first of its keyframes."""
    return float(course if isinstance(course, int | float) else course[0][1])
