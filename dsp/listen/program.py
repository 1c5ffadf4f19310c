"""A program: everything that an author decides about a sound, as immutable records."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from dsp.base.curves import Shape

Mode = Literal["focus", "deep_work", "relax", "meditate", "sleep", "energize"]
Color = Literal["white", "pink", "brown", "blue", "violet", "grey"]
Law = Literal["hard", "linear", "raised_cosine", "smoothstep", "smootherstep", "exponential", "gaussian"]
ModulationLaw = Law | Literal["sine"]
Stereo = Literal["together", "alternating", "equal_power"]

MODES: Final[tuple[Mode, ...]] = ("focus", "deep_work", "relax", "meditate", "sleep", "energize")
COLORS: Final[tuple[Color, ...]] = ("white", "pink", "brown", "blue", "violet", "grey")
LAWS: Final[tuple[Law, ...]] = (
    "hard",
    "linear",
    "raised_cosine",
    "smoothstep",
    "smootherstep",
    "exponential",
    "gaussian",
)
STEREOS: Final[tuple[Stereo, ...]] = ("together", "alternating", "equal_power")
RECIPES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "bed": ("ambient", "lofi", "piano", "drone", "minimal"),
        "texture": ("rain", "ocean", "wind", "stream", "fire", "night"),
    }
)
BANDS: Final = 10
"""Octave bands of a noise layer, from low to high."""


class ProgramError(ValueError):
    """A program, an instance or a change that cannot be played; `field` is the path to what is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A value at a time of the programme; `shape` is the way that ends here."""

    t_s: float
    value: float
    shape: Shape = "linear"


@dataclass(frozen=True, slots=True)
class Trajectory:
    """A parameter over programme time; one keyframe is a constant."""

    keyframes: tuple[Keyframe, ...]

    @property
    def start(self) -> float:
        """Value at programme time 0."""
        return self.keyframes[0].value

    def to_json(self) -> float | list[list[float | str]]:
        """A number, or `[[t_s, value, shape]…]`."""
        if len(self.keyframes) == 1:
            return self.keyframes[0].value
        return [[frame.t_s, frame.value, frame.shape] for frame in self.keyframes]


@dataclass(frozen=True, slots=True)
class Voice:
    """One carrier with a beat: two sines at carrier ± beat/2."""

    carrier_hz: Trajectory
    beat_hz: Trajectory
    gain: float

    def to_json(self) -> dict[str, object]:
        """The voice as it stands in a program."""
        return {
            "carrier_hz": self.carrier_hz.to_json(),
            "beat_hz": self.beat_hz.to_json(),
            "gain": self.gain,
        }


@dataclass(frozen=True, slots=True)
class ToneLayer:
    """Binaural (each ear one sine of a voice) or monaural (both ears both)."""

    name: str
    kind: Literal["binaural", "monaural"]
    level: Trajectory
    voices: tuple[Voice, ...]

    def to_json(self) -> dict[str, object]:
        """The layer as it stands in a program."""
        voices = [voice.to_json() for voice in self.voices]
        return {"kind": self.kind, "voices": voices, "level": self.level.to_json()}


@dataclass(frozen=True, slots=True)
class Pulse:
    """Shape of one modulation cycle; shares are of the on-window."""

    law: ModulationLaw
    duty: float
    attack: float
    release: float
    floor: float

    def to_json(self) -> dict[str, object]:
        """The fields as they stand in a program."""
        return {
            "law": self.law,
            "duty": self.duty,
            "attack": self.attack,
            "release": self.release,
            "floor": self.floor,
        }


@dataclass(frozen=True, slots=True)
class IsochronicLayer:
    """A tone that is switched on and off by a pulse."""

    name: str
    level: Trajectory
    carrier_hz: Trajectory
    rate_hz: Trajectory
    pulse: Pulse

    def to_json(self) -> dict[str, object]:
        """The layer as it stands in a program."""
        return {
            "kind": "isochronic",
            "carrier_hz": self.carrier_hz.to_json(),
            "rate_hz": self.rate_hz.to_json(),
            **self.pulse.to_json(),
            "level": self.level.to_json(),
        }


@dataclass(frozen=True, slots=True)
class NoiseLayer:
    """One colour of noise, its ten octave bands each with a gain."""

    name: str
    level: Trajectory
    color: Color
    bands_db: tuple[Trajectory, ...]

    def to_json(self) -> dict[str, object]:
        """The layer as it stands in a program."""
        bands = [band.to_json() for band in self.bands_db]
        return {
            "kind": "noise",
            "color": self.color,
            "bands_db": bands,
            "level": self.level.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Spatial:
    """Motion around the head."""

    rate_hz: Trajectory
    """Turns a second."""
    width_us: float
    """Microseconds between the ears when the sound is at the side."""
    shade_db: float
    """Level between the ears above 1.5 kHz when the sound is at the side."""

    def to_json(self) -> dict[str, object]:
        """The motion as it stands in a program."""
        return {"rate_hz": self.rate_hz.to_json(), "width_us": self.width_us, "shade_db": self.shade_db}


@dataclass(frozen=True, slots=True)
class StationLayer:
    """A bed or a texture: a shared recipe that sounds at station positions."""

    name: str
    kind: Literal["bed", "texture"]
    level: Trajectory
    recipe: str
    spatial: Spatial | None = None

    def to_json(self) -> dict[str, object]:
        """The layer as it stands in a program."""
        motion = {} if self.spatial is None else {"spatial": self.spatial.to_json()}
        return {"kind": self.kind, "recipe": self.recipe, **motion, "level": self.level.to_json()}


@dataclass(frozen=True, slots=True)
class BellLayer:
    """A bell that is struck at times of the programme: a mark in a meditation, the end of a spell of work."""

    name: str
    level: Trajectory
    pitch_hz: float
    decay_s: float
    """Seconds in which the longest partial falls by 8.7 dB."""
    at_s: tuple[float, ...]
    """Programme times of the strikes; empty where `every_s` is set."""
    every_s: float | None
    """Struck whenever that much programme time has passed, first after the first of them."""

    def to_json(self) -> dict[str, object]:
        """The layer as it stands in a program."""
        strikes = {"at_s": list(self.at_s)} if self.every_s is None else {"every_s": self.every_s}
        return {
            "kind": "bell",
            "pitch_hz": self.pitch_hz,
            "decay_s": self.decay_s,
            **strikes,
            "level": self.level.to_json(),
        }


Layer = ToneLayer | IsochronicLayer | NoiseLayer | StationLayer | BellLayer


@dataclass(frozen=True, slots=True)
class Modulation:
    """Amplitude modulation of beds, textures and noise."""

    pulse: Pulse
    stereo: Stereo
    rate_hz: Trajectory
    depth: Trajectory
    """Per cent."""

    def to_json(self) -> dict[str, object]:
        """The modulation as it stands in a program."""
        return {
            **self.pulse.to_json(),
            "stereo": self.stereo,
            "rate_hz": self.rate_hz.to_json(),
            "depth": self.depth.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Program:
    """What is played; it never changes once it plays."""

    title: str
    mode: Mode
    layers: tuple[Layer, ...]
    modulation: Modulation | None
    output_gain_db: float

    def to_json(self) -> dict[str, object]:
        """The program in full; `parse_program` reads it back to an equal one."""
        out: dict[str, object] = {
            "v": 1,
            "title": self.title,
            "mode": self.mode,
            "layers": {layer.name: layer.to_json() for layer in self.layers},
            "output": {"gain_db": self.output_gain_db},
        }
        if self.modulation is not None:
            out["modulation"] = self.modulation.to_json()
        return out
