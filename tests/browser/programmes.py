"""What the exactness tests listen to: tones; all layers; one that keeps the guard at work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

_AM: Final = {"law": "sine", "stereo": "together", "rate_hz": [[0, 10], [120, 16]], "depth": 45, "duty": 0.5}


@dataclass(frozen=True, slots=True)
class Knob:
    """A parameter that a scenario turns, and how far."""

    address: str
    low: float
    high: float
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Programme:
    """A program, what is turned in it, and how its samples travel."""

    name: str
    codec: str
    program: dict[str, Any]
    knobs: tuple[Knob, ...]


def _program(title: str, layers: dict[str, Any]) -> dict[str, Any]:
    return {
        "v": 1,
        "title": title,
        "mode": "focus",
        "layers": layers,
        "modulation": _AM,
        "output": {"gain_db": 0},
    }


def _binaural(level: float) -> dict[str, Any]:
    return {"kind": "binaural", "voices": [{"carrier_hz": 200, "beat_hz": 10, "gain": 1}], "level": level}


def _monaural(level: float) -> dict[str, Any]:
    return {"kind": "monaural", "voices": [{"carrier_hz": 250, "beat_hz": 6, "gain": 1}], "level": level}


def _isochronic(level: float, duty: float = 0.5) -> dict[str, Any]:
    edges = {"law": "raised_cosine", "attack": 0.25, "release": 0.25, "floor": 0}
    return {
        "kind": "isochronic",
        "carrier_hz": 300,
        "rate_hz": [[0, 10], [120, 16]],
        "duty": duty,
        "level": level,
        **edges,
    }


TONES: Final = Programme(
    "tones",
    "f32",
    _program("Tones", {"binaural": _binaural(60), "monaural": _monaural(30), "iso": _isochronic(40)}),
    (
        Knob("binaural.level", 20, 90),
        Knob("binaural.carrier_hz", 150, 320),
        Knob("binaural.beat_hz", 4, 16),
        Knob("iso.rate_hz", 6, 18),
        Knob("iso.level", 0, 80),
    ),
)
ALL_LAYERS: Final = Programme(
    "all layers",
    "s16",
    _program(
        "All layers",
        {
            "pads": {"kind": "bed", "recipe": "ambient", "level": 60},
            "rain": {"kind": "texture", "recipe": "rain", "level": 40},
            "noise": {"kind": "noise", "color": "pink", "bands_db": [0] * 10, "level": 40},
            "iso": _isochronic(20),
            "binaural": _binaural(30),
            "monaural": _monaural(20),
        },
    ),
    (
        Knob("pads.level", 20, 90),
        Knob("rain.level", 0, 80),
        Knob("noise.color", 0, 0, ("pink", "brown", "white", "blue")),
        Knob("noise.band_3_db", -9, 6),
        Knob("am.depth", 0, 90),
        Knob("am.rate_hz", 6, 18),
        Knob("binaural.level", 0, 60),
    ),
)
GUARDED: Final = Programme(
    "guard at work",
    "f32",
    _program(
        "Guarded", {"binaural": _binaural(20), "iso": _isochronic(20, duty=0.1), "monaural": _monaural(20)}
    ),
    (
        Knob("iso.level", 85, 100),
        Knob("binaural.level", 80, 100),
        Knob("monaural.level", 80, 100),
        Knob("output.gain_db", 4, 6),
    ),
)
WHITE: Final = Programme(
    "white noise",
    "f32",
    _program("White", {"noise": {"kind": "noise", "color": "white", "bands_db": [0] * 10, "level": 60}}),
    (),
)
"""Reaches to 24 kHz, as nothing else does."""
PROGRAMMES: Final = (TONES, ALL_LAYERS, GUARDED)
