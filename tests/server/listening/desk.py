"""What stands around a stream in tests that look at it alone."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dsp import listen
from server.kit.clock import ManualClock
from server.listening.allowance import RATE_HZ, Allowance, day_of
from server.listening.presets import FOCUS
from server.listening.renderer import ListenRenderer
from server.listening.stream import Course, ListenStream

if TYPE_CHECKING:
    from server.realtime.stream import Envelope

MINUTE = 60 * RATE_HZ


@dataclass
class Notebook:
    """A desk that only writes down."""

    credited: int = 0
    ended: list[str] = field(default_factory=list)

    def credit(self, stream: ListenStream, frames: int) -> None:
        self.credited += frames
        stream.allowance.credit(frames, stream.allowance.day.ends_at - 1)

    async def end(self, stream: ListenStream, reason: str) -> None:
        self.ended.append(reason)


@dataclass
class Booth:
    """One stream and everything that it was given."""

    stream: ListenStream
    desk: Notebook
    clock: ManualClock
    told: list[Envelope]


def allowance(left_min: float | None = None, clock: ManualClock | None = None) -> Allowance:
    day = day_of((clock or ManualClock()).now(), "UTC")
    return Allowance(None if left_min is None else round(left_min * MINUTE), "UTC", day)


def focus(seed: int = 7) -> listen.Instance:
    return listen.open_instance(listen.parse_program(FOCUS.program()), seed=seed, live_frame=96_000)


def booth(
    *,
    left_min: float | None = None,
    course: Course | None = None,
    instance: listen.Instance | None = None,
    envelope: Envelope | None = None,
) -> Booth:
    """A focus stream of 25 minutes, with fades of 2 and 30 s."""
    clock, desk = ManualClock(), Notebook()
    told: list[Envelope] = []
    stream = ListenStream(
        session=uuid.UUID(int=1),
        principal_id=uuid.UUID(int=2),
        generation=1,
        instance=instance or focus(),
        course=course or Course(planned_end=25 * MINUTE, fade_in=2 * RATE_HZ, fade_out=30 * RATE_HZ),
        envelope=envelope,
        allowance=allowance(left_min, clock),
        desk=desk,
        renderer=ListenRenderer(listen.GranuleCache(2**24)),
        clock=clock,
        changed=told.append,
    )
    return Booth(stream, desk, clock, told)
