"""A program made ready to be evaluated: one curve per track, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from dsp.base.curves import Curve, Shape, constant, curve
from dsp.base.grid import RATE_HZ
from dsp.base.units import db_to_gain, level_to_gain
from dsp.listen.addresses import AM_DEPTH, AM_RATE, OUTPUT_GAIN, Address, addresses_of
from dsp.listen.program import (
    COLORS,
    BellLayer,
    IsochronicLayer,
    Layer,
    NoiseLayer,
    Program,
    Spatial,
    StationLayer,
    ToneLayer,
    Trajectory,
)

KEPT: Final = 256
"""Programs of which one remembers what was worked out."""
JUMP_FRAMES: Final = 480
"""A gain that jumps after a hold takes 10 ms, so that it does not click."""


@dataclass(frozen=True, slots=True)
class Score:
    """The program's own course of every track, in programme time."""

    program: Program
    curves: Mapping[str, Curve]
    addresses: Mapping[str, Address]


@lru_cache(maxsize=KEPT)
def score_of(program: Program) -> Score:
    """Compile a program; equal ones share it, because most listeners hear one of a few presets."""
    curves: dict[str, Curve] = {}
    for layer in program.layers:
        curves[f"{layer.name}.level"] = _gain_curve(layer.level, level_to_gain)
        curves.update(_layer_curves(layer))
    if program.modulation is not None:
        curves[AM_DEPTH] = _gain_curve(program.modulation.depth, lambda depth: depth / 100.0)
        curves[AM_RATE] = _frequency_curve(program.modulation.rate_hz)
    curves[OUTPUT_GAIN] = constant(db_to_gain(program.output_gain_db))
    return Score(program, MappingProxyType(curves), MappingProxyType(addresses_of(program)))


def _layer_curves(layer: Layer) -> dict[str, Curve]:
    name = layer.name
    match layer:
        case ToneLayer():
            found = {
                f"{name}.carrier.{i}": _frequency_curve(voice.carrier_hz)
                for i, voice in enumerate(layer.voices)
            }
            for i, voice in enumerate(layer.voices):
                found[f"{name}.half_beat.{i}"] = _frequency_curve(voice.beat_hz, 0.5)
            return found
        case IsochronicLayer():
            return {
                f"{name}.carrier.0": _frequency_curve(layer.carrier_hz),
                f"{name}.rate": _frequency_curve(layer.rate_hz),
            }
        case NoiseLayer():
            found = {f"{name}.color.{color}": constant(float(color == layer.color)) for color in COLORS}
            for i, band in enumerate(layer.bands_db):
                found[f"{name}.band_{i}"] = _gain_curve(band, db_to_gain)
            return found
        case StationLayer(spatial=Spatial() as spatial):
            return {f"{name}.spin": _frequency_curve(spatial.rate_hz)}
        case StationLayer() | BellLayer():
            return {}


def _frequency_curve(trajectory: Trajectory, factor: float = 1.0) -> Curve:
    return curve([(_frame(key.t_s), key.value * factor, key.shape) for key in trajectory.keyframes])


def _gain_curve(trajectory: Trajectory, to_gain: Callable[[float], float]) -> Curve:
    """Curve in linear gain; a jump after a hold becomes a raised cosine of 10 ms from its keyframe on."""
    first = trajectory.keyframes[0]
    points: list[tuple[int, float, Shape]] = [(_frame(first.t_s), to_gain(first.value), "hold")]
    for key in trajectory.keyframes[1:]:
        frame, gain = _frame(key.t_s), to_gain(key.value)
        has_room = frame > points[-1][0]
        if key.shape == "hold":
            if has_room:
                points.append((frame, points[-1][1], "hold"))
            points.append((frame + JUMP_FRAMES, gain, "cosine"))
        elif has_room:
            points.append((frame, gain, key.shape))
        else:
            points[-1] = (points[-1][0], gain, "cosine")
    return curve(points)


def _frame(t_s: float) -> int:
    return round(t_s * RATE_HZ)
