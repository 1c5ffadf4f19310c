"""A stretch: quanta of one state in which little moves, made ready to be rendered in tiles."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.base.curves import Curve, constant
from dsp.base.grid import QUANTUM, RATE_HZ
from dsp.base.ramps import Doubles
from dsp.base.units import db_to_gain
from dsp.listen.addresses import AM_DEPTH, AM_RATE, OUTPUT_GAIN
from dsp.listen.banks import Floats, Motion, Phasors, SteadyTables, raised_cosine_tables, sine_tables
from dsp.listen.direct import Moment, station_loudness_gain
from dsp.listen.instance import Instance
from dsp.listen.loudness import TONE_GAIN
from dsp.listen.modulation import compensation, greatest_gain
from dsp.listen.program import (
    BANDS,
    COLORS,
    IsochronicLayer,
    Modulation,
    NoiseLayer,
    Pulse,
    StationLayer,
    ToneLayer,
)
from dsp.listen.state import State, shifts_at, sounding
from dsp.listen.survey import FOREVER, Quick, Slow, Still, behaviour

MOST_DEPTH_PER_S: Final = 0.001
"""A depth that moves more quickly is drawn frame by frame."""


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A station and its gain; `fades` is the level's curve where the program moves it."""

    recipe: str
    seed: int
    quanta_ahead: int
    """Station quantum less quantum."""
    gain: float
    fades: Curve | None


@dataclass(frozen=True, slots=True, eq=False)
class TrackMotion:
    """Where the phases of several tracks are in any quantum of the stretch."""

    cycles: Doubles
    origin: Doubles
    freq_hz: Doubles
    curves: tuple[tuple[int, Curve], ...]
    """(index, curve) of the tracks that follow the program; the others stand still from `origin` on."""
    shift: int

    def at(self, quanta: NDArray[np.int64]) -> Motion:
        """Motion in each quantum, (quanta, tracks)."""
        start = quanta * QUANTUM
        offset = (start[:, None] - self.origin) / RATE_HZ
        cycles = self.cycles + self.freq_hz * offset
        freq_hz = np.broadcast_to(self.freq_hz, cycles.shape).copy()
        slope = np.zeros(cycles.shape)
        duration_s = QUANTUM / RATE_HZ
        for i, curve in self.curves:
            edges = np.append(start, start[-1] + QUANTUM) + self.shift
            area = curve.integral(edges)
            cycles[:, i] = area[:-1]
            freq_hz[:, i] = curve.at(edges[:-1])
            # the parabola of phase that leaves with the right frequency and arrives at the right phase
            rest = (area[1:] - area[:-1]) - freq_hz[:, i] * duration_s
            slope[:, i] = 2.0 * rest / duration_s**2
        return Motion(cycles, freq_hz, slope)


@dataclass(frozen=True, slots=True, eq=False)
class Am:
    """Sine modulation, both ears together: offset + swing·cos 2πu."""

    motion: TrackMotion
    tables: SteadyTables | None
    """Present while rate and depth stand still."""
    pulse: Pulse
    depth: Curve


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """Binaural and monaural voices: n sines an ear."""

    motion: TrackMotion
    """Carriers of all voices, then their half beats."""
    ears: NDArray[np.intp]
    """(2, n): which of (carriers plus half beats, carriers less half beats) each ear hears."""
    amplitude: Doubles
    """(2, n)"""
    rotations: Phasors | None
    """(2, K, n), and waves (2, 2n, M): present while all frequencies stand still."""
    waves: Floats | None


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Quanta below `until` that are rendered the same way."""

    until: int
    kind: tuple[object, ...]
    """Stretches of one kind fit in one tile."""
    shift: int
    """Programme time less position, in frames."""
    moment_of: Callable[[int, int], Moment]
    """Moment of a run of quanta (first, count), for what is drawn frame by frame."""
    terms: tuple[Term, ...]
    am: Am | None
    pulsed: Modulation | None
    """Modulation that is drawn frame by frame."""
    bank: Bank | None
    isochronic: tuple[tuple[IsochronicLayer, float], ...]
    """(layer, gain)"""
    station_peak: float
    """Greatest gain of the modulation."""
    tone_peak: float
    """Sum of the amplitudes of all tones."""


class _TooQuickError(Exception):
    """Something moves that tiles cannot follow, until a quantum."""

    def __init__(self, until: int) -> None:
        super().__init__()
        self.until = until


def stretch_at(instance: Instance, state: State, quantum: int) -> Stretch | Quick:
    """The stretch that `quantum` lies in, or until when the direct arithmetic is needed."""
    start = quantum * QUANTUM
    shifts = shifts_at(state.passages, start)
    tunings = [tuning for tuning in sounding(state.tunings, start) if tuning.at < start + QUANTUM]
    if len(shifts) > 1 or len(tunings) > 1:
        return Quick(quantum + 1)
    survey = _Survey(instance, state, quantum, shifts[0].frames)
    try:
        return survey.stretch(tunings[0].offsets)
    except _TooQuickError as found:
        return Quick(found.until)


class _Survey:
    """Collects the parts of a stretch and how long they last."""

    def __init__(self, instance: Instance, state: State, quantum: int, shift: int) -> None:
        self.instance, self.state, self.quantum, self.shift = instance, state, quantum, shift
        region = state.passages[-1].region
        self.until = FOREVER if region is None else max((region[1] - shift) // QUANTUM, quantum + 1)

    def stretch(self, offsets: Mapping[str, int]) -> Stretch:
        output = self.gain(OUTPUT_GAIN) * db_to_gain(self.instance.gain_db)
        terms = tuple(self.terms(output, offsets))
        modulation = self.instance.program.modulation if terms else None
        am, pulsed, peak = self.modulation(modulation) if modulation is not None else (None, None, 1.0)
        bank = self.bank(output)
        isochronic = tuple(self.isochronic(output))
        tone_peak = sum(gain for _, gain in isochronic) * TONE_GAIN
        if bank is not None:
            tone_peak += float(bank.amplitude.sum(axis=1).max())
        return Stretch(
            until=self.until,
            kind=_kind(terms, am, bank, is_mixed=pulsed is not None or bool(isochronic)),
            shift=self.shift,
            moment_of=self.moment,
            terms=terms,
            am=am,
            pulsed=pulsed,
            bank=bank,
            isochronic=isochronic,
            station_peak=peak,
            tone_peak=tone_peak,
        )

    def moment(self, first: int, count: int) -> Moment:
        pos = np.arange(first * QUANTUM, (first + count) * QUANTUM, dtype=np.int64)
        return Moment(self.instance, self.state, pos, self.shift)

    def look(self, track: str) -> Still | Slow:
        found = behaviour(self.instance, self.state, track, self.quantum, self.shift)
        if isinstance(found, Quick):
            raise _TooQuickError(found.until)
        self.until = min(self.until, found.until)
        return found

    def gain(self, track: str) -> float:
        """A gain that has to stand still."""
        found = self.look(track)
        if isinstance(found, Slow):
            raise _TooQuickError(found.until)
        return found.value

    def terms(self, output: float, offsets: Mapping[str, int]) -> Iterator[Term]:
        for layer in self.instance.program.layers:
            if isinstance(layer, ToneLayer | IsochronicLayer):
                continue
            found = self.look(f"{layer.name}.level")
            level, fades = (found.value, None) if isinstance(found, Still) else (1.0, f"{layer.name}.level")
            if level == 0.0:
                continue
            seed = self.instance.stations[layer.name].seed
            ahead = offsets[layer.name] // QUANTUM
            for recipe, gain in self.recipes(layer):
                whole = gain * level * output * station_loudness_gain(recipe, seed)
                yield Term(recipe, seed, ahead, whole, self.instance.score.curves[fades] if fades else None)

    def recipes(self, layer: NoiseLayer | StationLayer) -> Iterator[tuple[str, float]]:
        if isinstance(layer, StationLayer):
            yield f"{layer.kind}:{layer.recipe}", 1.0
            return
        for color in COLORS:
            weight = self.gain(f"{layer.name}.color.{color}")
            if weight == 0.0:
                continue
            yield f"noise:{color}", weight
            for band in range(BANDS):
                excess = self.gain(f"{layer.name}.band_{band}") - 1.0
                if excess != 0.0:
                    yield f"noise:{color}:{band}", weight * excess

    def modulation(self, modulation: Modulation) -> tuple[Am | None, Modulation | None, float]:
        """(batched, drawn frame by frame, greatest gain)."""
        found, rate = self.look(AM_DEPTH), self.look(AM_RATE)
        if isinstance(found, Still) and found.value == 0.0:
            return None, None, 1.0
        peak = greatest_gain(
            modulation.pulse, modulation.stereo, self.range(AM_RATE, rate), self.range(AM_DEPTH, found)
        )
        if modulation.pulse.law != "sine" or modulation.stereo != "together":
            return None, modulation, peak
        motion = self.motion([AM_RATE])
        curve = constant(found.value) if isinstance(found, Still) else self.slow_depth(found)
        tables = None
        if isinstance(found, Still) and not motion.curves:
            offset, swing = sine_swing(modulation.pulse, np.array([found.value]))
            tables = raised_cosine_tables(float(motion.freq_hz[0]), float(offset[0]), float(swing[0]))
        return Am(motion, tables, modulation.pulse, curve), None, peak

    def range(self, track: str, found: Still | Slow) -> tuple[float, float]:
        """Least and greatest value in the stretch."""
        if isinstance(found, Still):
            return found.value, found.value
        values = self.instance.score.curves[track].values
        return min(values), max(values)

    def slow_depth(self, found: Slow) -> Curve:
        curve = self.instance.score.curves[AM_DEPTH]
        start = self.quantum * QUANTUM + self.shift
        segment = curve.segment_of(start)
        rise = abs(curve.values[segment + 1] - curve.values[segment])
        seconds = (curve.frames[segment + 1] - curve.frames[segment]) / RATE_HZ
        if rise > MOST_DEPTH_PER_S * seconds:
            raise _TooQuickError(found.until)
        return curve

    def motion(self, tracks: Sequence[str]) -> TrackMotion:
        found = [self.look(track) for track in tracks]
        curves = self.instance.score.curves
        still = [item if isinstance(item, Still) else Still(0.0, 0.0, 0, 0) for item in found]
        return TrackMotion(
            cycles=np.array([item.cycles for item in still]),
            origin=np.array([item.origin for item in still], dtype=np.float64),
            freq_hz=np.array([item.value for item in still]),
            curves=tuple(
                (i, curves[track])
                for i, (track, item) in enumerate(zip(tracks, found, strict=True))
                if isinstance(item, Slow)
            ),
            shift=self.shift,
        )

    def bank(self, output: float) -> Bank | None:
        voices: list[tuple[ToneLayer, int, float]] = []
        for layer in self.instance.program.layers:
            if isinstance(layer, ToneLayer):
                level = self.gain(f"{layer.name}.level") * output * TONE_GAIN
                if level != 0.0:
                    voices += [(layer, i, level * voice.gain) for i, voice in enumerate(layer.voices)]
        if not voices:
            return None
        carriers = [f"{layer.name}.carrier.{i}" for layer, i, _ in voices]
        halves = [f"{layer.name}.half_beat.{i}" for layer, i, _ in voices]
        motion = self.motion(carriers + halves)
        ears, amplitude = _ears(voices)
        if motion.curves:
            return Bank(motion, ears, amplitude, None, None)
        half = len(voices)
        high = motion.freq_hz[:half] + motion.freq_hz[half:]
        low = motion.freq_hz[:half] - motion.freq_hz[half:]
        freq_hz = np.concatenate([high, low])[ears]
        left, right = (sine_tables(freq_hz[ear], amplitude[ear]) for ear in (0, 1))
        rotations = np.stack([left.rotations, right.rotations])
        return Bank(motion, ears, amplitude, rotations, np.stack([left.waves, right.waves]))

    def isochronic(self, output: float) -> Iterator[tuple[IsochronicLayer, float]]:
        for layer in self.instance.program.layers:
            if isinstance(layer, IsochronicLayer):
                level = self.gain(f"{layer.name}.level") * output
                if level != 0.0:
                    self.look(f"{layer.name}.carrier.0")
                    self.look(f"{layer.name}.rate")
                    yield layer, level


def _ears(voices: Sequence[tuple[ToneLayer, int, float]]) -> tuple[NDArray[np.intp], Doubles]:
    """Sines of each ear, out of (all high, all low), and their amplitudes; binaural before monaural."""
    count = len(voices)
    left, right, amplitude = [], [], []
    for i, (layer, _, gain) in enumerate(voices):
        if layer.kind == "binaural":
            left.append(i)
            right.append(count + i)
            amplitude.append(gain)
        else:
            left += [i, count + i]
            right += [i, count + i]
            amplitude += [0.5 * gain, 0.5 * gain]
    return np.array([left, right]), np.array([amplitude, amplitude])


def _kind(terms: tuple[Term, ...], am: Am | None, bank: Bank | None, *, is_mixed: bool) -> tuple[object, ...]:
    fading = any(term.fades is not None for term in terms)
    modulation = None if am is None else am.tables is not None
    sines = None if bank is None else (bank.rotations is not None, bank.motion.cycles.size, bank.ears.shape)
    return len(terms), fading, modulation, sines, is_mixed


def sine_swing(pulse: Pulse, depth: Doubles) -> tuple[Doubles, Doubles]:
    """Offset and swing of a compensated sine modulation: (1 − m + m·(f + (1 − f)·(1 − cos)/2))·loss."""
    loss = compensation(pulse, np.zeros_like(depth), depth)
    swing = -0.5 * depth * (1.0 - pulse.floor)
    return (1.0 - depth + depth * pulse.floor - swing) * loss, swing * loss
