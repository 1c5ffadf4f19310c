"""Decisions about listening: who may begin, in which row it goes on, and what became of lost ones."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from dsp import listen
from server.accounts import service as accounts
from server.kit import events
from server.kit.errors import LimitReached
from server.kit.jobs import Schedule
from server.listening import store
from server.listening.allowance import RATE_HZ
from server.listening.keeper import append_news, ended_news
from server.listening.opening import LAST_SEED, LONGEST_S, envelope_of, read_instance, read_wish
from server.listening.outcome import is_success
from server.listening.stream import Course, ListenStream, live_frame
from server.realtime.errors import RealtimeError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from server.kit.bus import Bus
    from server.kit.clock import Clock
    from server.kit.db import Connection, Database
    from server.kit.jobs import Work
    from server.kit.principal import Principal
    from server.listening.allowance import Allowance
    from server.listening.keeper import Keeper
    from server.listening.renderer import ListenRenderer
    from server.realtime.stream import Envelope, OpenContext, OpenRequest

LOST_AFTER_S: Final = 900.0
"""Nobody kept the row for so long: its process died and its client did not come back."""
SWEEP_MOST: Final = 500
LEAD_S: Final = 30.0
"""A client's first missing frame may lie this far ahead of what it can have heard."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A listening before it has a row."""

    instance: listen.Instance
    course: Course
    envelope: Envelope | None = None
    preset: str | None = None
    session: UUID | None = None
    """The unfinished session that it would go on in."""


@dataclass(frozen=True, slots=True)
class Listening:
    """What it takes to open a listening; one per process."""

    database: Database
    bus: Bus
    clock: Clock
    keeper: Keeper
    renderer: ListenRenderer
    guests: accounts.GuestGate

    async def open(self, principal: Principal, request: OpenRequest, context: OpenContext) -> ListenStream:
        """The opener of kind `listen`: the row is committed before the client hears of it."""
        draft = read_draft(request, live_frame(self.clock))
        async with self.database.transaction() as conn:
            await accounts.keep(conn, principal, context.address, self.guests)
            allowance = await self.keeper.allowance_of(conn, principal)
            refuse_if_used_up(allowance)
            row = None
            if draft.session is not None:
                row = await store.take_session(conn, draft.session, principal.id, self._now())
            stream = self._stream(principal, draft, row, allowance, context)
            if row is None:
                await self._begin(conn, principal, draft, stream, context.device)
        await events.notify(self.bus, principal.id)
        self.keeper.add(stream)
        return stream

    def _stream(
        self,
        principal: Principal,
        draft: Draft,
        row: store.SessionRow | None,
        allowance: Allowance,
        context: OpenContext,
    ) -> ListenStream:
        course = draft.course if draft.envelope is None else going_on(draft.course, row, self.clock.now())
        return ListenStream(
            session=uuid.uuid4() if row is None else row.id,
            principal_id=principal.id,
            generation=1 if row is None else row.generation,
            instance=draft.instance,
            course=course,
            envelope=draft.envelope,
            allowance=allowance,
            desk=self.keeper,
            renderer=self.renderer,
            clock=self.clock,
            changed=context.changed,
        )

    async def _begin(
        self, conn: Connection, principal: Principal, draft: Draft, stream: ListenStream, device: str
    ) -> None:
        """The row and, last, its event."""
        kept = stream.keep()
        assert kept.instance is not None
        program = draft.instance.program
        new = store.NewSession(
            id=stream.id,
            principal_id=principal.id,
            mode=program.mode,
            title=program.title,
            preset=draft.preset,
            device=device,
            planned_s=kept.planned_s,
            instance=kept.instance,
            started_at=self._now(),
        )
        await store.insert_session(conn, new)
        data = {
            "session": stream.session,
            "mode": new.mode,
            "title": new.title,
            "preset": new.preset,
            "planned_s": new.planned_s,
            "device": device,
        }
        await events.append(conn, principal.id, "listen", "listen.started", data)

    def _now(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self.clock.now(), dt.UTC)


def read_draft(request: OpenRequest, live: int) -> Draft:
    """What is asked for: something new, what the client kept, or what a parked stream left on the bus."""
    if request.checkpoint is not None:
        return _from_checkpoint(request.checkpoint)
    if request.restore is not None:
        restore = request.restore
        return _from_instance(restore.instance, restore.session, restore.from_pos)
    wish = read_wish(request.args)
    seed = secrets.randbelow(LAST_SEED + 1) if wish.seed is None else wish.seed
    course = Course(
        planned_end=round(wish.duration_s * RATE_HZ),
        fade_in=wish.fade_in,
        fade_out=wish.fade_out,
        marks=wish.marks,
    )
    instance = listen.open_instance(wish.program, seed=seed, live_frame=live)
    return Draft(instance, course, preset=wish.preset)


def _from_instance(value: Mapping[str, object], session: str, from_pos: int) -> Draft:
    instance = read_instance(value, "restore.instance")
    envelope = envelope_of(instance)
    end_pos = envelope.end_pos
    assert end_pos is not None
    if not from_pos < end_pos <= from_pos + LONGEST_S * RATE_HZ:
        raise RealtimeError("invalid_param", "Nothing is left to play from there.", field="restore.from")
    course = Course(
        planned_end=end_pos,
        fade_in=0,
        fade_out=end_pos - envelope.gain_env[-2][0] if len(envelope.gain_env) > 1 else 0,
        start_pos=from_pos,
        play_pos=from_pos,
        unheard=from_pos,
    )
    return Draft(instance, course, envelope, session=_uuid_or_none(session))


def _from_checkpoint(value: Mapping[str, Any]) -> Draft:
    """Our own words, from the bus."""
    instance = read_instance(value["instance"], "checkpoint.instance")
    course = value["course"]
    marks = tuple((pos, name) for pos, name in course["marks"])
    return Draft(
        instance,
        Course(**{**course, "marks": marks}),
        envelope_of(instance),
        session=uuid.UUID(value["session"]),
    )


def going_on(course: Course, row: store.SessionRow | None, now_s: float) -> Course:
    """The course in the row that it goes on in: what was heard before counts, as far as time allows it."""
    if row is None or course.unheard == 0:
        return course
    elapsed_frames = round((now_s - row.started_at.timestamp() + LEAD_S) * RATE_HZ)
    heard_frames = round(row.heard_s * RATE_HZ)
    unheard = max(0, course.start_pos - max(elapsed_frames, heard_frames))
    return replace(
        course,
        unheard=unheard,
        play_pos=unheard + heard_frames,
        planned_end=max(course.planned_end, unheard + round(row.planned_s * RATE_HZ)),
        underruns=row.underruns,
    )


def refuse_if_used_up(allowance: Allowance) -> None:
    """Nothing begins when nothing of the day is left."""
    if allowance.left_frames == 0:
        raise LimitReached("Your free minutes of today are used.", resets_at=allowance.day.ends_at)


async def sweep(database: Database, bus: Bus, clock: Clock) -> int:
    """Close the rows of processes that died and clients that never came back; returns how many."""
    now = dt.datetime.fromtimestamp(clock.now(), dt.UTC)
    kept_before = now - dt.timedelta(seconds=LOST_AFTER_S)
    async with database.transaction() as conn:
        rows = await store.list_abandoned(conn, kept_before, SWEEP_MOST)
        ends = [
            store.Ended(
                row.id,
                row.generation,
                "lost",
                is_success(planned_s=row.planned_s, heard_s=row.heard_s, reason="lost"),
            )
            for row in rows
        ]
        closed = await store.end_sessions(conn, ends, now)
        await append_news(conn, [ended_news(row) for row in closed])
    for principal_id in {row.principal_id for row in closed}:
        await events.notify(bus, principal_id)
    return len(closed)


async def _sweep(work: Work) -> None:
    await sweep(work.db, work.bus, work.clock)


SCHEDULES: Final = (Schedule("close abandoned listenings", "* * * * *", _sweep),)


async def list_sessions(
    database: Database, principal_id: UUID, before: tuple[dt.datetime, UUID] | None, most: int
) -> list[store.SessionRow]:
    """Own sessions, newest first, after a cursor."""
    async with database.connection() as conn:
        return await store.list_sessions(conn, principal_id, before, most)


async def snapshot(database: Database, principal_id: UUID) -> dict[str, Any]:
    """What goes on, for a reader who begins without the event log."""
    async with database.connection() as conn:
        rows = await store.list_unfinished(conn, principal_id)
    return {
        "sessions": [
            {
                "session": str(row.id),
                "mode": row.mode,
                "title": row.title,
                "preset": row.preset,
                "device": row.device,
                "planned_s": row.planned_s,
                "heard_s": row.heard_s,
            }
            for row in rows
        ]
    }


def _uuid_or_none(text: str) -> UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
