"""What may be set while a program plays: each address, its range, and the tracks that it moves.

A *track* is one value over positions: a linear gain (levels, bands, depth, colour weights, output) or a
frequency in Hz whose integral is a phase (carriers, half beats, rates).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from dsp.base.params import ParamSpec
from dsp.base.units import db_to_gain, dyadic, gain_to_db, gain_to_level, level_to_gain
from dsp.listen.parse import BAND_DB, BEAT_HZ, CARRIER_HZ, LEVEL, OUTPUT_DB, RATE_HZ, SPIN_HZ
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
)

RAMP_MS: Final = 30.0
AM_RATE: Final = "am.rate"
AM_DEPTH: Final = "am.depth"
OUTPUT_GAIN: Final = "output.gain"

BAND_NAMES: Final = ("31", "63", "125", "250", "500", "1k", "2k", "4k", "8k", "16k")
"""Centres of the octave bands in Hz, as people write them."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How a number that a person sets becomes the number that a track holds, and back."""

    to_track: Callable[[float], float]
    from_track: Callable[[float], float]


IDENTITY: Final = Scale(float, float)
SQUARE: Final = Scale(level_to_gain, gain_to_level)
DECIBEL: Final = Scale(db_to_gain, gain_to_db)
PERCENT: Final = Scale(lambda value: value / 100.0, lambda value: value * 100.0)


@dataclass(frozen=True, slots=True)
class Address:
    """One parameter and the tracks behind it."""

    spec: ParamSpec
    tracks: tuple[tuple[str, float], ...]
    """(track, factor): the track's target is the scaled value times the factor."""
    scale: Scale
    bends_phase: bool = False

    def targets(self, value: float | str) -> Iterator[tuple[str, float]]:
        """Dyadic target of each track for a value in range; a choice opens one track, shuts the rest."""
        if isinstance(value, str):
            prefix = f"{self.spec.address}."
            for track, _ in self.tracks:
                yield track, float(track == prefix + value)
            return
        scaled = self.scale.to_track(value)
        for track, factor in self.tracks:
            yield track, dyadic(scaled * factor)


def addresses_of(program: Program) -> dict[str, Address]:
    """Every address of a program, in the order of its layers."""
    found: list[Address] = []
    for layer in program.layers:
        found += _layer_addresses(layer)
    if program.modulation is not None:
        modulation = program.modulation
        depth = ParamSpec(AM_DEPTH, "Depth", "%", *LEVEL, modulation.depth.start, 1.0, "linear", RAMP_MS)
        rate = ParamSpec("am.rate_hz", "Rate", "Hz", *RATE_HZ, modulation.rate_hz.start, 0.1, "log", RAMP_MS)
        found.append(Address(depth, ((AM_DEPTH, 1.0),), PERCENT))
        found.append(Address(rate, ((AM_RATE, 1.0),), IDENTITY, bends_phase=True))
    gain = ParamSpec(
        "output.gain_db", "Loudness", "dB", *OUTPUT_DB, program.output_gain_db, 0.5, "linear", RAMP_MS
    )
    found.append(Address(gain, ((OUTPUT_GAIN, 1.0),), DECIBEL))
    return {address.spec.address: address for address in found}


def param_specs(program: Program) -> tuple[ParamSpec, ...]:
    """Specification of every parameter that may be set while the program plays."""
    return tuple(address.spec for address in addresses_of(program).values())


def _layer_addresses(layer: Layer) -> Iterator[Address]:
    name = layer.name
    level = ParamSpec(f"{name}.level", "Level", "", *LEVEL, layer.level.start, 1.0, "square", RAMP_MS)
    yield Address(level, ((f"{name}.level", 1.0),), SQUARE)
    match layer:
        case ToneLayer():
            yield from _tone_addresses(layer)
        case IsochronicLayer():
            yield _frequency(
                name, "carrier_hz", CARRIER_HZ, layer.carrier_hz.start, {f"{name}.carrier.0": 1.0}
            )
            yield _frequency(name, "rate_hz", RATE_HZ, layer.rate_hz.start, {f"{name}.rate": 1.0})
        case NoiseLayer():
            yield from _noise_addresses(layer)
        case StationLayer(spatial=Spatial() as spatial):
            yield _frequency(name, "spin_hz", SPIN_HZ, spatial.rate_hz.start, {f"{name}.spin": 1.0})
        case StationLayer() | BellLayer():
            pass


def _tone_addresses(layer: ToneLayer) -> Iterator[Address]:
    """The carrier is the first voice's and transposes the others; the beat is that of all voices."""
    name = layer.name
    first = layer.voices[0]
    carriers = {
        f"{name}.carrier.{i}": voice.carrier_hz.start / first.carrier_hz.start
        for i, voice in enumerate(layer.voices)
    }
    halves = {f"{name}.half_beat.{i}": 0.5 for i in range(len(layer.voices))}
    yield _frequency(name, "carrier_hz", CARRIER_HZ, first.carrier_hz.start, carriers)
    yield _frequency(name, "beat_hz", BEAT_HZ, first.beat_hz.start, halves)


def _frequency(
    layer: str, field: str, bounds: tuple[float, float], default: float, tracks: Mapping[str, float]
) -> Address:
    names = {"carrier_hz": "Carrier", "beat_hz": "Beat", "rate_hz": "Rate", "spin_hz": "Turns"}
    step = {"carrier_hz": 1.0, "spin_hz": 0.01}.get(field, 0.1)
    taper = "linear" if field == "beat_hz" else "log"
    spec = ParamSpec(f"{layer}.{field}", names[field], "Hz", *bounds, default, step, taper, RAMP_MS)
    return Address(spec, tuple(tracks.items()), IDENTITY, bends_phase=True)


def _noise_addresses(layer: NoiseLayer) -> Iterator[Address]:
    name = layer.name
    color = ParamSpec(f"{name}.color", "Colour", "", 0.0, 0.0, layer.color, 0.0, "choice", RAMP_MS, COLORS)
    yield Address(color, tuple((f"{name}.color.{c}", 1.0) for c in COLORS), IDENTITY)
    for i, band in enumerate(layer.bands_db):
        spec = ParamSpec(
            f"{name}.band_{i}_db", f"{BAND_NAMES[i]} Hz", "dB", *BAND_DB, band.start, 0.5, "linear", RAMP_MS
        )
        yield Address(spec, ((f"{name}.band_{i}", 1.0),), DECIBEL)
