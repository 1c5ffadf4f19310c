"""Tiles: runs of several sessions rendered by the same numpy calls, ear by session by quantum.

Every operation is element by element, or one matrix product of fixed shape for each quantum, so a
run comes out the same whatever it shares its tile with. Ears come first, because arithmetic on one
ear of the whole tile then is one unbroken stretch of memory.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dsp.base.curves import Curve
from dsp.base.grid import QUANTUM, RATE_HZ
from dsp.base.ramps import Doubles
from dsp.listen.banks import (
    GLIDE_BLOCKS,
    Floats,
    Motion,
    SteadyTables,
    gliding_cosine,
    gliding_sines,
    turned,
    woven,
)
from dsp.listen.drawn import add_spins, add_tones, modulate
from dsp.listen.stations import QUANTA_PER_GRANULE, GranuleCache, GranuleKey
from dsp.listen.stretches import Am, Bank, Stretch, Term, TrackMotion, sine_swing

Quanta = NDArray[np.int64]
_LONG = 10
"""Quanta of a run from which on it pays to read its granules alone."""
_QUANTUM_S = QUANTUM / RATE_HZ
_BLOCKS = np.arange(GLIDE_BLOCKS) * (QUANTUM // GLIDE_BLOCKS)
_LINE = (np.arange(QUANTUM) / QUANTUM).astype(np.float32)


class Run(NamedTuple):
    """Some quanta of one stretch, from quantum `first` on."""

    stretch: Stretch
    first: int
    quanta: int


@dataclass(frozen=True, slots=True, eq=False)
class Workspace:
    """Two blocks to compute in, so that tiles do not allocate what the cache has just lost."""

    signal: Floats
    other: Floats

    @staticmethod
    def of(quanta: int) -> "Workspace":
        """Room for that many quanta of two ears."""
        return Workspace(*(np.empty(2 * quanta * QUANTUM, dtype=np.float32) for _ in range(2)))


def render_tiles(runs: Sequence[Run], cache: GranuleCache, work: Workspace, size: int) -> Iterator[Floats]:
    """Signals before the guard, (2, sessions, quanta, 960), of `size` runs at a time; each spoils the last.

    All are of one kind and one length. What is small is worked out for all of them together first, because
    there a numpy call costs more than what it does; what is large comes tile by tile, to stay in the cache.
    """
    first = np.array([run.first for run in runs], dtype=np.int64)
    quanta = first[:, None] + np.arange(runs[0].quanta)
    modulation, sines = _modulation_columns(runs, quanta), _sine_columns(runs, quanta)
    for begin in range(0, len(runs), size):
        these = slice(begin, begin + size)
        columns = _Columns(
            quanta[these],
            None if modulation is None else modulation[these],
            None if sines is None else sines[:, these],
        )
        yield _render_tile(runs[these], columns, cache, work)


def render_tile(runs: Sequence[Run], cache: GranuleCache, work: Workspace) -> Floats:
    """Signal before the guard, (2, sessions, quanta, 960), of runs of one kind and one length."""
    return next(render_tiles(runs, cache, work, len(runs)))


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """The small half of the oscillator products of some runs, where their frequencies stand still."""

    quanta: Quanta
    """(sessions, quanta)."""
    modulation: Floats | None
    """(sessions, quanta, K, 3)."""
    sines: Floats | None
    """(2, sessions, quanta, K, 2n)."""


def _render_tile(runs: Sequence[Run], columns: _Columns, cache: GranuleCache, work: Workspace) -> Floats:
    shape = (2, *columns.quanta.shape, QUANTUM)
    size = 2 * columns.quanta.size * QUANTUM
    signal, other = work.signal[:size].reshape(shape), work.other[:size].reshape(shape)
    _stations(runs, cache, signal, other)
    drawn = list(enumerate(runs)) if runs[0].stretch.is_drawn else []
    for i, run in drawn:
        add_spins(run.stretch, run.first, signal[:, i], cache)
    ams = [run.stretch.am for run in runs if run.stretch.am is not None]
    if ams:
        gain = other[0]
        _modulation(ams, columns, gain)
        signal *= gain
    for i, run in drawn:
        modulate(run.stretch, run.first, signal[:, i])
    banks = [run.stretch.bank for run in runs if run.stretch.bank is not None]
    if banks:
        _sines(banks, columns, other)
        signal += other
    for i, run in drawn:
        add_tones(run.stretch, run.first, signal[:, i])
    return signal


def _stations(runs: Sequence[Run], cache: GranuleCache, signal: Floats, other: Floats) -> None:
    """Sum of all stations of each run into signal (2, sessions, quanta, 960)."""
    count = len(runs[0].stretch.terms)
    if count == 0:
        signal[:] = 0.0
    for i in range(count):
        block = other if i else signal
        gains = _term_gains(runs, i)
        if runs[0].quanta < _LONG:
            _gather(runs, i, cache, block)
            block *= gains
        else:
            for run, gain, out in zip(runs, gains, block.swapaxes(0, 1), strict=True):
                _scale(run, run.stretch.terms[i], gain, cache, out)
        if i:
            signal += other


def _scale(run: Run, station: Term, gain: Floats, cache: GranuleCache, out: Floats) -> None:
    """Station samples of a long run times their gain into out (2, quanta, 960), straight from granules."""
    done = 0
    while done < run.quanta:
        second, row = divmod(run.first + station.quanta_ahead + done, QUANTA_PER_GRANULE)
        end = min(run.quanta, done + QUANTA_PER_GRANULE - row)
        source = cache.get(GranuleKey(station.recipe, station.seed, second)).quanta
        factor = gain[done:end] if len(gain) > 1 else gain
        np.multiply(source[:, row : row + end - done], factor, out=out[:, done:end])
        done = end


def _gather(runs: Sequence[Run], term: int, cache: GranuleCache, out: Floats) -> None:
    """Station samples of a term of each run into out (2, sessions, quanta, 960).

    Neighbours within one granule are copied together, so it pays to bring runs in the order of station time.
    """
    count = runs[0].quanta
    stations = [run.stretch.terms[term] for run in runs]
    places = [run.first + station.quanta_ahead for run, station in zip(runs, stations, strict=True)]
    begin = 0
    while begin < len(runs):
        recipe, seed = stations[begin].recipe, stations[begin].seed
        second = places[begin] // QUANTA_PER_GRANULE
        low, high = second * QUANTA_PER_GRANULE, (second + 1) * QUANTA_PER_GRANULE - count
        key = GranuleKey(recipe, seed, second)
        end = begin
        while (
            end < len(runs)
            and low <= places[end] <= high
            and stations[end].recipe == recipe
            and stations[end].seed == seed
        ):
            end += 1
        if end == begin:
            _gather_across(key, places[begin] - low, cache, out[:, begin])
            begin += 1
            continue
        rows = np.array(places[begin:end])[:, None] + np.arange(-low, count - low)
        source = cache.get(key).rows
        np.take(source, rows, axis=0, out=out[0, begin:end], mode="clip")
        np.take(source, rows + QUANTA_PER_GRANULE, axis=0, out=out[1, begin:end], mode="clip")
        begin = end


def _gather_across(key: GranuleKey, offset: int, cache: GranuleCache, out: Floats) -> None:
    """Quanta (2, quanta, 960) from `offset` of a granule on, into those that follow it."""
    for place in range(out.shape[1]):
        later, row = divmod(offset + place, QUANTA_PER_GRANULE)
        rows = cache.get(key._replace(second=key.second + later)).rows
        out[0, place], out[1, place] = rows[row], rows[row + QUANTA_PER_GRANULE]


def _term_gains(runs: Sequence[Run], term: int) -> Floats:
    """Gain of a term, (sessions, 1, 1); where a level fades, straight through each quantum."""
    gains = np.array([run.stretch.terms[term].gain for run in runs], dtype=np.float32)[:, None, None]
    if not runs[0].stretch.is_fading:
        return gains
    faded = np.empty((len(runs), runs[0].quanta, QUANTUM), dtype=np.float32)
    faded[:] = gains
    for run, out in zip(runs, faded, strict=True):
        station = run.stretch.terms[term]
        if station.fades is not None:
            edges = np.arange(run.first, run.first + run.quanta + 1) * QUANTUM + run.stretch.shift
            level = station.fades.at(edges) * station.gain
            rise = (level[1:] - level[:-1]).astype(np.float32)
            out[:] = level[:-1, None].astype(np.float32) + rise[:, None] * _LINE
    return faded


def _cycles(motions: Sequence[TrackMotion], quanta: Quanta) -> Doubles:
    """Phases of tracks that stand still at the start of each quantum, (sessions, quanta, tracks)."""
    cycles, origin, freq_hz, _ = np.concatenate([motion.straight for motion in motions], axis=1)[:, :, None]
    phases: Doubles = cycles + freq_hz * (((quanta * QUANTUM)[..., None] - origin) / RATE_HZ)
    return phases


def _gliding(motions: Sequence[TrackMotion], quanta: Quanta) -> Motion:
    """Motions of tracks that glide, (sessions, quanta, tracks)."""
    lines = np.concatenate([motion.straight for motion in motions], axis=1)[:, :, None]
    at_origin, origin, hz_at_origin, hz_per_s = lines
    t = ((quanta * QUANTUM)[..., None] - origin) / RATE_HZ
    cycles = at_origin + t * (hz_at_origin + (0.5 * hz_per_s) * t)
    freq_hz = hz_at_origin + hz_per_s * t
    slope = hz_per_s + np.zeros_like(t)
    for i, motion in enumerate(motions):
        for track, curve in motion.bent:
            bent = _bent(curve, quanta[i] * QUANTUM + motion.shift)
            cycles[i, :, track], freq_hz[i, :, track], slope[i, :, track] = bent
    return Motion(cycles, freq_hz, slope)


def _bent(curve: Curve, start: NDArray[np.int64]) -> tuple[Doubles, Doubles, Doubles]:
    """Cycles, Hz and Hz a second of the parabolas of phase that leave and arrive where the curve does."""
    edges = np.append(start, start[-1] + QUANTUM)
    area, freq_hz = curve.integral(edges), curve.at(start)
    slope = 2.0 * (area[1:] - area[:-1] - freq_hz * _QUANTUM_S) / _QUANTUM_S**2
    return area[:-1], freq_hz, slope


def _modulation_columns(runs: Sequence[Run], quanta: Quanta) -> Floats | None:
    """(sessions, quanta, K, 3) of sine modulations whose rate and depth stand still."""
    ams = [run.stretch.am for run in runs if run.stretch.am is not None]
    tables = [am.tables for am in ams if am.tables is not None]
    if not tables:
        return None
    rotations = np.concatenate([table.rotations for table in tables])
    return turned(_cycles([am.motion for am in ams], quanta), rotations, tables[0].waves.shape[-2])


def _modulation(ams: Sequence[Am], columns: _Columns, out: Floats) -> None:
    """Gain of a sine modulation into out (sessions, quanta, 960)."""
    if columns.modulation is not None:
        woven(columns.modulation, _waves([am.tables for am in ams], 0), out)
        return
    quanta = columns.quanta
    depths = np.empty((*quanta.shape, GLIDE_BLOCKS))
    for am, row, depth in zip(ams, quanta, depths, strict=True):
        depth[:] = am.depth
        if am.fades is not None:
            pos = (row[:, None] * QUANTUM + _BLOCKS + am.motion.shift).reshape(-1)
            depth[:] = am.fades.at(pos).reshape(depth.shape)
    floors = np.array([am.pulse.floor for am in ams])[:, None, None]
    offset, swing = sine_swing(floors, depths)
    gliding_cosine(_gliding([am.motion for am in ams], quanta), offset, swing, out)


def _sine_columns(runs: Sequence[Run], quanta: Quanta) -> Floats | None:
    """(2, sessions, quanta, K, 2n) of voices whose frequencies stand still."""
    banks = [run.stretch.bank for run in runs if run.stretch.bank is not None]
    tables = [bank.tables for bank in banks if bank.tables is not None]
    if not tables:
        return None
    rotations = np.concatenate([table.rotations for table in tables], axis=1)
    cycles = _by_ear(_cycles([bank.motion for bank in banks], quanta), banks[0].ears)
    return turned(cycles, rotations, tables[0].waves.shape[-2])


def _sines(banks: Sequence[Bank], columns: _Columns, out: Floats) -> None:
    """Binaural and monaural voices into out (2, sessions, quanta, 960)."""
    if columns.sines is not None:
        woven(columns.sines, _waves([bank.tables for bank in banks], 1), out)
        return
    motion = _gliding([bank.motion for bank in banks], columns.quanta)
    ears = banks[0].ears
    amplitude = np.concatenate([bank.amplitude for bank in banks], axis=1)
    heard = Motion(_by_ear(motion.cycles, ears), _by_ear(motion.freq_hz, ears), _by_ear(motion.slope, ears))
    gliding_sines(heard, amplitude, out)


def _waves(tables: Sequence[SteadyTables | None], axis: int) -> Floats:
    """Waves of some runs side by side."""
    found = [table.waves for table in tables if table is not None]
    return found[0] if len(found) == 1 else np.concatenate(found, axis=axis)


def _by_ear(tracks: Doubles, ears: NDArray[np.intp]) -> Doubles:
    """What each ear hears, (2, …, n), out of (carriers, half beats) of all voices, (…, 2·voices)."""
    voices = tracks.shape[-1] // 2
    carriers, halves = tracks[..., :voices], tracks[..., voices:]
    both = np.concatenate([carriers + halves, carriers - halves], axis=-1)
    return np.stack([np.take(both, ear, axis=-1) for ear in ears])
