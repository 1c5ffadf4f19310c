"""Decisions about listening: who may begin, in which row it goes on, and what became of lost ones."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from dsp import listen
from server.accounts import service as accounts
from server.kit import events
from server.kit.errors import Conflict, LimitReached, NotFound
from server.kit.jobs import Schedule
from server.listening import store
from server.listening.allowance import RATE_HZ
from server.listening.keeper import append_news, ended_news
from server.listening.opening import Draft, draft_of_instance, is_taking, read_draft, session_id_of
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
    from server.listening.standby import Standby
    from server.realtime.stream import OpenContext, OpenRequest

LOST_AFTER_S: Final = 900.0
"""Nobody kept the row for so long: its process died and its client did not come back."""
SWEEP_MOST: Final = 500
LEAD_S: Final = 30.0
"""A client's first missing frame may lie this far ahead of what it can have heard."""


@dataclass(frozen=True, slots=True)
class Listening:
    """What it takes to open a listening; one per process."""

    database: Database
    bus: Bus
    clock: Clock
    keeper: Keeper
    renderer: ListenRenderer
    standby: Standby
    guests: accounts.GuestGate

    async def open(self, principal: Principal, request: OpenRequest, context: OpenContext) -> ListenStream:
        """The opener of kind `listen`: the row is committed before the client hears of it."""
        live, draw_seed = live_frame(self.clock), self.standby.draw_seed
        draft = None if is_taking(request) else read_draft(request, live, draw_seed)
        async with self.database.transaction() as conn:
            await accounts.keep(conn, principal, context.address, self.guests)
            allowance = await self.keeper.allowance_of(conn, principal)
            if draft is None:
                draft = await self._taken(conn, principal, request.take or "")
            row = None
            if draft.session is not None:
                row = await store.take_session(conn, draft.session, principal.id, self._now())
            course = self._course(draft, row)
            if allowance.left_frames == 0 and course.counted_pos <= course.start_pos:
                raise LimitReached("Your free minutes of today are used.", resets_at=allowance.day.ends_at)
            stream = self._stream(principal, replace(draft, course=course), row, allowance, context)
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
        return ListenStream(
            session=uuid.uuid4() if row is None else row.id,
            principal_id=principal.id,
            generation=1 if row is None else row.generation,
            instance=draft.instance,
            course=draft.course,
            envelope=draft.envelope,
            allowance=allowance,
            desk=self.keeper,
            renderer=self.renderer,
            clock=self.clock,
            changed=context.changed,
        )

    def _course(self, draft: Draft, row: store.SessionRow | None) -> Course:
        """Where it stands in its row; a checkpoint without its row is too old to go on from."""
        if row is None:
            if draft.is_ours:
                raise RealtimeError("resume_expired", "This session has ended.")
            return draft.course
        course = draft.course if draft.is_ours else going_on(draft.course, row, self.clock.now())
        counted_pos = max(course.counted_pos, row.credited_pos, self.keeper.credited_pos(row.id))
        return replace(course, counted_pos=counted_pos)

    async def _taken(self, conn: Connection, principal: Principal, session: str) -> Draft:
        """A session that plays on another device, from where it was last heard."""
        found = await store.find_unfinished(conn, session_id_of(session), principal.id)
        if found is None:
            raise RealtimeError("not_found", "This session has ended.", field="take")
        row, instance = found
        return draft_of_instance(instance, session, round(row.heard_s * RATE_HZ))

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


def going_on(course: Course, row: store.SessionRow, now_s: float) -> Course:
    """The course in the row that it goes on in: what was heard before counts, as far as time allows it."""
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


async def read_session(
    database: Database, principal_id: UUID, session: UUID
) -> tuple[store.SessionRow, listen.Program | None]:
    """An own session and its sound as it was last; no program if an older engine made it."""
    async with database.connection() as conn:
        found = await store.find_session(conn, session, principal_id)
    if found is None:
        raise NotFound("There is no such session.")
    row, instance = found
    try:
        return row, listen.settled(listen.Instance.from_json(instance))
    except listen.ProgramError:
        return row, None


async def rate_session(
    database: Database, principal_id: UUID, session: UUID, opinion: Mapping[str, Any]
) -> store.SessionRow:
    """Keep what a person thought of a session that is over."""
    async with database.connection() as conn:
        row = await store.rate_session(conn, session, principal_id, opinion)
        if row is None and await store.find_session(conn, session, principal_id) is not None:
            raise Conflict("This session has not ended yet.")
    if row is None:
        raise NotFound("There is no such session.")
    return row


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
