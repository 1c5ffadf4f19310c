"""What a listener made of a program: each knob that was turned stands at its last value from the start."""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from dsp.listen.instance import Instance
from dsp.listen.parse import CARRIER_HZ
from dsp.listen.program import (
    BellLayer,
    Color,
    IsochronicLayer,
    Keyframe,
    Layer,
    Modulation,
    NoiseLayer,
    Program,
    Spatial,
    StationLayer,
    ToneLayer,
    Trajectory,
    Voice,
)

_LEAST_HZ, _MOST_HZ = CARRIER_HZ
Values = Mapping[str, float | str]


def settled(instance: Instance) -> Program:
    """The program with the last value of each knob that was turned; the others keep their course."""
    values = instance.states[-1].values
    program = instance.program
    return replace(
        program,
        layers=tuple(_layer(layer, values) for layer in program.layers),
        modulation=None if program.modulation is None else _modulation(program.modulation, values),
        output_gain_db=float(values.get("output.gain_db", program.output_gain_db)),
    )


def _layer(layer: Layer, values: Values) -> Layer:
    name = layer.name
    level = _held(values, f"{name}.level", layer.level)
    match layer:
        case ToneLayer():
            return replace(layer, level=level, voices=_voices(layer, values))
        case IsochronicLayer():
            carrier_hz = _held(values, f"{name}.carrier_hz", layer.carrier_hz)
            rate_hz = _held(values, f"{name}.rate_hz", layer.rate_hz)
            return replace(layer, level=level, carrier_hz=carrier_hz, rate_hz=rate_hz)
        case NoiseLayer():
            bands_db = tuple(
                _held(values, f"{name}.band_{i}_db", band) for i, band in enumerate(layer.bands_db)
            )
            color = cast("Color", values.get(f"{name}.color", layer.color))
            return replace(layer, level=level, color=color, bands_db=bands_db)
        case StationLayer(spatial=Spatial() as spatial):
            rate_hz = _held(values, f"{name}.spin_hz", spatial.rate_hz)
            return replace(layer, level=level, spatial=replace(spatial, rate_hz=rate_hz))
        case StationLayer() | BellLayer():
            return replace(layer, level=level)


def _voices(layer: ToneLayer, values: Values) -> tuple[Voice, ...]:
    """A carrier that was turned transposes all voices, as far as the range of carriers goes."""
    carrier = f"{layer.name}.carrier_hz"
    first = layer.voices[0].carrier_hz.start
    made = []
    for voice in layer.voices:
        carrier_hz = voice.carrier_hz
        if carrier in values:
            transposed = float(values[carrier]) * carrier_hz.start / first
            carrier_hz = _constant(min(max(transposed, _LEAST_HZ), _MOST_HZ))
        beat_hz = _held(values, f"{layer.name}.beat_hz", voice.beat_hz)
        made.append(replace(voice, carrier_hz=carrier_hz, beat_hz=beat_hz))
    return tuple(made)


def _modulation(modulation: Modulation, values: Values) -> Modulation:
    return replace(
        modulation,
        rate_hz=_held(values, "am.rate_hz", modulation.rate_hz),
        depth=_held(values, "am.depth", modulation.depth),
    )


def _held(values: Values, address: str, course: Trajectory) -> Trajectory:
    return _constant(float(values[address])) if address in values else course


def _constant(value: float) -> Trajectory:
    return Trajectory((Keyframe(0.0, value),))
