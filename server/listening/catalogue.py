"""All built-in presets: the first of each mode, and what else there is to choose from, a few lines each."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from server.listening.presets import (
    DEEP_WORK,
    EFFECT_LEVELS,
    ENERGIZE,
    FIRST,
    FOCUS,
    MEDITATE,
    RELAX,
    SLEEP,
    Layer,
    Preset,
    layers_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

LOW, MEDIUM = EFFECT_LEVELS["low"], EFFECT_LEVELS["medium"]

SHIMMER: Final[Mapping[str, str]] = MappingProxyType(
    {
        "focus": "A steady {rate} Hz shimmer on {scene}. You asked for {level}.",
        "deep_work": "A dense {rate} Hz shimmer on {scene}. You asked for {level}.",
        "relax": "A swell of {rate} Hz on {scene}, which slows down. You asked for {level}.",
        "meditate": "A soft swell of {rate} Hz on {scene}. You asked for {level}.",
        "sleep": "A swell on {scene} that sinks from 8 to 2 Hz, so shallow that you may not notice.",
        "energize": "A quick {rate} Hz shimmer on {scene}. You asked for {level}.",
    }
)
PULSE: Final = "A tone under {scene} that pulses {rate} times a second. You asked for {level}."


def _like(
    first: Preset,
    preset_id: str,
    title: str,
    line: str,
    *,
    scene: str,
    icon: str,
    minutes: int,
    layers: tuple[Layer, ...],
    intensity: int | None = None,
) -> Preset:
    """A preset with the rates and the evidence of its mode's first, on another scene."""
    return replace(
        first,
        id=preset_id,
        title=title,
        line=line,
        icon=icon,
        minutes=minutes,
        layers=layers,
        intensity=first.intensity if intensity is None else intensity,
        why={
            "am": SHIMMER[first.mode].replace("{scene}", scene),
            "isochronic": PULSE.replace("{scene}", scene),
            "binaural": first.why["binaural"],
        },
        well=False,
        segment=False,
        chip=False,
    )


MORE: Final[tuple[Preset, ...]] = (
    _like(
        FOCUS, "reading", "Reading", "Soft beats behind a page",
        scene="slow lo-fi with a little rain", icon="leaf", minutes=30, intensity=LOW,
        layers=layers_of(lofi=55, rain=20, noise=0),
    ),
    _like(
        FOCUS, "writing", "Writing", "A quiet piano beside water",
        scene="a quiet piano beside a stream", icon="stream", minutes=45,
        layers=layers_of(piano=60, stream=25, noise=0),
    ),
    _like(
        FOCUS, "plain_noise", "Plain noise", "No music, only a cover for the room",
        scene="brown noise", icon="wind", minutes=25,
        layers=layers_of(brown=60, rain=0),
    ),
    _like(
        DEEP_WORK, "sprint", "Sprint", "A pulse that keeps moving, for half an hour",
        scene="a minimal pulse", icon="wave", minutes=30,
        layers=layers_of(minimal=60, rain=0, noise=15),
    ),
    _like(
        DEEP_WORK, "long_haul", "Long haul", "One wide tone and rain, for an hour and a half",
        scene="a wide drone in the rain", icon="rain", minutes=90, intensity=MEDIUM,
        layers=layers_of(drone=50, rain=35, noise=0),
    ),
    _like(
        RELAX, "rain_window", "Rain at the window", "Mostly rain, and a chord now and then",
        scene="rain in front of soft pads", icon="rain", minutes=30,
        layers=layers_of(rain=65, pads=30, noise=0),
    ),
    _like(
        RELAX, "by_the_sea", "By the sea", "Waves that come and go",
        scene="waves and soft pads", icon="wave", minutes=30,
        layers=layers_of(ocean=65, pads=30, wind=0),
    ),
    _like(
        RELAX, "fireside", "Fireside", "A fire, and a piano in the next room",
        scene="a fire and a quiet piano", icon="sun", minutes=30,
        layers=layers_of(fire=60, piano=40, rain=0),
    ),
    _like(
        MEDITATE, "brook", "Brook", "Running water over one low chord",
        scene="running water over a drone", icon="stream", minutes=20,
        layers=layers_of(stream=55, drone=40, night=0),
    ),
    _like(
        MEDITATE, "high_wind", "High wind", "Air over open ground",
        scene="wind over a drone", icon="wind", minutes=15,
        layers=layers_of(wind=55, drone=45, rain=0),
    ),
    _like(
        SLEEP, "night_rain", "Night rain", "Steady rain in the dark",
        scene="steady rain", icon="rain", minutes=60,
        layers=layers_of(rain=60, pads=30, noise=0),
    ),
    _like(
        SLEEP, "night_sea", "Night sea", "Slow waves under a low tone",
        scene="slow waves over a drone", icon="moon", minutes=60,
        layers=layers_of(ocean=60, drone=30, noise=0),
    ),
    _like(
        SLEEP, "summer_night", "Summer night", "Crickets far away",
        scene="a summer night", icon="moon", minutes=45,
        layers=layers_of(night=55, pads=30, stream=0),
    ),
    _like(
        SLEEP, "nap", "Nap", "Twenty minutes, and it ends by itself",
        scene="pads and brown noise", icon="cloud", minutes=20,
        layers=layers_of(pads=60, brown=35, rain=0),
    ),
    _like(
        ENERGIZE, "morning", "Morning", "Beats and running water",
        scene="lo-fi beside a stream", icon="sun", minutes=15,
        layers=layers_of(lofi=60, stream=25, noise=0),
    ),
    _like(
        ENERGIZE, "on_the_move", "On the move", "A bright pulse with air around it",
        scene="a minimal pulse in the wind", icon="wind", minutes=20,
        layers=layers_of(minimal=65, wind=20, noise=0),
    ),
)  # fmt: skip
"""Each line of the table is one that a person may choose; rates and evidence are those of the mode."""

PRESETS: Final[tuple[Preset, ...]] = (*FIRST, *MORE)

_BY_ID: Final = {preset.id: preset for preset in PRESETS}


def find_preset(preset_id: str) -> Preset | None:
    """The preset of that id, or None."""
    return _BY_ID.get(preset_id)
