"""A stream that tells where it is: the position in the left ear, a parameter in the right one."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np

from server.realtime.errors import RealtimeError
from server.realtime.stream import (
    Change,
    Codec,
    Envelope,
    OpenContext,
    OpenRequest,
    Patch,
    Span,
    TransportOp,
    WireCodec,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from numpy.typing import NDArray

    from server.kit.principal import Principal

LOOKAHEAD = 480
WRAP = 30_000
LEVELS = 100
Timeline = tuple[tuple[int, int], ...]
"""(pos, level from there on)."""


def tone(timeline: Timeline, start: int, frames: int) -> NDArray[np.int16]:
    """(frames, 2): position modulo WRAP, and the level that holds there."""
    positions = np.arange(start, start + frames)
    places = np.array([pos for pos, _ in timeline])
    levels = np.array([0, *(level for _, level in timeline)])
    level = levels[np.searchsorted(places, positions, side="right")]
    return np.stack([positions % WRAP, level], axis=1).astype(np.int16)


def timeline_of(instance: Mapping[str, object]) -> Timeline:
    """The timeline that a client holds."""
    entries = cast("Sequence[Mapping[str, object]]", instance["timeline"])
    found = [
        (cast("int", entry["pos"]), cast("Mapping[str, int]", entry["p"])["level"])
        for entry in entries
        if entry["kind"] == "param"
    ]
    return tuple(sorted(found, key=lambda one: one[0]))


@dataclass(frozen=True)
class ToneSpan:
    timeline: Timeline
    start: int
    frames: int
    packets: int = 1
    is_broken: bool = False


class ToneRenderer:
    """Renders spans; `granule_s` makes each second need a granule that takes so long to make."""

    def __init__(self, granule_s: float | None = None) -> None:
        self.granule_s = granule_s
        self.made: set[Hashable] = set()
        self.batches: list[int] = []

    def missing(self, spans: Sequence[Span]) -> Sequence[Hashable]:
        if self.granule_s is None:
            return []
        keys: dict[Hashable, None] = {}
        for span in cast("Sequence[ToneSpan]", spans):
            last = (span.start + span.frames - 1) // 48_000
            keys.update(dict.fromkeys(range(span.start // 48_000, last + 1)))
        return [key for key in keys if key not in self.made]

    def fill(self, key: Hashable) -> None:
        time.sleep(self.granule_s or 0)
        self.made.add(key)

    def render(self, spans: Sequence[Span], codec: Codec, head: int) -> list[NDArray[np.uint8]]:
        self.batches.append(len(spans))
        return [self._render(cast("ToneSpan", span), codec, head) for span in spans]

    def _render(self, span: ToneSpan, codec: Codec, head: int) -> NDArray[np.uint8]:
        if span.is_broken:
            raise ValueError("a broken span")
        samples = tone(span.timeline, span.start, span.frames)
        payload = samples if codec == "s16" else samples.astype(np.float32)
        out = np.empty((span.packets, head + payload.nbytes // span.packets), np.uint8)
        out[:, head:] = payload.view(np.uint8).reshape(span.packets, -1)
        return out.reshape(-1)


@dataclass
class ToneStream:
    """One parameter, `level` from 0 to LEVELS."""

    renderer: ToneRenderer
    session: str
    context: OpenContext
    end_pos: int | None = None
    start: int = 0
    generation: int = 1
    cost: float = 1.0
    codecs: tuple[WireCodec, ...] = ("opus", "s16", "f32")
    is_exact: bool = False
    entries: list[dict[str, object]] = field(default_factory=list)
    marks: list[list[object]] = field(default_factory=list)
    kind: str = "listen"
    lookahead: int = LOOKAHEAD
    rev: int = 1
    credited_frames: int = 0
    heard: tuple[int, int, int] = (0, 0, 0)
    parked: int = 0
    is_broken: bool = False
    closed: tuple[str, int] | None = None
    on_close: Callable[[], None] = lambda: None

    def instance(self) -> dict[str, object]:
        return {"timeline": list(self.entries)}

    def ready(self) -> dict[str, object]:
        return {"start_pos": self.start, "instance": self.instance(), "params": [], "marks": self.marks}

    def check(self, patch: Patch) -> None:
        if set(patch) != {"level"}:
            raise RealtimeError("invalid_param", "There is only `level`.", field=next(iter(patch)))

    def set(self, at: int, patch: Patch, ramp_frames: int) -> Change:
        wanted = patch["level"]
        if wanted == -1:
            raise RealtimeError("invalid_param", "Not this one.", field="level")
        level = max(0, min(LEVELS, int(wanted)))
        entry = self._enter({"pos": at, "kind": "param", "p": {"level": level}, "ramp": ramp_frames})
        return Change(entry, at - LOOKAHEAD, {"level": level} if level != wanted else {})

    def transport(
        self,
        op: TransportOp,
        at: int,
        *,
        splice_at: int,
        to: int | None,
        a: int | None,
        b: int | None,
        paused_s: float,
    ) -> Change:
        entry = self._enter({"pos": at, "kind": "transport", "op": op, "to": to, "a": a, "b": b})
        is_splice = op in {"seek", "loop"} or paused_s > 60
        return Change(entry, splice_at - LOOKAHEAD if is_splice else None, {}, [[at, to or at, 1.0]])

    def envelope(self) -> Envelope:
        gain = ((self.start, 1.0),) if self.end_pos is None else ((self.start, 1.0), (self.end_pos, 0.0))
        return Envelope(self.rev, self.end_pos, gain)

    def extend(self, at: int, duration_s: float) -> Envelope:
        self.rev += 1
        self.end_pos = max(at, self.end_pos or 0) + round(duration_s * 48_000)
        return self.envelope()

    def finish(self, at: int, fade_ms: int) -> Envelope:
        self.rev += 1
        self.end_pos = at + fade_ms * 48
        return self.envelope()

    def fold(self, playhead: int) -> dict[str, object] | None:
        old = [entry for entry in self.entries if cast("int", entry["pos"]) < playhead - 60 * 48_000]
        if not old:
            return None
        base = {"pos": old[-1]["pos"], "kind": "base", "p": old[-1].get("p", {})}
        self.entries = [base, *self.entries[len(old) :]]
        return base

    def span(self, start: int, frames: int, packets: int = 1) -> ToneSpan:
        return ToneSpan(timeline_of(self.instance()), start, frames, packets, self.is_broken)

    def credited(self, frames: int) -> None:
        self.credited_frames += frames

    def played(self, play_pos: int, underruns: int, late: int) -> None:
        self.heard = (play_pos, underruns, late)

    def park(self) -> None:
        self.parked += 1

    def checkpoint(self) -> dict[str, object]:
        return {
            "session": self.session,
            "generation": self.generation,
            "instance": self.instance(),
            "end_pos": self.end_pos,
            "rev": self.rev,
        }

    async def close(self, reason: str, played_frames: int) -> dict[str, object]:
        self.closed = (reason, played_frames)
        self.on_close()
        return {"heard_s": played_frames / 48_000}

    def _enter(self, entry: dict[str, object]) -> dict[str, object]:
        self.entries.append(entry)
        return entry


class ToneHouse:
    """Opens tones and remembers them: the place of a slice in the tests."""

    def __init__(self, renderer: ToneRenderer | None = None) -> None:
        self.renderer = renderer or ToneRenderer()
        self.streams: list[ToneStream] = []
        self.requests: list[OpenRequest] = []
        self.standby: list[ToneSpan] = []
        self._names = itertools.count(1)

    async def open(self, principal: Principal, request: OpenRequest, context: OpenContext) -> ToneStream:
        self.requests.append(request)
        if "raise" in request.args:
            raise _RAISED[cast("str", request.args["raise"])]
        stream = ToneStream(self.renderer, f"{principal.id}/{next(self._names)}", context)
        duration_s = cast("float | None", request.args.get("duration_s"))
        stream.end_pos = None if duration_s is None else round(duration_s * 48_000)
        stream.marks = cast("list[list[object]]", request.args.get("marks", []))
        stream.cost = cast("float", request.args.get("cost", 1.0))
        stream.is_broken = bool(request.args.get("broken"))
        self._continue(stream, request)
        self.streams.append(stream)
        return stream

    def _continue(self, stream: ToneStream, request: OpenRequest) -> None:
        """Take over what the request names: a session elsewhere, an instance, a checkpoint."""
        if request.take is not None:
            stream.session = request.take
        if request.restore is not None:
            stream.session = request.restore.session
            stream.entries = list(cast("list[dict[str, object]]", request.restore.instance["timeline"]))
            stream.start = request.restore.from_pos
        if request.checkpoint is not None:
            stream.session = cast("str", request.checkpoint["session"])
            instance = cast("Mapping[str, list[dict[str, object]]]", request.checkpoint["instance"])
            stream.entries = list(instance["timeline"])
            stream.end_pos = cast("int | None", request.checkpoint["end_pos"])
            stream.rev = cast("int", request.checkpoint["rev"])
            stream.generation = 1 + cast("int", request.checkpoint["generation"])
            return
        stream.generation = 1 + sum(one.session == stream.session for one in self.streams)


_RAISED: dict[str, Exception] = {}


def raises(name: str, error: Exception) -> str:
    """Have an open with `raise: name` fail with this error."""
    _RAISED[name] = error
    return name
