"""One quantum of one instance, every value evaluated at every frame in float64.

This is the definition of the sound; `tiles` is the fast way for quanta in which little moves.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from dsp.base.grid import QUANTUM
from dsp.base.ramps import Doubles, Frames, raised_cosine
from dsp.base.units import db_to_gain
from dsp.listen.addresses import AM_DEPTH, AM_RATE, OUTPUT_GAIN
from dsp.listen.bell import bell_samples
from dsp.listen.instance import Instance
from dsp.listen.loudness import TONE_GAIN
from dsp.listen.modulation import modulation_gains
from dsp.listen.program import (
    BANDS,
    COLORS,
    BellLayer,
    IsochronicLayer,
    NoiseLayer,
    Spatial,
    StationLayer,
    ToneLayer,
)
from dsp.listen.pulse import window
from dsp.listen.sources import HIGH, station_gain
from dsp.listen.spatial import HOP, points, spun
from dsp.listen.state import State, shifts_at, sounding, track_cycles, track_value
from dsp.listen.stations import QUANTA_PER_GRANULE, Floats, GranuleCache, GranuleKey


@dataclass(frozen=True, slots=True)
class Moment:
    """One quantum of an instance in one state, and one way from position to programme time."""

    instance: Instance
    state: State
    pos: Frames
    shift: int

    def value(self, track: str) -> Doubles:
        """Value of a track at each frame."""
        return track_value(self.instance.score, self.state, track, self.pos, self.shift)

    def cycles(self, track: str) -> Doubles:
        """Phase of a frequency track at each frame, in cycles, not reduced."""
        return track_cycles(self.instance.score, self.state, track, self.pos, self.shift)


def direct_quantum(instance: Instance, state: State, quantum: int, cache: GranuleCache) -> Floats:
    """Signal before the guard, (2, 960), of a whole quantum as if `state` held all through it."""
    pos = np.arange(quantum * QUANTUM, (quantum + 1) * QUANTUM, dtype=np.int64)
    first, *later = shifts_at(state.passages, int(pos[0]))
    before = _signal(Moment(instance, state, pos, first.frames), cache)
    mixed = before
    for shift in later:
        signal = _signal(Moment(instance, state, pos, shift.frames), cache)
        mixed = mixed + (signal - before) * raised_cosine(pos, shift.at, shift.fade)
        before = signal
    output = track_value(instance.score, state, OUTPUT_GAIN, pos, 0) * db_to_gain(instance.gain_db)
    return (mixed * output).astype(np.float32)


def _signal(moment: Moment, cache: GranuleCache) -> Doubles:
    """Modulated stations and tones, (2, 960)."""
    stations = np.zeros((2, QUANTUM))
    tones = np.zeros((2, QUANTUM))
    for layer in moment.instance.program.layers:
        gain = moment.value(f"{layer.name}.level")
        if gain.any():
            if isinstance(layer, NoiseLayer | StationLayer):
                stations += gain * _station(layer, moment, cache)
            else:
                tones += gain * _tone(layer, moment)
    modulation = moment.instance.program.modulation
    if modulation is not None and stations.any():
        depth = moment.value(AM_DEPTH)
        if depth.any():
            cycles, rate_hz = moment.cycles(AM_RATE), moment.value(AM_RATE)
            left, right = modulation_gains(modulation.pulse, modulation.stereo, cycles, rate_hz, depth)
            stations[0] *= left
            stations[1] *= right
    return stations + tones


def _tone(layer: ToneLayer | IsochronicLayer | BellLayer, moment: Moment) -> Doubles:
    """A tone layer at level 100, (2, 960)."""
    if isinstance(layer, BellLayer):
        rung = bell_samples(layer, moment.pos + moment.shift)
        return np.stack([rung, rung])
    if isinstance(layer, IsochronicLayer):
        pulse = window(layer.pulse, moment.cycles(f"{layer.name}.rate"), moment.value(f"{layer.name}.rate"))
        mono = TONE_GAIN * pulse * sine(moment.cycles(f"{layer.name}.carrier.0"))
        return np.stack([mono, mono])
    ears = np.zeros((2, QUANTUM))
    for i, voice in enumerate(layer.voices):
        carrier = moment.cycles(f"{layer.name}.carrier.{i}")
        half_beat = moment.cycles(f"{layer.name}.half_beat.{i}")
        high, low = sine(carrier + half_beat), sine(carrier - half_beat)
        gain = TONE_GAIN * voice.gain
        if layer.kind == "binaural":
            ears[0] += gain * high
            ears[1] += gain * low
        else:
            ears += 0.5 * gain * (high + low)
    return ears


def sine(cycles: Doubles) -> Doubles:
    """Sin 2πφ of phases in cycles."""
    result: Doubles = np.sin((2.0 * np.pi) * (cycles - np.floor(cycles)))
    return result


def _station(layer: NoiseLayer | StationLayer, moment: Moment, cache: GranuleCache) -> Doubles:
    """A bed, a texture or a noise at level 100, (2, 960)."""
    if isinstance(layer, StationLayer) and layer.spatial is not None:
        return _spun_station(layer, layer.spatial, moment, cache)
    total = np.zeros((2, QUANTUM))
    for recipe, gain in _terms(layer, moment):
        total += gain * station_samples(moment, layer.name, recipe, cache)
    return total


def _spun_station(layer: StationLayer, spatial: Spatial, moment: Moment, cache: GranuleCache) -> Doubles:
    before = replace(moment, pos=moment.pos - QUANTUM)
    samples = np.empty((4, HOP + QUANTUM), dtype=np.float32)
    for band, recipe in enumerate(spun_recipes(layer)):
        ears = slice(2 * band, 2 * band + 2)
        samples[ears, :HOP] = station_samples(before, layer.name, recipe, cache)[:, -HOP:]
        samples[ears, HOP:] = station_samples(moment, layer.name, recipe, cache)
    path = replace(moment, pos=points(int(moment.pos[0]), QUANTUM))
    return spun(samples, path.cycles(f"{layer.name}.spin"), spatial).astype(np.float64)


def spun_recipes(layer: StationLayer) -> tuple[str, str]:
    """A station and its high band."""
    recipe = f"{layer.kind}:{layer.recipe}"
    return recipe, recipe + HIGH


def _terms(layer: NoiseLayer | StationLayer, moment: Moment) -> Iterator[tuple[str, Doubles | float]]:
    """Station recipes of a layer and their gains, but those that are 0.

    A noise is Σ_c w_c·(colour_c + Σ_b (g_b − 1)·band_cb): bands at 0 dB cost nothing.
    """
    if isinstance(layer, StationLayer):
        yield f"{layer.kind}:{layer.recipe}", 1.0
        return
    for color in COLORS:
        weight = moment.value(f"{layer.name}.color.{color}")
        if not weight.any():
            continue
        yield f"noise:{color}", weight
        for band in range(BANDS):
            excess = moment.value(f"{layer.name}.band_{band}") - 1.0
            if excess.any():
                yield f"noise:{color}:{band}", weight * excess


def station_samples(moment: Moment, layer: str, recipe: str, cache: GranuleCache) -> Doubles:
    """Station at its own loudness, (2, 960); while it is tuned anew, both with equal power."""
    seed = moment.instance.stations[layer].seed
    start = int(moment.pos[0])
    quantum = start // QUANTUM
    first, *later = sounding(moment.state.tunings, start)
    total = _row(recipe, seed, quantum + first.offsets[layer] // QUANTUM, cache).astype(np.float64)
    for tuning in later:
        if tuning.at >= start + QUANTUM:
            break
        angle = (np.pi / 2.0) * raised_cosine(moment.pos, tuning.at, tuning.fade)
        new = _row(recipe, seed, quantum + tuning.offsets[layer] // QUANTUM, cache)
        total = total * np.cos(angle) + new * np.sin(angle)
    return total * station_loudness_gain(recipe, seed)


def station_loudness_gain(recipe: str, seed: int) -> float:
    """Gain to −23 LUFS; a band of a noise has the gain of its colour."""
    return station_gain(":".join(recipe.split(":")[:2]), seed)


def station_keys(instance: Instance, state: State, quantum: int) -> list[GranuleKey]:
    """Granules that `direct_quantum` asks for."""
    start = quantum * QUANTUM
    pos = np.arange(start, start + QUANTUM, dtype=np.int64)
    keys = []
    for shift in shifts_at(state.passages, start):
        moment = Moment(instance, state, pos, shift.frames)
        for layer in instance.program.layers:
            if (
                not isinstance(layer, NoiseLayer | StationLayer)
                or not moment.value(f"{layer.name}.level").any()
            ):
                continue
            seed = instance.stations[layer.name].seed
            recipes, lookback = [recipe for recipe, _ in _terms(layer, moment)], 0
            if isinstance(layer, StationLayer) and layer.spatial is not None:
                recipes, lookback = list(spun_recipes(layer)), 1
            for recipe in recipes:
                for tuning in sounding(state.tunings, start - lookback * QUANTUM):
                    ahead = tuning.offsets[layer.name] // QUANTUM
                    indices = {(quantum - back + ahead) // QUANTA_PER_GRANULE for back in range(lookback + 1)}
                    keys += [GranuleKey(recipe, seed, index) for index in sorted(indices)]
    return keys


def _row(recipe: str, seed: int, station_quantum: int, cache: GranuleCache) -> Floats:
    """One quantum of a station, (2, 960)."""
    index, offset = divmod(station_quantum, QUANTA_PER_GRANULE)
    return cache.get(GranuleKey(recipe, seed, index)).rows[[offset, offset + QUANTA_PER_GRANULE]]
