"""Reading a request to listen: from what the client sent to a listening that only lacks its row."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, Strict, StringConstraints, ValidationError, model_validator

from dsp import listen
from dsp.listen.play import newest_end
from server.listening.allowance import RATE_HZ
from server.listening.catalogue import find_preset
from server.listening.stream import LEAST_FADE_FRAMES, Course, refusing
from server.realtime.errors import RealtimeError
from server.realtime.stream import Envelope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from server.realtime.stream import OpenRequest

    DrawSeed = Callable[[listen.Program], int]

LONGEST_S: Final = 43_200
"""Twelve hours."""
MOST_POINTS: Final = 16
"""Of an envelope; ours have six at most."""
MOST_REV: Final = 2**31

FadeMs = Annotated[int, Field(ge=10, le=600_000)]
MarkPos = Annotated[int, Field(ge=0, le=LONGEST_S * RATE_HZ)]
MarkName = Annotated[str, StringConstraints(max_length=40)]
Mark = Annotated[tuple[MarkPos, MarkName], Strict(strict=False)]
"""A pair; msgpack knows lists only."""


class ListenArgs(BaseModel):
    """The fields of `stream.open` for kind `listen`."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    preset: Annotated[str, StringConstraints(max_length=40)] | None = None
    program: dict[str, Any] | None = None
    seed: Annotated[int, Field(ge=0, le=listen.LAST_SEED)] | None = None
    duration_s: Annotated[float, Field(ge=1, le=LONGEST_S, allow_inf_nan=False)] | None = None
    fade_in_ms: FadeMs = 2_000
    fade_out_ms: FadeMs = 10_000
    marks: Annotated[list[Mark], Field(max_length=64)] = []

    @model_validator(mode="after")
    def _names_one_sound(self) -> Self:
        if (self.preset is None) == (self.program is None):
            raise ValueError("name a preset or give a program")
        if self.program is not None and self.duration_s is None:
            raise ValueError("a program needs duration_s")
        return self


@dataclass(frozen=True, slots=True)
class Draft:
    """A listening before it has a row."""

    instance: listen.Instance
    course: Course
    envelope: Envelope | None = None
    preset: str | None = None
    session: UUID | None = None
    """The unfinished session that it would go on in."""
    is_ours: bool = False
    """Its course is our own word, from another process; else the client's."""


def is_taking(request: OpenRequest) -> bool:
    """A session is asked for by name, and the client has nothing of it."""
    return request.take is not None and request.restore is None and request.checkpoint is None


def read_draft(request: OpenRequest, live: int, draw_seed: DrawSeed) -> Draft:
    """What is asked for: something new, what the client kept, or what a parked stream left on the bus."""
    if request.checkpoint is not None:
        return _draft_of_checkpoint(request.checkpoint)
    if request.restore is not None:
        restore = request.restore
        return draft_of_instance(restore.instance, restore.session, restore.from_pos)
    return _draft_of_wish(request.args, live, draw_seed)


def draft_of_instance(value: Mapping[str, object], session: str, from_pos: int) -> Draft:
    """A listening that goes on from an instance; raises RealtimeError where it cannot."""
    instance = _read_instance(value, "restore.instance")
    envelope = _envelope_of(instance)
    end_pos = envelope.end_pos
    assert end_pos is not None
    if not from_pos < end_pos <= from_pos + LONGEST_S * RATE_HZ:
        raise RealtimeError("invalid_param", "Nothing is left to play from there.", field="restore.from")
    course = Course(
        planned_end=end_pos,
        fade_in=0,
        fade_out=_last_fade(envelope),
        start_pos=from_pos,
        play_pos=from_pos,
        unheard=from_pos,
    )
    return Draft(instance, course, envelope, session=session_id_of(session))


def _draft_of_checkpoint(value: Mapping[str, Any]) -> Draft:
    """Our own words, from the bus."""
    instance = _read_instance(value["instance"], "checkpoint.instance")
    course = value["course"]
    marks = tuple((pos, name) for pos, name in course["marks"])
    return Draft(
        instance,
        Course(**{**course, "marks": marks}),
        _envelope_of(instance),
        session=uuid.UUID(value["session"]),
        is_ours=True,
    )


def _draft_of_wish(args: Mapping[str, object], live: int, draw_seed: DrawSeed) -> Draft:
    """Something new: a preset, or a program of the client's own."""
    asked = _read_args(args)
    program, duration_s = _sound_of(asked)
    seed = draw_seed(program) if asked.seed is None else asked.seed
    course = Course(
        planned_end=round(duration_s * RATE_HZ),
        fade_in=_frames(asked.fade_in_ms),
        fade_out=_frames(asked.fade_out_ms),
        marks=tuple(sorted(asked.marks)),
    )
    return Draft(listen.open_instance(program, seed=seed, live_frame=live), course, preset=asked.preset)


def _read_args(args: Mapping[str, object]) -> ListenArgs:
    try:
        return ListenArgs.model_validate(args)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or None
        raise RealtimeError("invalid_param", f"{first['msg']}.", field=field) from error


def _read_instance(value: object, field: str) -> listen.Instance:
    """An instance that was kept elsewhere, checked like any other input."""
    with refusing(field):
        return listen.Instance.from_json(value)


def _envelope_of(instance: listen.Instance) -> Envelope:
    """The newest envelope in the timeline; raises RealtimeError if there is none or it never ends."""
    newest = newest_end(instance.timeline)
    if newest is None or newest.end_pos is None or not newest.gain_env:
        raise RealtimeError("invalid_param", "The instance has no end.", field="restore.instance.timeline")
    is_ours = len(newest.gain_env) <= MOST_POINTS and all(0.0 <= gain <= 1.0 for _, gain in newest.gain_env)
    if not is_ours or newest.rev > MOST_REV:
        raise RealtimeError("invalid_param", "This envelope is not ours.", field="restore.instance.timeline")
    return Envelope(newest.rev, newest.end_pos, newest.gain_env)


def _last_fade(envelope: Envelope) -> int:
    """Frames over which it falls to the end."""
    falls = [pos for pos, gain in envelope.gain_env if gain > 0.0]
    assert envelope.end_pos is not None
    return max(envelope.end_pos - falls[-1], LEAST_FADE_FRAMES) if falls else LEAST_FADE_FRAMES


def session_id_of(text: str) -> UUID | None:
    """The id of a session, if it is one."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _sound_of(asked: ListenArgs) -> tuple[listen.Program, float]:
    if asked.preset is None:
        assert asked.duration_s is not None
        with refusing("program"):
            return listen.parse_program(asked.program), asked.duration_s
    preset = find_preset(asked.preset)
    if preset is None:
        raise RealtimeError("not_found", "There is no preset of that name.", field="preset")
    duration_s = asked.duration_s or preset.duration_s
    return listen.parse_program(preset.program(duration_s)), duration_s


def _frames(ms: int) -> int:
    return ms * RATE_HZ // 1000
