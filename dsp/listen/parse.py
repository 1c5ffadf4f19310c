"""Reading a program from JSON: every refusal names the field and says what is allowed there."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeVar, cast

from dsp.base.curves import SHAPES, Shape
from dsp.listen.bell import most_at_once
from dsp.listen.program import (
    BANDS,
    COLORS,
    LAWS,
    MODES,
    RECIPES,
    STEREOS,
    BellLayer,
    IsochronicLayer,
    Keyframe,
    Layer,
    Modulation,
    ModulationLaw,
    NoiseLayer,
    Program,
    ProgramError,
    Pulse,
    Spatial,
    StationLayer,
    ToneLayer,
    Trajectory,
    Voice,
)

MAX_LAYERS: Final = 12
MAX_VOICES: Final = 16
MAX_KEYFRAMES: Final = 512
MAX_COST: Final = 6.0
SPATIAL_COST: Final = 3.0
PULSE_COST: Final = 0.8
SILENT_PULSE_COST: Final = 0.3
"""Of one that only a listener may turn up: few do."""
BAND_COST: Final = 0.2
RINGING_COST: Final = 0.8
STRIKE_COST: Final = 0.1
"""Of each strike that rings over another."""
LONGEST_S: Final = 86_400.0
LEAST_GAP_S: Final = 0.01
"""Keyframes are at least this far apart, so that a jump has room for its ramp."""

LEVEL: Final = (0.0, 100.0)
CARRIER_HZ: Final = (50.0, 1000.0)
BEAT_HZ: Final = (-40.0, 40.0)
RATE_HZ: Final = (0.5, 40.0)
SPIN_HZ: Final = (0.01, 0.5)
WIDTH_US: Final = (100.0, 650.0)
SHADE_DB: Final = (0.0, 6.0)
PITCH_HZ: Final = (100.0, 2000.0)
DECAY_S: Final = (0.2, 8.0)
EVERY_S: Final = (10.0, LONGEST_S)
MAX_STRIKES: Final = 64
LEAST_STRIKE_GAP_S: Final = 1.0
BAND_DB: Final = (-24.0, 12.0)
OUTPUT_DB: Final = (-6.0, 6.0)

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_RESERVED = ("am", "output")
_Choice = TypeVar("_Choice", bound=str)
Range = tuple[float, float]


def parse_program(value: object) -> Program:
    """Program from decoded JSON; raises ProgramError."""
    fields = _Fields(value, "")
    version = fields.take("v")
    if version != 1 or isinstance(version, bool):
        raise ProgramError("v", "must be 1")
    program = Program(
        title=fields.text("title", 120),
        mode=fields.choice("mode", MODES),
        layers=_layers(fields.take("layers")),
        modulation=_modulation(fields.take("modulation", None)),
        output_gain_db=_output(fields.take("output", {})),
    )
    fields.done()
    _check_size(program)
    return program


def program_cost(program: Program) -> float:
    """Load units of `wire.md` §6: 1.0 is four voices, a bed and AM."""
    cost = 0.2 + (0.2 if program.modulation is not None else 0.0)
    for layer in program.layers:
        match layer:
            case ToneLayer():
                cost += 0.1 * len(layer.voices)
            case IsochronicLayer():
                cost += PULSE_COST if _is_heard(layer.level) else SILENT_PULSE_COST
            case NoiseLayer():
                cost += 0.2 + BAND_COST * sum(_is_shaped(band) for band in layer.bands_db)
            case BellLayer():
                cost += RINGING_COST + STRIKE_COST * (most_at_once(layer) - 1)
            case StationLayer(spatial=spatial):
                cost += 0.2 if spatial is None else SPATIAL_COST
    return round(cost, 6)


def _is_heard(level: Trajectory) -> bool:
    return any(frame.value != 0.0 for frame in level.keyframes)


def _is_shaped(band_db: Trajectory) -> bool:
    return any(frame.value != 0.0 for frame in band_db.keyframes)


class _Fields:
    """A JSON object that is read key by key; what is left over is refused."""

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise ProgramError(path, "must be an object")
        self._left = dict(value)
        self._path = path

    def at(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def take(self, key: str, *default: object) -> object:
        if key in self._left:
            return self._left.pop(key)
        if default:
            return default[0]
        raise ProgramError(self.at(key), "is missing")

    def text(self, key: str, longest: int) -> str:
        value = self.take(key)
        if not isinstance(value, str) or len(value) > longest:
            raise ProgramError(self.at(key), f"must be text of at most {longest} characters")
        return value

    def choice(self, key: str, choices: Sequence[_Choice], *default: _Choice) -> _Choice:
        value = self.take(key, *default)
        if not isinstance(value, str) or value not in choices:
            raise ProgramError(self.at(key), f"must be one of {', '.join(choices)}")
        return cast("_Choice", value)

    def number(self, key: str, bounds: Range, *default: float) -> float:
        return _number(self.take(key, *default), self.at(key), bounds)

    def trajectory(self, key: str, bounds: Range, *default: float) -> Trajectory:
        return _trajectory(self.take(key, *default), self.at(key), bounds)

    def done(self) -> None:
        for key in self._left:
            raise ProgramError(self.at(key), "is not known here")


def _number(value: object, path: str, bounds: Range) -> float:
    low, high = bounds
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ProgramError(path, f"must be a number from {low:g} to {high:g}")
    if not low <= value <= high:
        raise ProgramError(path, f"must lie from {low:g} to {high:g}, not {value:g}")
    return float(value)


def _trajectory(value: object, path: str, bounds: Range) -> Trajectory:
    if not isinstance(value, list | tuple):
        return Trajectory((Keyframe(0.0, _number(value, path, bounds)),))
    if not 1 <= len(value) <= MAX_KEYFRAMES:
        raise ProgramError(path, f"must have 1 to {MAX_KEYFRAMES} keyframes")
    keyframes: list[Keyframe] = []
    for i, item in enumerate(value):
        frame = _keyframe(item, f"{path}[{i}]", bounds)
        _check_order(frame, keyframes, f"{path}[{i}]")
        keyframes.append(frame)
    return Trajectory(tuple(keyframes))


def _keyframe(item: object, path: str, bounds: Range) -> Keyframe:
    if not isinstance(item, list | tuple) or len(item) not in {2, 3}:
        raise ProgramError(path, "must be [t_s, value] or [t_s, value, curve]")
    shape = item[2] if len(item) == 3 else "linear"
    if shape not in SHAPES:
        raise ProgramError(f"{path}[2]", f"must be one of {', '.join(SHAPES)}")
    t_s = _number(item[0], f"{path}[0]", (0.0, LONGEST_S))
    return Keyframe(t_s, _number(item[1], f"{path}[1]", bounds), cast("Shape", shape))


def _check_order(frame: Keyframe, before: Sequence[Keyframe], path: str) -> None:
    if not before:
        return
    last = before[-1]
    if frame.t_s < last.t_s + LEAST_GAP_S:
        raise ProgramError(f"{path}[0]", f"must be at least {LEAST_GAP_S:g} s after the keyframe before")
    if frame.shape == "exponential" and not last.value * frame.value > 0.0:
        raise ProgramError(f"{path}[2]", "exponential needs two values of the same sign, neither of them 0")


def _layers(value: object) -> tuple[Layer, ...]:
    if not isinstance(value, Mapping):
        raise ProgramError("layers", "must be an object of named layers")
    if not 1 <= len(value) <= MAX_LAYERS:
        raise ProgramError("layers", f"must hold 1 to {MAX_LAYERS} layers")
    layers: list[Layer] = []
    for name, body in value.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name in _RESERVED:
            raise ProgramError(f"layers.{name}", "must be named in small letters, digits and underscores")
        layers.append(_layer(name, _Fields(body, f"layers.{name}")))
    return tuple(layers)


def _layer(name: str, fields: _Fields) -> Layer:
    kinds = ("binaural", "monaural", "isochronic", "noise", "texture", "bed", "bell")
    kind = fields.choice("kind", kinds)
    level = fields.trajectory("level", LEVEL)
    layer: Layer
    match kind:
        case "binaural" | "monaural":
            layer = _tone_layer(name, kind, level, fields)
        case "isochronic":
            layer = IsochronicLayer(
                name=name,
                level=level,
                carrier_hz=fields.trajectory("carrier_hz", CARRIER_HZ),
                rate_hz=fields.trajectory("rate_hz", RATE_HZ),
                pulse=_pulse(fields, LAWS, "raised_cosine"),
            )
        case "noise":
            color = fields.choice("color", COLORS)
            layer = NoiseLayer(name, level, color, _bands(fields))
        case "bed" | "texture":
            recipe = fields.choice("recipe", RECIPES[kind])
            layer = StationLayer(name, kind, level, recipe, _spatial(fields))
        case "bell":
            layer = _bell_layer(name, level, fields)
        case _:
            raise AssertionError(kind)
    fields.done()
    return layer


def _tone_layer(
    name: str, kind: Literal["binaural", "monaural"], level: Trajectory, fields: _Fields
) -> ToneLayer:
    path = fields.at("voices")
    value = fields.take("voices")
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= MAX_VOICES:
        raise ProgramError(path, f"must be a list of 1 to {MAX_VOICES} voices")
    return ToneLayer(name, kind, level, tuple(_voice(item, f"{path}[{i}]") for i, item in enumerate(value)))


def _spatial(fields: _Fields) -> Spatial | None:
    value = fields.take("spatial", None)
    if value is None:
        return None
    own = _Fields(value, fields.at("spatial"))
    spatial = Spatial(
        rate_hz=own.trajectory("rate_hz", SPIN_HZ),
        width_us=own.number("width_us", WIDTH_US, 400.0),
        shade_db=own.number("shade_db", SHADE_DB, 4.0),
    )
    own.done()
    return spatial


def _bell_layer(name: str, level: Trajectory, fields: _Fields) -> BellLayer:
    every = fields.take("every_s", None)
    every_s = None if every is None else _number(every, fields.at("every_s"), EVERY_S)
    path, value = fields.at("at_s"), fields.take("at_s", None)
    if (value is None) == (every_s is None):
        raise ProgramError(path, "or every_s must be given, not both")
    at_s: list[float] = []
    if value is not None and (not isinstance(value, list | tuple) or not 1 <= len(value) <= MAX_STRIKES):
        raise ProgramError(path, f"must be a list of 1 to {MAX_STRIKES} times")
    for i, item in enumerate(value if isinstance(value, list | tuple) else ()):
        at_s.append(_number(item, f"{path}[{i}]", (0.0, LONGEST_S)))
        if i and at_s[i] < at_s[i - 1] + LEAST_STRIKE_GAP_S:
            raise ProgramError(f"{path}[{i}]", "must lie at least a second after the one before")
    return BellLayer(
        name=name,
        level=level,
        pitch_hz=fields.number("pitch_hz", PITCH_HZ, 523.25),
        decay_s=fields.number("decay_s", DECAY_S, 2.5),
        at_s=tuple(at_s),
        every_s=every_s,
    )


def _voice(value: object, path: str) -> Voice:
    fields = _Fields(value, path)
    voice = Voice(
        carrier_hz=fields.trajectory("carrier_hz", CARRIER_HZ),
        beat_hz=fields.trajectory("beat_hz", BEAT_HZ),
        gain=fields.number("gain", (0.0, 1.0), 1.0),
    )
    fields.done()
    return voice


def _bands(fields: _Fields) -> tuple[Trajectory, ...]:
    path = fields.at("bands_db")
    value = fields.take("bands_db", [0.0] * BANDS)
    if not isinstance(value, list | tuple) or len(value) != BANDS:
        raise ProgramError(path, f"must be a list of {BANDS} gains in dB")
    return tuple(_trajectory(item, f"{path}[{i}]", BAND_DB) for i, item in enumerate(value))


def _pulse(fields: _Fields, laws: Sequence[ModulationLaw], default: ModulationLaw) -> Pulse:
    pulse = Pulse(
        law=fields.choice("law", laws, default),
        duty=fields.number("duty", (0.05, 0.95), 0.5),
        attack=fields.number("attack", (0.0, 1.0), 0.25),
        release=fields.number("release", (0.0, 1.0), 0.25),
        floor=fields.number("floor", (0.0, 1.0), 0.0),
    )
    if pulse.attack + pulse.release > 1.0:
        raise ProgramError(fields.at("attack"), "and release together must not exceed the on-window, 1")
    return pulse


def _modulation(value: object) -> Modulation | None:
    if value is None:
        return None
    fields = _Fields(value, "modulation")
    modulation = Modulation(
        pulse=_pulse(fields, (*LAWS, "sine"), "sine"),
        stereo=fields.choice("stereo", STEREOS, "together"),
        rate_hz=fields.trajectory("rate_hz", RATE_HZ),
        depth=fields.trajectory("depth", LEVEL),
    )
    fields.done()
    return modulation


def _output(value: object) -> float:
    fields = _Fields(value, "output")
    gain_db = fields.number("gain_db", OUTPUT_DB, 0.0)
    fields.done()
    return gain_db


def _check_size(program: Program) -> None:
    voices = sum(len(layer.voices) for layer in program.layers if isinstance(layer, ToneLayer))
    voices += sum(isinstance(layer, IsochronicLayer) for layer in program.layers)
    if voices > MAX_VOICES:
        raise ProgramError("layers", f"must hold at most {MAX_VOICES} voices in all, not {voices}")
    keyframes = sum(len(t.keyframes) for t in trajectories(program))
    if keyframes > MAX_KEYFRAMES:
        raise ProgramError("", f"a program has at most {MAX_KEYFRAMES} keyframes, not {keyframes}")
    cost = program_cost(program)
    if cost > MAX_COST:
        raise ProgramError("layers", f"cost {cost:g} is more than {MAX_COST:g}")


def trajectories(program: Program) -> list[Trajectory]:
    """Every trajectory of a program that moves or could move."""
    found = [layer.level for layer in program.layers]
    for layer in program.layers:
        match layer:
            case ToneLayer():
                found += [t for voice in layer.voices for t in (voice.carrier_hz, voice.beat_hz)]
            case IsochronicLayer():
                found += [layer.carrier_hz, layer.rate_hz]
            case NoiseLayer():
                found += layer.bands_db
            case StationLayer(spatial=spatial):
                found += [spatial.rate_hz] if spatial is not None else []
            case BellLayer():
                pass
    if program.modulation is not None:
        found += [program.modulation.rate_hz, program.modulation.depth]
    return found
