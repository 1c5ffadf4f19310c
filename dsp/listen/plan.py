"""A plan: an instance with what has been worked out about its quanta."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dsp.base.grid import QUANTUM
from dsp.listen.direct import direct_quantum, station_keys
from dsp.listen.guard import CEILING, QUANTA_AFTER, QUANTA_BEFORE, guard
from dsp.listen.instance import Instance
from dsp.listen.spatial import peak as spun_peak
from dsp.listen.stations import QUANTA_PER_GRANULE, Floats, GranuleCache, GranuleKey
from dsp.listen.stretches import Stretch, Term, stretch_at
from dsp.listen.survey import Quick
from dsp.listen.tiles import Run, Workspace, render_tile

_SAFE = CEILING * 0.999
"""Below the ceiling by more than rounding."""


@dataclass(frozen=True, slots=True)
class _Calm:
    """Quanta first … last of one stretch in which nothing can exceed the ceiling."""

    first: int
    last: int
    stretch: Stretch


class Plan:
    """An instance made ready to be rendered; safe to share between threads.

    What it remembers only saves work: two threads that miss the same piece find the same one.
    """

    __slots__ = ("__weakref__", "_calm", "_found", "instance")

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self._found: dict[int, list[tuple[int, Stretch | Quick]]] = {}
        self._calm: _Calm | None = None

    def stretch(self, state: int, quantum: int) -> Stretch | None:
        """The stretch of a state (by index) that holds in `quantum`; None where all is evaluated directly."""
        known = self._found.setdefault(state, [])
        for first, found in reversed(known):
            if first <= quantum < found.until:
                return None if isinstance(found, Quick) else found
        found = stretch_at(self.instance, self.instance.states[state], quantum)
        known.append((quantum, found))
        return None if isinstance(found, Quick) else found

    def calm_run(self, first: int, last: int, cache: GranuleCache) -> Run | None:
        """Quanta first … last as one run that needs no guard, if they are one."""
        begin, end = max(first - QUANTA_BEFORE, 0), last + QUANTA_AFTER
        calm = self._calm
        if calm is None or not calm.first <= begin < end <= calm.last:
            calm = self._calm_around(begin, end, cache)
            if calm is None:
                return None
            self._calm = calm
        return Run(calm.stretch, first, last - first)

    def _calm_around(self, begin: int, end: int, cache: GranuleCache) -> _Calm | None:
        """Calm quanta as far as the granules reach that quanta begin … end touch."""
        run = self._longest_run(begin, end)
        if run is None or run.first + run.quanta < end or _peak(run, cache) > _SAFE:
            return None
        last = min(
            run.stretch.until, self._next_change(self.instance.state_index(begin * QUANTUM)) // QUANTUM
        )
        for term in _every_term(run):
            seconds = -(-(end + term.quanta_ahead) // QUANTA_PER_GRANULE)
            last = min(last, seconds * QUANTA_PER_GRANULE - term.quanta_ahead)
        return _Calm(begin, last, run.stretch)

    def is_below_ceiling(self, first: int, last: int, cache: GranuleCache) -> bool:
        """Whether no frame within the guard's reach of quanta first … last can exceed the ceiling."""
        quantum, end = max(first - QUANTA_BEFORE, 0), last + QUANTA_AFTER
        while quantum < end:
            run = self._longest_run(quantum, end)
            if run is None or _peak(run, cache) > _SAFE:
                return False
            quantum += run.quanta
        return True

    def limited(self, first: int, last: int, cache: GranuleCache) -> Floats:
        """Quanta first … last behind the guard, (2, n·960)."""
        if self.is_below_ceiling(first, last, cache):
            return self.signal(first, last, cache)
        return guard(self.signal(first - QUANTA_BEFORE, last + QUANTA_AFTER, cache), last - first)

    def signal(self, first: int, last: int, cache: GranuleCache) -> Floats:
        """Quanta first … last before the guard, (2, n·960); silence before position 0."""
        out = np.zeros((2, last - first, QUANTUM), dtype=np.float32)
        work = Workspace.of(last - first)
        quantum = max(first, 0)
        while quantum < last:
            run = self._longest_run(quantum, last)
            if run is None:
                out[:, quantum - first] = self._mixed(quantum, cache)
                quantum += 1
            else:
                end = quantum + run.quanta
                out[:, quantum - first : end - first] = render_tile([run], cache, work)[:, 0]
                quantum = end
        return out.reshape(2, -1)

    def granules(self, first: int, last: int) -> tuple[GranuleKey, ...]:
        """Granules that `limited` asks for, in order of position."""
        keys: dict[GranuleKey, None] = {}
        quantum, end = max(first - QUANTA_BEFORE, 0), last + QUANTA_AFTER
        while quantum < end:
            run = self._longest_run(quantum, end)
            if run is None:
                for _, index in self._states(quantum):
                    state = self.instance.states[index]
                    keys.update(dict.fromkeys(station_keys(self.instance, state, quantum)))
                quantum += 1
            else:
                keys.update(dict.fromkeys(_granules(run)))
                quantum += run.quanta
        return tuple(keys)

    def _longest_run(self, quantum: int, last: int) -> Run | None:
        """The run from `quantum` on that ends with its stretch, its state or at `last`."""
        index = self.instance.state_index(quantum * QUANTUM)
        change = self._next_change(index)
        if change < (quantum + 1) * QUANTUM:
            return None
        stretch = self.stretch(index, quantum)
        if stretch is None:
            return None
        return Run(stretch, quantum, min(last, stretch.until, change // QUANTUM) - quantum)

    def _next_change(self, index: int) -> int:
        """Position of the first entry behind the state `index` that changes the sound."""
        instance = self.instance
        for entry, state in zip(instance.timeline[index:], instance.states[index + 1 :], strict=True):
            if state is not instance.states[index]:
                return entry.sounds_from
        return 2**53

    def _mixed(self, quantum: int, cache: GranuleCache) -> Floats:
        """One quantum, (2, 960): each frame as in the state that holds there.

        What lies before a change comes out as it did without it, because each state keeps its own arithmetic.
        """
        (_, first), *later = self._states(quantum)
        out = self._in_state(first, quantum, cache)
        for offset, index in later:
            out[:, offset:] = self._in_state(index, quantum, cache)[:, offset:]
        return out

    def _in_state(self, index: int, quantum: int, cache: GranuleCache) -> Floats:
        """A whole quantum, (2, 960), as if one state held all through it."""
        stretch = self.stretch(index, quantum)
        if stretch is None:
            return direct_quantum(self.instance, self.instance.states[index], quantum, cache)
        alone: Floats = render_tile([Run(stretch, quantum, 1)], cache, Workspace.of(1))[:, 0, 0]
        return alone

    def _states(self, quantum: int) -> Iterator[tuple[int, int]]:
        """(offset, index) of each state that holds somewhere in the quantum, in order."""
        start = quantum * QUANTUM
        index = self.instance.state_index(start)
        yield 0, index
        while (change := self._next_change(index)) < start + QUANTUM:
            index = self.instance.state_index(change)
            yield change - start, index


def _peak(run: Run, cache: GranuleCache) -> float:
    """A bound of the run's samples before the guard."""
    stations = 0.0
    for term in run.stretch.terms:
        level = max(term.fades.values) if term.fades is not None else 1.0
        peaks = [cache.get(key).peak for key in _term_granules(run, term)]
        stations += abs(term.gain) * level * max(peaks)
    for spin in run.stretch.spins:
        station, high = (
            max(cache.get(key).peak for key in _term_granules(_with_lookback(run), term))
            for term in spin.terms
        )
        level = abs(spin.terms[0].gain) * spin.greatest_level
        stations += level * spun_peak(station, high, spin.spatial)
    return stations * run.stretch.station_peak + run.stretch.tone_peak


def _granules(run: Run) -> Iterator[GranuleKey]:
    for term in run.stretch.terms:
        yield from _term_granules(run, term)
    for spin in run.stretch.spins:
        for term in spin.terms:
            yield from _term_granules(_with_lookback(run), term)


def _every_term(run: Run) -> Iterator[Term]:
    yield from run.stretch.terms
    for spin in run.stretch.spins:
        yield from spin.terms


def _with_lookback(run: Run) -> Run:
    """With the quantum before it, which a delayed ear still hears."""
    return run._replace(first=run.first - 1, quanta=run.quanta + 1)


def _term_granules(run: Run, term: Term) -> Iterator[GranuleKey]:
    first = (run.first + term.quanta_ahead) // QUANTA_PER_GRANULE
    last = (run.first + run.quanta - 1 + term.quanta_ahead) // QUANTA_PER_GRANULE
    for second in range(first, last + 1):
        yield GranuleKey(term.recipe, term.seed, second)
