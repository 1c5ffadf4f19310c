"""Tiles: runs of several sessions rendered by the same numpy calls, session by quantum by channel.

Every operation is element by element, or one matrix product of fixed shape for each quantum, so a
run comes out the same whatever it shares its tile with.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.base.grid import QUANTUM, RATE_HZ
from dsp.listen.addresses import AM_DEPTH, AM_RATE
from dsp.listen.banks import (
    GLIDE_BLOCKS,
    Floats,
    Motion,
    gliding_cosine,
    gliding_sines,
    steady,
)
from dsp.listen.direct import sine
from dsp.listen.loudness import TONE_GAIN
from dsp.listen.modulation import modulation_gains
from dsp.listen.program import IsochronicLayer, Modulation
from dsp.listen.pulse import window
from dsp.listen.stations import QUANTA_PER_GRANULE, GranuleCache, GranuleKey
from dsp.listen.stretches import Stretch, TrackMotion, sine_swing

_CHANNEL_ROWS = np.array([0, QUANTA_PER_GRANULE])
_LINE = (np.arange(QUANTUM) / QUANTUM).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Quanta first … first + count − 1 of one stretch."""

    stretch: Stretch
    first: int
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Workspace:
    """Two blocks to compute in, so that tiles do not allocate what the cache has just lost."""

    signal: Floats
    other: Floats

    @staticmethod
    def of(quanta: int) -> "Workspace":
        """Room for that many quanta."""
        return Workspace(*(np.empty((quanta, 2, QUANTUM), dtype=np.float32) for _ in range(2)))


def render_tile(runs: Sequence[Run], cache: GranuleCache, work: Workspace) -> Floats:
    """Signal before the guard, (sessions, quanta, 2, 960), of runs of one kind and one length."""
    shape = (len(runs), runs[0].count, 2, QUANTUM)
    size = shape[0] * shape[1]
    signal, other = work.signal[:size].reshape(shape), work.other[:size].reshape(shape)
    stretch = runs[0].stretch
    if not stretch.terms:
        signal[:] = 0.0
    for i in range(len(stretch.terms)):
        block = other if i else signal
        _gather(runs, i, cache, block)
        block *= _term_gains(runs, i)
        if i:
            signal += other
    if stretch.am is not None:
        signal *= _modulation(runs)
    for run, block in zip(runs, signal, strict=True):
        if run.stretch.pulsed is not None:
            _modulate(run, run.stretch.pulsed, block)
    if stretch.bank is not None:
        _sines(runs, other)
        signal += other
    for run, block in zip(runs, signal, strict=True):
        for layer, gain in run.stretch.isochronic:
            np.add(block, _isochronic(run, layer, gain), out=block)
    return signal


def _gather(runs: Sequence[Run], term: int, cache: GranuleCache, out: Floats) -> None:
    """Station samples of a term of each run into out (sessions, quanta, 2, 960)."""
    rows = out.reshape(-1, 2, QUANTUM)
    wanted: dict[GranuleKey, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    place = 0
    for run in runs:
        station = run.stretch.terms[term]
        index, offset = divmod(run.first + station.quanta_ahead, QUANTA_PER_GRANULE)
        for _ in range(run.count):
            places, offsets = wanted[GranuleKey(station.recipe, station.seed, index)]
            places.append(place)
            offsets.append(offset)
            place += 1
            offset += 1
            if offset == QUANTA_PER_GRANULE:
                index, offset = index + 1, 0
    for key, (places, offsets) in wanted.items():
        picked = np.array(offsets)[:, None] + _CHANNEL_ROWS
        source = cache.get(key).rows
        if len(places) == len(rows):
            np.take(source, picked, axis=0, out=rows, mode="clip")
        else:
            rows[places] = source[picked]


def _term_gains(runs: Sequence[Run], term: int) -> Floats:
    """Gain of a term, (sessions, 1, 1, 1); where a level fades, straight through each quantum."""
    gains = np.array([run.stretch.terms[term].gain for run in runs])[:, None, None, None]
    if all(run.stretch.terms[term].fades is None for run in runs):
        return gains.astype(np.float32)
    faded = np.empty((len(runs), runs[0].count, 1, QUANTUM), dtype=np.float32)
    for run, gain, out in zip(runs, gains, faded, strict=True):
        fades = run.stretch.terms[term].fades
        if fades is None:
            out[:] = np.float32(gain[0, 0, 0])
            continue
        edges = np.arange(run.first, run.first + run.count + 1) * QUANTUM + run.stretch.shift
        level = fades.at(edges) * gain[0, 0, 0]
        rise = (level[1:] - level[:-1]).astype(np.float32)
        out[:, 0] = level[:-1, None].astype(np.float32) + rise[:, None] * _LINE
    return faded


def _quanta(runs: Sequence[Run]) -> NDArray[np.int64]:
    """Indices of the quanta, (sessions, quanta)."""
    first = np.array([run.first for run in runs], dtype=np.int64)
    return first[:, None] + np.arange(runs[0].count)


def _cycles(motions: Sequence[TrackMotion], quanta: NDArray[np.int64]) -> NDArray[np.float64]:
    """Phases of tracks that stand still at the start of each quantum, (sessions, quanta, tracks)."""
    cycles = np.array([motion.cycles for motion in motions])[:, None]
    origin = np.array([motion.origin for motion in motions])[:, None]
    freq_hz = np.array([motion.freq_hz for motion in motions])[:, None]
    phases: NDArray[np.float64] = cycles + freq_hz * (((quanta * QUANTUM)[..., None] - origin) / RATE_HZ)
    return phases


def _gliding(motions: Sequence[TrackMotion], quanta: NDArray[np.int64]) -> Motion:
    """Motions of tracks that glide, (sessions, quanta, tracks)."""
    each = [motion.at(row) for motion, row in zip(motions, quanta, strict=True)]
    return Motion(
        np.array([motion.cycles for motion in each]),
        np.array([motion.freq_hz for motion in each]),
        np.array([motion.slope for motion in each]),
    )


def _modulation(runs: Sequence[Run]) -> Floats:
    """Gain of a sine modulation, (sessions, quanta, 1, 960)."""
    ams = [run.stretch.am for run in runs if run.stretch.am is not None]
    quanta = _quanta(runs)
    out = np.empty((*quanta.shape, QUANTUM), dtype=np.float32)
    motions = [am.motion for am in ams]
    tables = [am.tables for am in ams if am.tables is not None]
    if tables:
        rotations = np.array([table.rotations for table in tables])[:, None]
        waves = np.array([table.waves for table in tables])[:, None]
        steady(_cycles(motions, quanta), rotations, waves, out)
        return out[:, :, None]
    blocks = np.arange(GLIDE_BLOCKS) * (QUANTUM // GLIDE_BLOCKS)
    offsets = np.empty((*quanta.shape, GLIDE_BLOCKS))
    swings = np.empty_like(offsets)
    for am, run, row, offset, swing in zip(ams, runs, quanta, offsets, swings, strict=True):
        pos = (row[:, None] * QUANTUM + blocks + run.stretch.shift).reshape(-1)
        depth = am.depth.at(pos).reshape(offset.shape)
        offset[:], swing[:] = sine_swing(am.pulse, depth)
    gliding_cosine(_gliding(motions, quanta), offsets, swings, out)
    return out[:, :, None]


def _sines(runs: Sequence[Run], out: Floats) -> None:
    """Binaural and monaural voices into out (sessions, quanta, 2, 960)."""
    banks = [run.stretch.bank for run in runs if run.stretch.bank is not None]
    quanta = _quanta(runs)
    motions = [bank.motion for bank in banks]
    ears, half = banks[0].ears, banks[0].motion.cycles.size // 2
    if banks[0].waves is not None:
        phases = _cycles(motions, quanta)
        high = phases[..., :half] + phases[..., half:]
        low = phases[..., :half] - phases[..., half:]
        rotations = np.array([bank.rotations for bank in banks])[:, None]
        waves = np.array([bank.waves for bank in banks])[:, None]
        steady(_by_ear(high, low, ears), rotations, waves, out)
        return
    motion = _gliding(motions, quanta)
    carriers, halves = (
        Motion(motion.cycles[..., part], motion.freq_hz[..., part], motion.slope[..., part])
        for part in (slice(half), slice(half, None))
    )
    high_motion, low_motion = carriers + halves, carriers - halves
    amplitude = np.array([bank.amplitude for bank in banks])[:, None]
    sounding = Motion(
        _by_ear(high_motion.cycles, low_motion.cycles, ears),
        _by_ear(high_motion.freq_hz, low_motion.freq_hz, ears),
        _by_ear(high_motion.slope, low_motion.slope, ears),
    )
    gliding_sines(sounding, amplitude, out)


def _by_ear(
    high: NDArray[np.float64], low: NDArray[np.float64], ears: NDArray[np.intp]
) -> NDArray[np.float64]:
    """What each ear hears out of the high and the low sines, (…, 2, n)."""
    return np.take(np.concatenate([high, low], axis=-1), ears, axis=-1)


def _modulate(run: Run, modulation: Modulation, block: Floats) -> None:
    """Modulation drawn frame by frame, on a run's stations (quanta, 2, 960)."""
    moment = run.stretch.moment_of(run.first, run.count)
    cycles, rate_hz, depth = moment.cycles(AM_RATE), moment.value(AM_RATE), moment.value(AM_DEPTH)
    gains = modulation_gains(modulation.pulse, modulation.stereo, cycles, rate_hz, depth)
    for ear, gain in enumerate(gains):
        block[:, ear] *= gain.astype(np.float32).reshape(run.count, QUANTUM)


def _isochronic(run: Run, layer: IsochronicLayer, gain: float) -> Floats:
    """An isochronic layer drawn frame by frame, (quanta, 1, 960)."""
    moment = run.stretch.moment_of(run.first, run.count)
    pulse = window(layer.pulse, moment.cycles(f"{layer.name}.rate"), moment.value(f"{layer.name}.rate"))
    tone = (gain * TONE_GAIN) * pulse * sine(moment.cycles(f"{layer.name}.carrier.0"))
    return tone.astype(np.float32).reshape(run.count, 1, QUANTUM)
