"""Presets: what the page shows of one and the program that it opens; and the first of each mode."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from server.listening.evidence import ALERTNESS, ATTENTION, CALM, Evidence

if TYPE_CHECKING:
    from collections.abc import Mapping

EFFECT_LEVELS: Final[Mapping[str, int]] = MappingProxyType({"low": 20, "medium": 45, "high": 75})
"""Depth of the modulation in per cent; the page's Intensity is the same number."""

INTENSITY_ADDRESS: Final[Mapping[str, str]] = MappingProxyType(
    {"am": "am.depth", "isochronic": "iso.level", "binaural": "binaural.level"}
)
"""Which parameter Intensity moves for each method; the other two stand at 0."""

Method = Literal["am", "isochronic", "binaural"]
Keyframes = tuple[tuple[float, ...] | tuple[float, float, str], ...]


@dataclass(frozen=True, slots=True)
class Sound:
    """Something that can lie under Texture."""

    label: str
    icon: str
    source: Mapping[str, Any]
    """The layer as it stands in a program, without its level."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One slider under Texture."""

    id: str
    level: int
    """0 to 100."""

    @property
    def sound(self) -> Sound:
        """What the slider moves."""
        return SOUNDS[self.id]


@dataclass(frozen=True, slots=True)
class Preset:
    """What one press starts."""

    id: str
    mode: str
    title: str
    line: str
    """One sentence under the name."""
    icon: str
    minutes: int
    intensity: int
    """Per cent, from `EFFECT_LEVELS` but for sleep, which is shallower than low."""
    rate_hz: Keyframes
    carrier_hz: float
    layers: tuple[Layer, ...]
    why: Mapping[str, str]
    """One sentence per method; `{rate}` and `{level}` are what is heard now, in the page's words."""
    evidence: Evidence
    well: bool = False
    segment: bool = False
    chip: bool = False
    depth: Keyframes | None = None
    """Per cent over time where the depth itself has a course."""
    stretches: bool = False
    """The times of the keyframes are shares of the listening's length, not seconds."""
    method: Method = "am"

    @property
    def duration_s(self) -> float:
        """The length that one press asks for."""
        return self.minutes * 60.0

    def methods(self) -> dict[str, dict[str, float]]:
        """The patch that switches to each method at this preset's intensity."""
        return {
            method: {
                other: float(self.intensity if other == address else 0)
                for other in INTENSITY_ADDRESS.values()
            }
            for method, address in INTENSITY_ADDRESS.items()
        }

    def program(self, duration_s: float | None = None) -> dict[str, Any]:
        """The program as JSON; a stretching preset takes its course over `duration_s`."""
        scale = (duration_s or self.duration_s) if self.stretches else 1.0
        rate_hz = _timed(self.rate_hz, scale)
        depth = _timed(self.depth, scale) if self.depth else self.intensity
        return {
            "v": 1,
            "title": self.title,
            "mode": self.mode,
            "layers": {
                **{layer.id: {**layer.sound.source, "level": layer.level} for layer in self.layers},
                "iso": {
                    "kind": "isochronic",
                    "carrier_hz": self.carrier_hz,
                    "rate_hz": rate_hz,
                    "duty": 0.5,
                    "law": "raised_cosine",
                    "attack": 0.25,
                    "release": 0.25,
                    "floor": 0,
                    "level": 0,
                },
                "binaural": {
                    "kind": "binaural",
                    "voices": [{"carrier_hz": self.carrier_hz, "beat_hz": rate_hz, "gain": 1}],
                    "level": 0,
                },
            },
            "modulation": {
                "law": "sine",
                "stereo": "together",
                "rate_hz": rate_hz,
                "depth": depth,
                "duty": 0.5,
            },
            "output": {"gain_db": 0},
        }


def _timed(keyframes: Keyframes, scale: float) -> list[list[Any]]:
    return [[point[0] * scale, *point[1:]] for point in keyframes]


def _bed(label: str, recipe: str) -> Sound:
    return Sound(label, "wave", {"kind": "bed", "recipe": recipe})


def _texture(label: str, icon: str, recipe: str) -> Sound:
    return Sound(label, icon, {"kind": "texture", "recipe": recipe})


def _noise(label: str, color: str) -> Sound:
    return Sound(label, "wind", {"kind": "noise", "color": color, "bands_db": [0] * 10})


SOUNDS: Final[Mapping[str, Sound]] = MappingProxyType(
    {
        "pads": _bed("Pads", "ambient"),
        "lofi": _bed("Lo-fi", "lofi"),
        "piano": _bed("Piano", "piano"),
        "drone": _bed("Drone", "drone"),
        "minimal": _bed("Pulse", "minimal"),
        "rain": _texture("Rain", "rain", "rain"),
        "ocean": _texture("Sea", "wave", "ocean"),
        "wind": _texture("Wind", "wind", "wind"),
        "stream": _texture("Stream", "stream", "stream"),
        "fire": _texture("Fire", "sun", "fire"),
        "night": _texture("Night", "moon", "night"),
        "noise": _noise("Noise", "pink"),
        "brown": _noise("Brown noise", "brown"),
    }
)
"""By the name of the layer."""


def layers_of(**levels: int) -> tuple[Layer, ...]:
    """Sliders in the order of the words."""
    return tuple(Layer(sound, level) for sound, level in levels.items())


HEADPHONES: Final = "Only headphones make them meet. You asked for {level}."

FOCUS: Final = Preset(
    id="focus",
    mode="focus",
    title="Focus",
    line="Steady and bright, to stay with one thing",
    icon="well",
    minutes=25,
    intensity=EFFECT_LEVELS["medium"],
    rate_hz=((0.0, 10.0), (120.0, 16.0)),
    carrier_hz=200.0,
    layers=layers_of(pads=60, rain=20, noise=0),
    why={
        "am": "A steady {rate} Hz shimmer on soft pads, with a little rain in front. You asked for {level}.",
        "isochronic": "A soft tone that pulses {rate} times a second under the pads. You asked for {level}.",
        "binaural": f"Two tones, {{rate}} Hz apart, one in each ear. {HEADPHONES}",
    },
    evidence=ATTENTION,
    well=True,
    segment=True,
)

DEEP_WORK: Final = Preset(
    id="deep_work",
    mode="deep_work",
    title="Deep work",
    line="Dense and even, for fifty minutes of one task",
    icon="wave",
    minutes=50,
    intensity=EFFECT_LEVELS["high"],
    rate_hz=((0.0, 12.0), (120.0, 16.0), (1500.0, 18.0)),
    carrier_hz=180.0,
    layers=layers_of(pads=50, rain=0, noise=30),
    why={
        "am": "A strong {rate} Hz shimmer on pads, with pink noise to cover the room. You asked for {level}.",
        "isochronic": "A tone that pulses {rate} times a second, over pink noise. You asked for {level}.",
        "binaural": f"Two tones, {{rate}} Hz apart, one in each ear, over pink noise. {HEADPHONES}",
    },
    evidence=ATTENTION,
    chip=True,
)

RELAX: Final = Preset(
    id="relax",
    mode="relax",
    title="Relax",
    line="Slow and warm, to let the day go",
    icon="stream",
    minutes=20,
    intensity=EFFECT_LEVELS["low"],
    rate_hz=((0.0, 10.0), (600.0, 8.0)),
    carrier_hz=160.0,
    layers=layers_of(pads=60, rain=35, noise=0),
    why={
        "am": "Pads and rain that move {rate} times a second, and slow down. You asked for {level}.",
        "isochronic": "A low tone that pulses {rate} times a second, and slows down. You asked for {level}.",
        "binaural": f"Two low tones, {{rate}} Hz apart, one in each ear. {HEADPHONES}",
    },
    evidence=CALM,
    well=True,
    segment=True,
)

MEDITATE: Final = Preset(
    id="meditate",
    mode="meditate",
    title="Meditate",
    line="Wide and still, to sit with",
    icon="leaf",
    minutes=15,
    intensity=EFFECT_LEVELS["low"],
    rate_hz=((0.0, 8.0), (180.0, 6.0)),
    carrier_hz=140.0,
    layers=layers_of(pads=70, rain=0, noise=0),
    why={
        "am": "Long chords that breathe {rate} times a second, very softly. You asked for {level}.",
        "isochronic": "A low tone pulses {rate} times a second under long chords. You asked for {level}.",
        "binaural": f"Two low tones, {{rate}} Hz apart, one in each ear. {HEADPHONES}",
    },
    evidence=CALM,
    segment=True,
)

SLEEP: Final = Preset(
    id="sleep",
    mode="sleep",
    title="Sleep",
    line="Deep and dark, and it ends by itself",
    icon="moon",
    minutes=45,
    intensity=10,
    rate_hz=((0.0, 8.0), (0.35, 4.0), (0.7, 2.0), (1.0, 2.0)),
    carrier_hz=110.0,
    layers=layers_of(pads=50, rain=30, noise=0),
    why={
        "am": "A swell that sinks from 8 to 2 Hz, so shallow that you may not notice. Only the bed stays.",
        "isochronic": "A dark tone whose pulse sinks from 8 to 2 Hz. You asked for {level}.",
        "binaural": f"Two dark tones that draw closer, from 8 to 2 Hz apart. {HEADPHONES}",
    },
    evidence=CALM,
    well=True,
    segment=True,
    depth=((0.0, 10.0), (0.6, 10.0), (1.0, 0.0, "cosine")),
    stretches=True,
)

ENERGIZE: Final = Preset(
    id="energize",
    mode="energize",
    title="Energize",
    line="Quick and clear, to get going",
    icon="sun",
    minutes=15,
    intensity=EFFECT_LEVELS["medium"],
    rate_hz=((0.0, 14.0), (60.0, 18.0), (300.0, 20.0)),
    carrier_hz=240.0,
    layers=layers_of(pads=65, rain=0, noise=10),
    why={
        "am": "A quick {rate} Hz shimmer on bright pads. You asked for {level}.",
        "isochronic": "A clear tone that pulses {rate} times a second. You asked for {level}.",
        "binaural": f"Two tones, {{rate}} Hz apart, one in each ear. {HEADPHONES}",
    },
    evidence=ALERTNESS,
    chip=True,
)

FIRST: Final[tuple[Preset, ...]] = (FOCUS, RELAX, SLEEP, MEDITATE, DEEP_WORK, ENERGIZE)
"""One of each mode, in the order of the page."""
