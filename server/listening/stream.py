"""A listening as the gateway sees it: `dsp.listen` behind `Stream`, with its fades and its allowance."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, Protocol, cast

from dsp import listen
from server.listening import envelope as fades
from server.listening.allowance import RATE_HZ
from server.listening.store import Keep
from server.realtime.errors import RealtimeError
from server.realtime.stream import QUANTUM, Change, Envelope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from server.kit.clock import Clock
    from server.listening.allowance import Allowance
    from server.listening.renderer import ListenRenderer
    from server.realtime.stream import Patch, Span, TransportOp, WireCodec

LIMIT_FADE_FRAMES: Final = 10 * RATE_HZ
"""The day's allowance ends in a fade of ten seconds, never mid-note."""
LEAST_FADE_FRAMES: Final = 480
SEEK_FADE_FRAMES: Final = 12_000
LONG_PAUSE_S: Final = 60.0
"""After a longer pause the stations join the live clock again."""
SLACK_FRAMES: Final = RATE_HZ
"""The end follows the allowance only when it is more than a second off."""


def live_frame(clock: Clock) -> int:
    """The frame that the station clock shows now: epoch-aligned, on the grid of quanta."""
    return int(clock.now() * RATE_HZ) // QUANTUM * QUANTUM


@dataclass(frozen=True, slots=True)
class Course:
    """Where a listening stands in its time: all positions in frames."""

    planned_end: int
    """The end of what the person asked for."""
    fade_in: int
    fade_out: int
    start_pos: int = 0
    play_pos: int = 0
    unheard: int = 0
    """Frames of the timeline before this row's own: they were not heard in it."""
    counted_pos: int = 0
    """What lies before is in the day's use, though some of it may be sent again."""
    underruns: int = 0
    is_limited: bool = False
    """Whether the present end is the allowance's, which midnight moves."""
    marks: tuple[tuple[int, str], ...] = ()


class Desk(Protocol):
    """Where a stream reports."""

    def credit(self, stream: ListenStream, frames: int) -> None:
        """Count frames against the day."""

    async def end(self, stream: ListenStream, reason: str) -> None:
        """Write how it ended."""


class ListenStream:
    """One listening of one person. Lives on the event loop; only spans of it go to the render thread."""

    kind = "listen"
    lookahead = listen.LOOKAHEAD
    codecs: tuple[WireCodec, ...] = ("opus", "s16", "f32")

    def __init__(
        self,
        *,
        session: UUID,
        principal_id: UUID,
        generation: int,
        instance: listen.Instance,
        course: Course,
        envelope: Envelope | None,
        allowance: Allowance,
        desk: Desk,
        renderer: ListenRenderer,
        clock: Clock,
        changed: Callable[[Envelope], None],
    ) -> None:
        self.id = session
        self.principal_id = principal_id
        self.session = str(session)
        self.generation = generation
        self.renderer = renderer
        self.allowance = allowance
        self.cost = listen.program_cost(instance.program)
        self._desk = desk
        self._clock = clock
        self._changed = changed
        self._instance = instance
        self._plan: listen.Plan | None = None
        self._kept: listen.Instance | None = None
        self._is_exact: bool | None = None
        self._course = course
        self._planned_end = course.planned_end
        self._is_limited = course.is_limited
        self._is_finishing = False
        self._sent_pos = course.start_pos
        self._play_pos = course.play_pos
        self._underruns = 0
        self._envelope = envelope or self._first_envelope()
        if self._is_off_allowance():
            self._follow_allowance_from(course.start_pos)

    # What the gateway asks

    @property
    def is_exact(self) -> bool:
        """While a binaural layer is heard: Opus leaks each ear's tone into the other at -45 dB."""
        if self._is_exact is None:
            self._is_exact = listen.is_binaural(self._instance)
        return self._is_exact

    def ready(self) -> dict[str, object]:
        """The fields of `stream.ready` that belong to a listening."""
        values = listen.values_at(self._instance, self._course.start_pos)
        specs = listen.param_specs(self._instance.program)
        return {
            "start_pos": self._course.start_pos,
            "marks": [list(mark) for mark in self._course.marks],
            "instance": self._instance.to_json(),
            "params": [{**spec.to_json(), "value": values[spec.address]} for spec in specs],
        }

    def check(self, patch: Patch) -> None:
        """Refuse a patch that `set` would refuse."""
        with refusing():
            listen.param_change(self._instance, listen.LOOKAHEAD, patch, LEAST_FADE_FRAMES)

    def set(self, at: int, patch: Patch, ramp_frames: int) -> Change:
        """Turn parameters from frame `at`."""
        with refusing():
            return self._apply(listen.param_change(self._instance, at, patch, ramp_frames))

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
        """Pause and play at `at`; what alters samples begins at `splice_at`."""
        with refusing():
            match op:
                case "pause":
                    change = listen.pause_change(self._instance, at)
                case "play":
                    live = live_frame(self._clock) if paused_s > LONG_PAUSE_S else None
                    change = listen.play_change(self._instance, at, live, splice_at)
                case "seek":
                    change = listen.seek_change(self._instance, splice_at, _given("to", to), SEEK_FADE_FRAMES)
                case "loop":
                    change = listen.loop_change(self._instance, splice_at, a, b, SEEK_FADE_FRAMES)
            return self._apply(change)

    def envelope(self) -> Envelope:
        """Fades and end as they stand."""
        return self._envelope

    def extend(self, at: int, duration_s: float) -> Envelope:
        """Move the person's own end; the allowance still bounds it."""
        base = self._end_pos if self._is_finishing else self._planned_end
        self._planned_end = max(base, at) + round(duration_s * RATE_HZ)
        self._is_finishing = False
        return self._bounded(at, at)

    def finish(self, at: int, fade_ms: int) -> Envelope:
        """Fade out from `at`; an end that comes sooner stays."""
        end = min(at + max(round(fade_ms * RATE_HZ / 1000), LEAST_FADE_FRAMES), self._end_pos)
        self._is_finishing = True
        self._is_limited = False
        if end <= at:
            return self._envelope
        points = fades.finishing(self._envelope.gain_env, at, end)
        return self._keep_envelope(at, Envelope(self._envelope.rev + 1, end, points))

    def fold(self, playhead: int) -> dict[str, object] | None:
        """Merge what is old in the timeline."""
        folded = listen.fold(self._instance, playhead)
        if folded is None:
            return None
        self._instance, entry = folded
        self._plan = None
        return entry

    def span(self, start: int, frames: int, packets: int = 1) -> Span:
        """A work item over the present plan."""
        if self._plan is None:
            self._plan = self.renderer.plan_of(self._instance)
        return listen.Span(self._plan, start, frames, packets)

    def credited(self, frames: int) -> None:
        """Count what was sent for the first time."""
        counted_pos = self.credited_pos
        self._sent_pos += frames
        self._desk.credit(self, self.credited_pos - counted_pos)

    def played(self, play_pos: int, underruns: int, late: int) -> None:  # noqa: ARG002 - rows do not hold `late`
        """Remember the listener's playhead, as far as sound was sent."""
        self._play_pos = max(self._play_pos, min(play_pos, self._sent_pos))
        self._underruns = max(self._underruns, underruns)

    def park(self) -> None:
        """Drop the plan; `span` makes it again."""
        self._plan = None

    def checkpoint(self) -> dict[str, object]:
        """Enough to go on in another process."""
        course = {
            **asdict(self._course),
            "planned_end": self._planned_end,
            "start_pos": self._sent_pos,
            "counted_pos": self.credited_pos,
            "play_pos": self._play_pos,
            "is_limited": self._is_limited,
            "underruns": self.underruns,
        }
        return {"session": self.session, "instance": self._instance.to_json(), "course": course}

    async def close(self, reason: str, played_frames: int) -> dict[str, object]:
        """Write the row and tell what was heard."""
        self.played(played_frames, 0, 0)
        reason = self._better_reason(reason)
        await self._desk.end(self, reason)
        return {"heard_s": self.heard_s, "reason": reason}

    # What the desk asks

    @property
    def heard_s(self) -> float:
        """Seconds that reached the listener: positions stand still in a pause and in an underrun."""
        heard_pos = min(self._play_pos, self._end_pos)
        return max(0, heard_pos - self._course.unheard) / RATE_HZ

    @property
    def planned_s(self) -> float:
        """Seconds that the person asked for in this row."""
        return max(1, self._planned_end - self._course.unheard) / RATE_HZ

    @property
    def underruns(self) -> int:
        """Times that the listener ran dry, in all of the session."""
        return self._course.underruns + self._underruns

    @property
    def credited_pos(self) -> int:
        """Frames before it count against the day."""
        return max(self._sent_pos, self._course.counted_pos)

    def keep(self) -> Keep:
        """The row's newest state; the instance only if it changed since it was last asked."""
        is_changed = self._instance is not self._kept
        self._kept = self._instance
        return Keep(
            id=self.id,
            generation=self.generation,
            planned_s=self.planned_s,
            heard_s=self.heard_s,
            underruns=self.underruns,
            credited_pos=self.credited_pos,
            instance=self._instance.to_json() if is_changed else None,
        )

    def follow_allowance(self) -> None:
        """Move the end if midnight or another process has changed what is left of the day."""
        if self._is_off_allowance():
            self._changed(self._follow_allowance_from(self.credited_pos))

    # Inside

    @property
    def _end_pos(self) -> int:
        end = self._envelope.end_pos
        assert end is not None, "a listening always has an end"
        return end

    def _better_reason(self, reason: str) -> str:
        """The gateway sees that the end was reached; only the listening knows why it stood there."""
        if reason != "completed":
            return reason
        if self._is_finishing:
            return "stopped"
        return (
            "limit_reached"
            if self._end_pos < self._planned_end and self.allowance.left_frames == 0
            else reason
        )

    def _apply(self, change: listen.Change) -> Change:
        self._instance = change.instance
        self._plan = self._is_exact = None
        media_map = listen.media_map(change.instance, cast("int", change.entry["pos"]))
        return Change(change.entry, change.from_pos, change.clamped, media_map)

    def _is_off_allowance(self) -> bool:
        """Whether sound would end too late for the day, or too soon though only the day limits it."""
        end, is_limited = self._allowed_end()
        is_too_late = is_limited and end < self._end_pos - SLACK_FRAMES
        is_too_soon = self._is_limited and end > self._end_pos + SLACK_FRAMES
        return not self._is_finishing and (is_too_late or is_too_soon)

    def _allowed_end(self) -> tuple[int, bool]:
        """The frame on which sound ends, and whether the allowance is why."""
        left = self.allowance.left_frames
        if left is None or self.credited_pos + left >= self._planned_end:
            return self._planned_end, False
        return self.credited_pos + left, True

    def _first_envelope(self) -> Envelope:
        start = self._course.start_pos
        end, self._is_limited = self._allowed_end()
        fade_out = LIMIT_FADE_FRAMES if self._is_limited else self._course.fade_out
        points = fades.opening(start, end, self._course.fade_in, fade_out)
        return self._keep_envelope(start, Envelope(1, end, points))

    def _bounded(self, at: int, entry_pos: int) -> Envelope:
        """The envelope that ends with the person's time or with the allowance, whichever is first."""
        end, self._is_limited = self._allowed_end()
        fade_out = LIMIT_FADE_FRAMES if self._is_limited else self._course.fade_out
        end = max(end, at + LEAST_FADE_FRAMES)
        points = fades.ending(self._envelope.gain_env, at, end, fade_out)
        return self._keep_envelope(entry_pos, Envelope(self._envelope.rev + 1, end, points))

    def _follow_allowance_from(self, at: int) -> Envelope:
        """An envelope of our own making: its entry stands beside the newest, so that it delays no change."""
        timeline = self._instance.timeline
        return self._bounded(at, timeline[-1].sounds_from if timeline else at)

    def _keep_envelope(self, entry_pos: int, made: Envelope) -> Envelope:
        """Enter it in the timeline, so that the instance alone says what is heard."""
        change = listen.end_change(self._instance, entry_pos, made.rev, made.end_pos, made.gain_env)
        self._instance = change.instance
        self._envelope = Envelope(made.rev, made.end_pos, made.gain_env, change.entry)
        return self._envelope


@contextmanager
def refusing(within: str = "") -> Iterator[None]:
    """Tell the client what the engine refuses, with the field as it stands in the message."""
    try:
        yield
    except listen.ProgramError as error:
        field = ".".join(part for part in (within, error.field) if part)
        raise RealtimeError(
            "invalid_param", f"{field} {error.message}.".strip(), field=field or None
        ) from error


def _given(field: str, value: int | None) -> int:
    if value is None:
        raise RealtimeError("invalid_param", f"`{field}` is missing.", field=field)
    return value
