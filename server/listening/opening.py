"""Reading a request to listen: what the client asked for, as values that are within their limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from dsp import listen
from dsp.listen.play import newest_end
from server.listening.allowance import RATE_HZ
from server.listening.presets import find_preset
from server.listening.stream import refusing
from server.realtime.errors import RealtimeError
from server.realtime.stream import Envelope

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_S: Final = 43_200
"""Twelve hours."""
LAST_SEED: Final = 2**53 - 1

FadeMs = Annotated[int, Field(ge=10, le=600_000)]
Mark = tuple[
    Annotated[int, Field(ge=0, le=LONGEST_S * RATE_HZ)], Annotated[str, StringConstraints(max_length=40)]
]


class ListenArgs(BaseModel):
    """The fields of `stream.open` for kind `listen`."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    preset: Annotated[str, StringConstraints(max_length=40)] | None = None
    program: dict[str, Any] | None = None
    seed: Annotated[int, Field(ge=0, le=LAST_SEED)] | None = None
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
class Wish:
    """A new listening as it was asked for."""

    program: listen.Program
    preset: str | None
    seed: int | None
    duration_s: float
    fade_in: int
    fade_out: int
    marks: tuple[tuple[int, str], ...]


def read_wish(args: Mapping[str, object]) -> Wish:
    """What the client asked for; raises RealtimeError with the field."""
    try:
        asked = ListenArgs.model_validate(args)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or None
        raise RealtimeError("invalid_param", f"{first['msg']}.", field=field) from error
    program, duration_s = _sound_of(asked)
    return Wish(
        program=program,
        preset=asked.preset,
        seed=asked.seed,
        duration_s=duration_s,
        fade_in=_frames(asked.fade_in_ms),
        fade_out=_frames(asked.fade_out_ms),
        marks=tuple(sorted(asked.marks)),
    )


def read_instance(value: object, field: str) -> listen.Instance:
    """An instance that the client kept, checked like any other input."""
    with refusing(field):
        return listen.Instance.from_json(value)


def envelope_of(instance: listen.Instance) -> Envelope:
    """The newest envelope in the timeline; raises RealtimeError if there is none or it never ends."""
    newest = newest_end(instance.timeline)
    if newest is None or newest.end_pos is None or not newest.gain_env:
        raise RealtimeError("invalid_param", "The instance has no end.", field="restore.instance.timeline")
    return Envelope(newest.rev, newest.end_pos, newest.gain_env)


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
