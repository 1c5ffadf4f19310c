"""An instance: everything that determines the sound of one listening, as a small value."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, cast

from dsp.base.params import ParamSpec
from dsp.listen.entries import BaseEntry, Entry, Json, ParamEntry, PlayEntry, read_entry
from dsp.listen.loudness import gain_db_of
from dsp.listen.parse import parse_program
from dsp.listen.program import NoiseLayer, Program, ProgramError, StationLayer
from dsp.listen.score import Score, score_of
from dsp.listen.sources import pool_seed
from dsp.listen.state import State, after, opening

ENGINE: Final = "3"
"""Bumped whenever a golden hash changes: the same instance sounds the same on the same engine."""
LAST_SEED: Final = 2**53 - 1
GAIN_DB: Final = (-60.0, 24.0)


@dataclass(frozen=True, slots=True)
class Station:
    """Which station a layer hears, and where: station position = position + `offset` frames."""

    seed: int
    offset: int


@dataclass(frozen=True, slots=True)
class Instance:
    """Program, seed, stations, gain and timeline; `render` needs nothing else."""

    program: Program
    seed: int
    stations: Mapping[str, Station]
    gain_db: float
    """Lifts the program to the target loudness."""
    start_pos: int
    timeline: tuple[Entry, ...]
    """In order of the frames that they change."""
    score: Score = field(repr=False, compare=False)
    states: tuple[State, ...] = field(repr=False, compare=False)
    """The state before any entry, then the state from each entry on."""

    def with_entry(self, entry: Entry | Json) -> "Instance":
        """The instance with one more entry; a base entry replaces what is older.

        Entries that change samples come in order; one that does not may stand before them.
        """
        added = read_entry(entry) if isinstance(entry, dict) else entry
        _check_entry(self, added)
        if isinstance(added, BaseEntry):
            return _rebased(self, added)
        i = self.state_index(added.sounds_from)
        state = after(self.score, self.states[i], added)
        if i < len(self.timeline) and state is not self.states[i]:
            raise ProgramError("entry.pos", "must not lie before what was changed last")
        return replace(
            self,
            timeline=(*self.timeline[:i], added, *self.timeline[i:]),
            states=(*self.states[: i + 1], state, *self.states[i + 1 :]),
        )

    def state_index(self, pos: int) -> int:
        """Index of the state that sounds at `pos`."""
        return bisect_right(self.timeline, pos, key=lambda entry: entry.sounds_from)

    def to_json(self) -> Json:
        """The instance as the wire and the database carry it."""
        stations = {name: {"seed": s.seed, "offset": s.offset} for name, s in self.stations.items()}
        return {
            "engine": ENGINE,
            "program": self.program.to_json(),
            "seed": self.seed,
            "stations": stations,
            "gain_db": self.gain_db,
            "start_pos": self.start_pos,
            "timeline": [entry.to_json() for entry in self.timeline],
        }

    @staticmethod
    def from_json(value: object) -> "Instance":
        """Instance from decoded JSON; raises ProgramError."""
        if not isinstance(value, Mapping):
            raise ProgramError("", "an instance must be an object")
        if value.get("engine") != ENGINE:
            raise ProgramError("engine", f"must be {ENGINE!r}")
        program = parse_program(value.get("program"))
        seed = _whole(value.get("seed"), "seed", 0, LAST_SEED)
        gain_db = value.get("gain_db")
        if isinstance(gain_db, bool) or not isinstance(gain_db, int | float) or not _within(gain_db, GAIN_DB):
            raise ProgramError("gain_db", f"must be a number from {GAIN_DB[0]:g} to {GAIN_DB[1]:g}")
        start_pos = _whole(value.get("start_pos"), "start_pos", 0, LAST_SEED)
        stations = _read_stations(value.get("stations"), program)
        instance = _make(program, seed, stations, float(gain_db), start_pos)
        timeline = value.get("timeline")
        if not isinstance(timeline, list | tuple):
            raise ProgramError("timeline", "must be a list")
        for i, item in enumerate(timeline):
            instance = instance.with_entry(read_entry(item, f"timeline[{i}]"))
        return instance


def open_instance(program: Program, *, seed: int, live_frame: int) -> Instance:
    """A new instance at position 0, its stations at `live_frame` of the epoch's clock (a multiple of 960)."""
    seed = _whole(seed, "seed", 0, LAST_SEED)
    if live_frame % 960:
        raise ProgramError("live_frame", "must be a multiple of 960")
    stations = {name: Station(pool_seed(seed, name), live_frame) for name in station_layers(program)}
    return _make(program, seed, stations, gain_db_of(program), 0)


def station_layers(program: Program) -> tuple[str, ...]:
    """Names of the layers that listen to a station."""
    return tuple(layer.name for layer in program.layers if isinstance(layer, NoiseLayer | StationLayer))


def _make(
    program: Program, seed: int, stations: Mapping[str, Station], gain_db: float, start_pos: int
) -> Instance:
    offsets = MappingProxyType({name: station.offset for name, station in stations.items()})
    state = opening(offsets, start_pos)
    fixed = MappingProxyType(dict(stations))
    score = score_of(program)
    return Instance(score.program, seed, fixed, gain_db, start_pos, (), score, (state,))


def _rebased(instance: Instance, base: BaseEntry) -> Instance:
    """`base` first, then what is newer; each state is computed again, and comes out the same.

    The base's state also stands for what lies before it, which can no longer be had.
    """
    newer = [entry for entry in instance.timeline if entry.sounds_from > base.pos]
    states = [after(instance.score, instance.states[0], base)] * 2
    for entry in newer:
        states.append(after(instance.score, states[-1], entry))
    return replace(instance, timeline=(base, *newer), states=tuple(states))


def _check_entry(instance: Instance, entry: Entry) -> None:
    """Raise where an entry speaks of what the program does not have, or sets what cannot be set."""
    values: Mapping[str, float | str] = {}
    if isinstance(entry, ParamEntry | BaseEntry):
        values = entry.values
    for name, value in values.items():
        address = instance.score.addresses.get(name)
        if address is None:
            raise ProgramError(f"entry.p.{name}", "is not a parameter of this program")
        check_value(address.spec, value, f"entry.p.{name}")
        if address.spec.choices is None and address.spec.clamp(cast("float", value)) != value:
            raise ProgramError(f"entry.p.{name}", f"must lie from {address.spec.lo:g} to {address.spec.hi:g}")
    if isinstance(entry, BaseEntry):
        _check_known("entry.tracks", entry.tracks, instance.score.curves)
        for tuning in entry.tunings:
            _check_stations(instance, tuning.offsets)
            _check_known("entry.stations", instance.stations, tuning.offsets)
    if isinstance(entry, PlayEntry):
        _check_stations(instance, entry.stations)


def check_value(spec: ParamSpec, value: float | str, path: str) -> None:
    """Raise unless `value` is of the kind that the parameter takes: a finite number or one of its choices."""
    if spec.choices is not None:
        if value not in spec.choices:
            raise ProgramError(path, f"must be one of {', '.join(spec.choices)}")
    elif isinstance(value, str | bool) or not -1e300 < value < 1e300:
        raise ProgramError(path, f"must be a number from {spec.lo:g} to {spec.hi:g}")


def _check_stations(instance: Instance, offsets: Mapping[str, int]) -> None:
    _check_known("entry.stations", offsets, instance.stations)


def _check_known(path: str, names: Mapping[str, object], known: Mapping[str, object]) -> None:
    for name in names:
        if name not in known:
            raise ProgramError(f"{path}.{name}", "is not known to this instance")


def _read_stations(value: object, program: Program) -> dict[str, Station]:
    wanted = station_layers(program)
    if not isinstance(value, Mapping) or set(value) != set(wanted):
        raise ProgramError("stations", f"must name exactly the layers {', '.join(wanted)}")
    stations = {}
    for name in wanted:
        body = value[name]
        if not isinstance(body, Mapping):
            raise ProgramError(f"stations.{name}", "must be an object")
        seed = _whole(body.get("seed"), f"stations.{name}.seed", 0, 3)
        offset = _whole(body.get("offset"), f"stations.{name}.offset", -LAST_SEED, LAST_SEED)
        if offset % 960:
            raise ProgramError(f"stations.{name}.offset", "must be a multiple of 960")
        stations[name] = Station(seed, offset)
    return stations


def _whole(value: object, path: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ProgramError(path, f"must be a whole number from {low} to {high}")
    return value


def _within(value: float, bounds: Sequence[float]) -> bool:
    return bounds[0] <= value <= bounds[1]
