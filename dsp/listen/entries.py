"""Timeline entries: what happened to an instance, and where; JSON in, records inside, JSON out.

`pos` is where an entry stands; `sounds_from` is the first frame that it may change (before look-ahead).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, cast

from dsp.base.ramps import Ramp
from dsp.listen.program import ProgramError

Json = dict[str, object]
Values = Mapping[str, float | str]
LAST_POS: Final = 2**53 - 1


@dataclass(frozen=True, slots=True)
class ParamEntry:
    """New values; `phases` are the cycles (mod 1) at `pos` of the tracks that bend."""

    pos: int
    values: Values
    ramp: int
    phases: Mapping[str, float]

    @property
    def sounds_from(self) -> int:
        return self.pos

    def to_json(self) -> Json:
        out: Json = {"pos": self.pos, "kind": "param", "p": dict(self.values), "ramp": self.ramp}
        if self.phases:
            out["phases"] = dict(self.phases)
        return out


@dataclass(frozen=True, slots=True)
class SeekEntry:
    """Programme time becomes `to` (frames) at `pos`, crossfaded over `fade` frames."""

    pos: int
    to: int
    fade: int

    @property
    def sounds_from(self) -> int:
        return self.pos

    def to_json(self) -> Json:
        return {"pos": self.pos, "kind": "transport", "op": "seek", "to": self.to, "fade": self.fade}


@dataclass(frozen=True, slots=True)
class LoopEntry:
    """Programme time turns from `b` back to `a` for as long as `region` stands; None ends the loop."""

    pos: int
    region: tuple[int, int] | None
    fade: int

    @property
    def sounds_from(self) -> int:
        return self.pos

    def to_json(self) -> Json:
        a, b = self.region or (None, None)
        return {"pos": self.pos, "kind": "transport", "op": "loop", "a": a, "b": b, "fade": self.fade}


@dataclass(frozen=True, slots=True)
class PauseEntry:
    """The listener's own fall to silence from `pos`; changes no rendered sample."""

    pos: int

    @property
    def sounds_from(self) -> int:
        return self.pos

    def to_json(self) -> Json:
        return {"pos": self.pos, "kind": "transport", "op": "pause"}


@dataclass(frozen=True, slots=True)
class PlayEntry:
    """The rise from `pos` on; `stations` are new offsets (frames) that fade in over `fade` from `start`."""

    pos: int
    stations: Mapping[str, int]
    start: int
    fade: int

    @property
    def sounds_from(self) -> int:
        return self.start

    def to_json(self) -> Json:
        out: Json = {"pos": self.pos, "kind": "transport", "op": "play"}
        if self.stations:
            out |= {"stations": dict(self.stations), "from": self.start, "fade": self.fade}
        return out


@dataclass(frozen=True, slots=True)
class EndEntry:
    """Fades and the end: linear gains at positions, raised cosines between; the highest `rev` counts."""

    pos: int
    rev: int
    end_pos: int | None
    gain_env: tuple[tuple[int, float], ...]

    @property
    def sounds_from(self) -> int:
        return self.pos

    def to_json(self) -> Json:
        points = [[pos, gain] for pos, gain in self.gain_env]
        return {"pos": self.pos, "kind": "end", "rev": self.rev, "end_pos": self.end_pos, "gain_env": points}


@dataclass(frozen=True, slots=True)
class Track:
    """A track that was set: `base` moved by `ramps`; of a frequency also the cycles at `anchor`."""

    anchor: int
    phase: float
    base: float
    ramps: tuple[Ramp, ...]

    def to_json(self) -> list[object]:
        ramps = [[ramp.at, ramp.frames, ramp.delta] for ramp in self.ramps]
        return [self.anchor, self.phase, self.base, ramps]


@dataclass(frozen=True, slots=True)
class Passage:
    """Programme time is `to` at position `at` and runs on; before, another passage ran (`fade` frames)."""

    at: int
    to: int
    fade: int
    region: tuple[int, int] | None

    def to_json(self) -> list[object]:
        return [self.at, self.to, self.fade, *(self.region or (None, None))]


@dataclass(frozen=True, slots=True)
class Tuning:
    """Station position = position + offset of the layer, from `at` on, equal-power over `fade` frames."""

    at: int
    fade: int
    offsets: Mapping[str, int]

    def to_json(self) -> list[object]:
        return [self.at, self.fade, dict(self.offsets)]


@dataclass(frozen=True, slots=True)
class BaseEntry:
    """All that older entries did, at once; the sound before `pos` can no longer be had."""

    pos: int
    values: Values
    tracks: Mapping[str, Track]
    passages: tuple[Passage, ...]
    tunings: tuple[Tuning, ...]
    end: EndEntry | None

    @property
    def sounds_from(self) -> int:
        return self.pos

    def to_json(self) -> Json:
        return {
            "pos": self.pos,
            "kind": "base",
            "values": dict(self.values),
            "tracks": {name: track.to_json() for name, track in self.tracks.items()},
            "passages": [passage.to_json() for passage in self.passages],
            "stations": [tuning.to_json() for tuning in self.tunings],
            "end": self.end.to_json() if self.end is not None else None,
        }


Entry = ParamEntry | SeekEntry | LoopEntry | PauseEntry | PlayEntry | EndEntry | BaseEntry


def read_entry(value: object, path: str = "entry") -> Entry:
    """Entry from decoded JSON; raises ProgramError."""
    body = _object(value, path)
    kind = body.get("kind")
    if kind == "transport":
        kind = body.get("op")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise ProgramError(f"{path}.kind", "must be a known kind of entry")
    return reader(body, path)


def _param(body: Json, path: str) -> ParamEntry:
    values = _object(body.get("p"), f"{path}.p")
    return ParamEntry(
        pos=_frames(body.get("pos"), f"{path}.pos"),
        values=MappingProxyType({key: _value(item, f"{path}.p.{key}") for key, item in values.items()}),
        ramp=_frames(body.get("ramp"), f"{path}.ramp", least=1),
        phases=_numbers(body.get("phases", {}), f"{path}.phases"),
    )


def _seek(body: Json, path: str) -> SeekEntry:
    return SeekEntry(
        pos=_frames(body.get("pos"), f"{path}.pos"),
        to=_frames(body.get("to"), f"{path}.to"),
        fade=_frames(body.get("fade"), f"{path}.fade", least=1),
    )


def _loop(body: Json, path: str) -> LoopEntry:
    return LoopEntry(
        pos=_frames(body.get("pos"), f"{path}.pos"),
        region=_region(body.get("a"), body.get("b"), path),
        fade=_frames(body.get("fade"), f"{path}.fade", least=1),
    )


def _pause(body: Json, path: str) -> PauseEntry:
    return PauseEntry(_frames(body.get("pos"), f"{path}.pos"))


def _play(body: Json, path: str) -> PlayEntry:
    pos = _frames(body.get("pos"), f"{path}.pos")
    return PlayEntry(
        pos=pos,
        stations=_offsets(body.get("stations", {}), f"{path}.stations"),
        start=_frames(body.get("from", pos), f"{path}.from"),
        fade=_frames(body.get("fade", 1), f"{path}.fade", least=1),
    )


def _end(body: Json, path: str) -> EndEntry:
    points: list[tuple[int, float]] = []
    for i, item in enumerate(_list(body.get("gain_env"), f"{path}.gain_env")):
        pair = _list(item, f"{path}.gain_env[{i}]", 2)
        frame = _frames(pair[0], f"{path}.gain_env[{i}][0]")
        if points and frame <= points[-1][0]:
            raise ProgramError(f"{path}.gain_env[{i}][0]", "must lie after the point before")
        points.append((frame, _number(pair[1], f"{path}.gain_env[{i}][1]")))
    end_pos = body.get("end_pos")
    return EndEntry(
        pos=_frames(body.get("pos"), f"{path}.pos"),
        rev=_frames(body.get("rev"), f"{path}.rev"),
        end_pos=None if end_pos is None else _frames(end_pos, f"{path}.end_pos"),
        gain_env=tuple(points),
    )


def _base(body: Json, path: str) -> BaseEntry:
    values = _object(body.get("values"), f"{path}.values")
    tracks = _object(body.get("tracks"), f"{path}.tracks")
    passages = _list(body.get("passages"), f"{path}.passages")
    tunings = _list(body.get("stations"), f"{path}.stations")
    end = body.get("end")
    if not passages or not tunings:
        raise ProgramError(f"{path}.passages", "and stations must not be empty")
    return BaseEntry(
        pos=_frames(body.get("pos"), f"{path}.pos"),
        values=MappingProxyType({key: _value(item, f"{path}.values.{key}") for key, item in values.items()}),
        tracks=MappingProxyType({key: _track(item, f"{path}.tracks.{key}") for key, item in tracks.items()}),
        passages=tuple(_passage(item, f"{path}.passages[{i}]") for i, item in enumerate(passages)),
        tunings=tuple(_tuning(item, f"{path}.stations[{i}]") for i, item in enumerate(tunings)),
        end=None if end is None else _end(_object(end, f"{path}.end"), f"{path}.end"),
    )


_READERS: Final[Mapping[str, Callable[[Json, str], Entry]]] = MappingProxyType(
    {
        "param": _param,
        "seek": _seek,
        "loop": _loop,
        "pause": _pause,
        "play": _play,
        "end": _end,
        "base": _base,
    }
)


def _track(value: object, path: str) -> Track:
    anchor, phase, base, ramps = _list(value, path, 4)
    return Track(
        anchor=_frames(anchor, f"{path}[0]"),
        phase=_number(phase, f"{path}[1]"),
        base=_number(base, f"{path}[2]"),
        ramps=tuple(_ramp(item, f"{path}[3][{i}]") for i, item in enumerate(_list(ramps, f"{path}[3]"))),
    )


def _ramp(value: object, path: str) -> Ramp:
    at, frames, delta = _list(value, path, 3)
    return Ramp(
        _frames(at, f"{path}[0]"), _frames(frames, f"{path}[1]", least=1), _number(delta, f"{path}[2]")
    )


def _passage(value: object, path: str) -> Passage:
    at, to, fade, a, b = _list(value, path, 5)
    return Passage(
        at=_frames(at, f"{path}[0]"),
        to=_frames(to, f"{path}[1]"),
        fade=_frames(fade, f"{path}[2]"),
        region=_region(a, b, path),
    )


def _tuning(value: object, path: str) -> Tuning:
    at, fade, offsets = _list(value, path, 3)
    return Tuning(_frames(at, f"{path}[0]"), _frames(fade, f"{path}[1]"), _offsets(offsets, f"{path}[2]"))


def _region(a: object, b: object, path: str) -> tuple[int, int] | None:
    if a is None and b is None:
        return None
    start, end = _frames(a, f"{path}.a"), _frames(b, f"{path}.b")
    if end - start < LEAST_LOOP:
        raise ProgramError(f"{path}.b", "must lie at least one second after a")
    return start, end


LEAST_LOOP: Final = 48_000
"""Frames of the shortest loop: longer than any crossfade at its seam."""


def _object(value: object, path: str) -> Json:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise ProgramError(path, "must be an object")
    return cast("Json", value)


def _list(value: object, path: str, length: int | None = None) -> Sequence[object]:
    if not isinstance(value, list | tuple) or (length is not None and len(value) != length):
        raise ProgramError(path, "must be a list" + (f" of {length}" if length is not None else ""))
    return value


def _frames(value: object, path: str, least: int = 0) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= LAST_POS:
        raise ProgramError(path, f"must be a whole number of frames from {least}")
    return value


def _number(value: object, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ProgramError(path, "must be a finite number")
    return float(value)


def _value(value: object, path: str) -> float | str:
    return value if isinstance(value, str) else _number(value, path)


def _numbers(value: object, path: str) -> Mapping[str, float]:
    body = _object(value, path)
    return MappingProxyType({key: _number(item, f"{path}.{key}") for key, item in body.items()})


def _offsets(value: object, path: str) -> Mapping[str, int]:
    body = _object(value, path)
    for key, item in body.items():
        if isinstance(item, bool) or not isinstance(item, int) or item % 960 or abs(item) > LAST_POS:
            raise ProgramError(f"{path}.{key}", "must be a multiple of 960 frames")
    return MappingProxyType(cast("dict[str, int]", dict(body)))
