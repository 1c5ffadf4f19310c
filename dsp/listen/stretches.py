"""A stretch: quanta of one state in which little moves, made ready to be rendered in tiles."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from dsp.base.curves import Curve
from dsp.base.grid import QUANTUM, RATE_HZ
from dsp.base.ramps import Doubles, Frames
from dsp.base.units import db_to_gain
from dsp.listen.addresses import AM_DEPTH, AM_RATE, OUTPUT_GAIN
from dsp.listen.banks import SteadyTables, raised_cosine_tables, sine_tables
from dsp.listen.bell import peak as bell_peak
from dsp.listen.bell import silent_until, sounds_until
from dsp.listen.direct import Moment, spun_recipes, station_loudness_gain
from dsp.listen.instance import Instance
from dsp.listen.loudness import TONE_GAIN
from dsp.listen.modulation import greatest_gain
from dsp.listen.program import (
    BANDS,
    COLORS,
    BellLayer,
    IsochronicLayer,
    Layer,
    Modulation,
    NoiseLayer,
    Pulse,
    Spatial,
    StationLayer,
    ToneLayer,
)
from dsp.listen.state import State, shifts_at, sounding
from dsp.listen.survey import FOREVER, Bent, Quick, Straight, behaviour

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

    straight: Doubles
    """(4, 1, tracks): cycles at a position, that position, and there Hz and Hz a second."""
    bent: tuple[tuple[int, Curve], ...]
    """(index, curve) of the tracks that follow a curve of the program instead."""
    shift: int

    @property
    def is_still(self) -> bool:
        """Whether no frequency changes."""
        return not self.bent and not self.straight[3].any()


@dataclass(frozen=True, slots=True, eq=False)
class Am:
    """Sine modulation, both ears together: offset + swing·cos 2πu."""

    motion: TrackMotion
    tables: SteadyTables | None
    """Leading axes (1, 1): session, quantum; present while rate and depth stand still."""
    pulse: Pulse
    depth: float
    fades: Curve | None
    """Course of the depth where the program moves it."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A frequency track that is drawn frame by frame."""

    track: str
    course: Straight | Bent


@dataclass(frozen=True, slots=True, eq=False)
class Pulsed:
    """Modulation that is drawn frame by frame."""

    modulation: Modulation
    rate: Drawn
    depth: Straight | Bent


@dataclass(frozen=True, slots=True, eq=False)
class Beeps:
    """An isochronic layer, its pulse drawn frame by frame."""

    pulse: Pulse
    amplitude: float
    rate: Drawn
    carrier: Drawn
    tables: SteadyTables | None
    """Of the carrier with its amplitude; present while it stands still."""


@dataclass(frozen=True, slots=True, eq=False)
class Spin:
    """A station that moves around the head, drawn frame by frame."""

    terms: tuple[Term, Term]
    """The station and its high band."""
    spatial: Spatial
    rate: Drawn
    level_track: str
    level: Straight | Bent
    greatest_level: float


@dataclass(frozen=True, slots=True, eq=False)
class Toll:
    """A bell that sounds in every quantum of the stretch, drawn frame by frame."""

    layer: BellLayer
    gain: float
    level: Straight | Bent
    greatest_level: float


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """Binaural and monaural voices: n sines an ear."""

    motion: TrackMotion
    """Carriers of all voices, then their half beats."""
    ears: NDArray[np.intp]
    """(2, n): which of (carriers plus half beats, carriers less half beats) each ear hears."""
    amplitude: Doubles
    """(2, 1, 1, n): ear, session, quantum, sine."""
    tables: SteadyTables | None
    """Leading axes (2, 1, 1); present while all frequencies stand still."""


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Quanta below `until` that are rendered the same way."""

    until: int
    kind: tuple[object, ...]
    """Stretches of one kind fit in one tile."""
    is_fading: bool
    """Whether the program moves the level of a station."""
    is_drawn: bool
    """Whether there is something to be drawn frame by frame."""
    shift: int
    """Programme time less position, in frames."""
    moment_at: Callable[[Frames], Moment]
    """Moment of any positions of the stretch, for what is drawn frame by frame."""
    terms: tuple[Term, ...]
    spins: tuple[Spin, ...]
    am: Am | None
    pulsed: Pulsed | None
    bank: Bank | None
    isochronic: tuple[Beeps, ...]
    bells: tuple[Toll, ...]
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
        spins = tuple(self.spins(output, offsets))
        modulation = self.instance.program.modulation if terms or spins else None
        am, pulsed, peak = self.modulation(modulation) if modulation is not None else (None, None, 1.0)
        bank = self.bank(output)
        isochronic = tuple(self.isochronic(output))
        bells = tuple(self.bells(output))
        tone_peak = sum(beeps.amplitude for beeps in isochronic)
        tone_peak += sum(toll.gain * toll.greatest_level * bell_peak(toll.layer) for toll in bells)
        if bank is not None:
            tone_peak += float(bank.amplitude.sum(axis=-1).max())
        is_fading = any(term.fades is not None for term in terms)
        is_drawn = pulsed is not None or bool(isochronic or spins or bells)
        return Stretch(
            until=self.until,
            kind=(len(terms), is_fading, _kind(am, bank), is_drawn),
            is_fading=is_fading,
            is_drawn=is_drawn,
            shift=self.shift,
            moment_at=self.moment,
            terms=terms,
            spins=spins,
            am=am,
            pulsed=pulsed,
            bank=bank,
            isochronic=isochronic,
            bells=bells,
            station_peak=peak,
            tone_peak=tone_peak,
        )

    def bells(self, output: float) -> Iterator[Toll]:
        """Bells that sound; the stretch ends where one begins or is over."""
        time = self.quantum * QUANTUM + self.shift
        for layer in self.instance.program.layers:
            if not isinstance(layer, BellLayer):
                continue
            end, is_over = (
                silent_until(layer, time, time + QUANTUM),
                sounds_until(layer, time, time + QUANTUM),
            )
            if is_over is None:
                self.until = min(self.until, (cast("int", end) - self.shift) // QUANTUM)
                continue
            self.until = min(self.until, -(-(is_over - self.shift) // QUANTUM))
            found, greatest = self.level(layer.name)
            if greatest != 0.0:
                yield Toll(layer, output, found, greatest)

    def level(self, layer: str) -> tuple[Straight | Bent, float]:
        """Course of a level that is drawn frame by frame, and its greatest value."""
        found = self.look(f"{layer}.level")
        fades = self.fading(f"{layer}.level", found)
        return found, max(fades.values) if fades is not None else cast("Straight", found).value

    def drawn(self, track: str) -> Drawn:
        return Drawn(track, self.look(track))

    def moment(self, pos: Frames) -> Moment:
        return Moment(self.instance, self.state, pos, self.shift)

    def look(self, track: str) -> Straight | Bent:
        found = behaviour(self.instance, self.state, track, self.quantum, self.shift)
        if isinstance(found, Quick):
            raise _TooQuickError(found.until)
        self.until = min(self.until, found.until)
        return found

    def gain(self, track: str) -> float:
        """A gain that has to stand still."""
        found = self.look(track)
        if isinstance(found, Bent) or not found.is_still:
            raise _TooQuickError(found.until)
        return found.value

    def terms(self, output: float, offsets: Mapping[str, int]) -> Iterator[Term]:
        for layer in self.instance.program.layers:
            if not isinstance(layer, NoiseLayer | StationLayer) or _is_spun(layer):
                continue
            found = self.look(f"{layer.name}.level")
            level, fades = 1.0, self.fading(f"{layer.name}.level", found)
            if isinstance(found, Straight) and found.is_still:
                level = found.value
            if level == 0.0:
                continue
            seed = self.instance.stations[layer.name].seed
            ahead = offsets[layer.name] // QUANTUM
            for recipe, gain in self.recipes(layer):
                whole = gain * level * output * station_loudness_gain(recipe, seed)
                yield Term(recipe, seed, ahead, whole, fades)

    def spins(self, output: float, offsets: Mapping[str, int]) -> Iterator[Spin]:
        for layer in self.instance.program.layers:
            if not isinstance(layer, StationLayer) or layer.spatial is None:
                continue
            seed = self.instance.stations[layer.name].seed
            found, greatest = self.level(layer.name)
            if greatest == 0.0:
                continue
            ahead = offsets[layer.name] // QUANTUM
            station, high = (
                Term(recipe, seed, ahead, output * station_loudness_gain(recipe, seed), None)
                for recipe in spun_recipes(layer)
            )
            yield Spin(
                (station, high),
                layer.spatial,
                self.drawn(f"{layer.name}.spin"),
                f"{layer.name}.level",
                found,
                greatest,
            )

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

    def fading(self, track: str, found: Straight | Bent) -> Curve | None:
        """The program's curve of a gain that does not stand still."""
        is_still = isinstance(found, Straight) and found.is_still
        return None if is_still else self.instance.score.curves[track]

    def modulation(self, modulation: Modulation) -> tuple[Am | None, Pulsed | None, float]:
        """(batched, drawn frame by frame, greatest gain)."""
        found, rate = self.look(AM_DEPTH), self.look(AM_RATE)
        fades = self.fading(AM_DEPTH, found)
        depth = found.value if isinstance(found, Straight) and fades is None else 1.0
        if depth == 0.0:
            return None, None, 1.0
        depths = (depth, depth) if fades is None else (min(fades.values), max(fades.values))
        rates_hz = self.range(AM_RATE, rate)
        peak = greatest_gain(modulation.pulse, modulation.stereo, rates_hz, depths)
        if modulation.pulse.law != "sine" or modulation.stereo != "together":
            return None, Pulsed(modulation, Drawn(AM_RATE, rate), found), peak
        if fades is not None:
            self.refuse_quick_depth(fades, found.until)
        motion = self.motion([AM_RATE])
        tables = None
        if fades is None and motion.is_still:
            offset, swing = sine_swing(modulation.pulse.floor, np.array([depth]))
            still = raised_cosine_tables(float(motion.straight[2, 0, 0]), float(offset[0]), float(swing[0]))
            tables = _with_axes(still, 0)
        return Am(motion, tables, modulation.pulse, depth, fades), None, peak

    def range(self, track: str, found: Straight | Bent) -> tuple[float, float]:
        """Least and greatest value that a track may have in the stretch."""
        if isinstance(found, Straight) and found.is_still:
            return found.value, found.value
        values = self.instance.score.curves[track].values
        return min(values), max(values)

    def refuse_quick_depth(self, curve: Curve, until: int) -> None:
        """A depth is set once a sub-block: more than a little would be heard as steps."""
        segment = curve.segment_of(self.quantum * QUANTUM + self.shift)
        rise = abs(curve.values[segment + 1] - curve.values[segment])
        seconds = (curve.frames[segment + 1] - curve.frames[segment]) / RATE_HZ
        if rise > MOST_DEPTH_PER_S * seconds:
            raise _TooQuickError(until)

    def motion(self, tracks: Sequence[str]) -> TrackMotion:
        found = [self.look(track) for track in tracks]
        nowhere = Straight(0.0, 0.0, 0.0, 0, 0)
        lines = [item if isinstance(item, Straight) else nowhere for item in found]
        rows = [[line.cycles, line.origin, line.value, line.slope] for line in lines]
        curves = self.instance.score.curves
        bent = tuple((i, curves[tracks[i]]) for i, item in enumerate(found) if isinstance(item, Bent))
        return TrackMotion(np.array(rows).T[:, None].copy(), bent, self.shift)

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
        if not motion.is_still:
            return Bank(motion, ears, amplitude[:, None, None], None)
        half = len(voices)
        carrier_hz, half_beat_hz = motion.straight[2, 0, :half], motion.straight[2, 0, half:]
        high, low = carrier_hz + half_beat_hz, carrier_hz - half_beat_hz
        tables = sine_tables(np.concatenate([high, low])[ears], amplitude)
        return Bank(motion, ears, amplitude[:, None, None], _with_axes(tables, 1))

    def isochronic(self, output: float) -> Iterator[Beeps]:
        for layer in self.instance.program.layers:
            if isinstance(layer, IsochronicLayer):
                amplitude = self.gain(f"{layer.name}.level") * output * TONE_GAIN
                if amplitude != 0.0:
                    rate, carrier = (self.drawn(f"{layer.name}.{name}") for name in ("rate", "carrier.0"))
                    tables = None
                    if isinstance(carrier.course, Straight) and carrier.course.is_still:
                        tables = sine_tables(np.array([carrier.course.value]), np.array([amplitude]))
                    yield Beeps(layer.pulse, amplitude, rate, carrier, tables)


def _is_spun(layer: Layer) -> bool:
    return isinstance(layer, StationLayer) and layer.spatial is not None


def _with_axes(tables: SteadyTables, at: int) -> SteadyTables:
    """Tables with axes for session and quantum, so that those of several sessions can be joined."""
    axes = (at, at + 1)
    return SteadyTables(np.expand_dims(tables.rotations, axes), np.expand_dims(tables.waves, axes))


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


def _kind(am: Am | None, bank: Bank | None) -> tuple[object, ...]:
    """What has to be the same for modulations and banks to be computed together."""
    modulation = None if am is None else am.tables is not None
    sines = (
        None if bank is None else (bank.tables is not None, bank.motion.straight.size, bank.ears.tobytes())
    )
    return modulation, sines


def sine_swing(floor: Doubles | float, depth: Doubles) -> tuple[Doubles, Doubles]:
    """Offset and swing of a compensated sine modulation: (1 − m + m·(f + (1 − f)·(1 − cos)/2))·loss.

    The loss is 1/√mean(gain²); mean and mean square of (1 − cos)/2 are 1/2 and 3/8.
    """
    swing = -0.5 * depth * (1.0 - floor)
    offset = 1.0 - depth + depth * floor - swing
    loss = 1.0 / np.sqrt(offset * offset + 0.5 * swing * swing)
    return offset * loss, swing * loss
