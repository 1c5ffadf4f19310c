"""Writes what the streams of this process report: in batches, each once, later if the database is away."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import structlog

from server.kit import events
from server.kit.errors import Unavailable
from server.listening import store
from server.listening.allowance import RATE_HZ, Allowance, day_of, limit_frames_of
from server.listening.outcome import is_success

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence
    from uuid import UUID

    from server.kit.bus import Bus
    from server.kit.clock import Clock
    from server.kit.db import Connection, Database
    from server.kit.principal import Principal
    from server.listening.stream import ListenStream

KEEP_EVERY_S: Final = 15.0
RETRY_S: Final = 1.0
END_WAIT_S: Final = 2.0
"""A stream that ends waits this long for its row; then the row is written later."""
ASK_WAIT_S: Final = 0.5
"""A welcome waits this long for the allowance, which is no reason to keep somebody at the door."""
MOST_ENDS: Final = 10_000
"""Ends that wait for a database that is away; the oldest beyond are left to the sweep."""

LIMIT_WARNED: Final = "listen.limit_warned"
LIMIT_REACHED: Final = "listen.limit_reached"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class News:
    """An event to be appended in the batch's transaction."""

    principal_id: UUID
    type: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Notice(News):
    """News of an allowance, told once a day."""

    day: dt.date


@dataclass(slots=True)
class End:
    """A stream that ended and whose row does not say so yet."""

    ended: store.Ended
    last: store.Keep
    is_written: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction writes; kept whole until it is committed, so that a repeat is the same."""

    id: UUID
    keeps: tuple[store.Keep, ...]
    ends: tuple[End, ...]
    uses: tuple[store.Use, ...]


class Keeper:
    """The one writer of listening rows and daily use in a process."""

    def __init__(self, database: Database, bus: Bus, clock: Clock, free_listening_s: int) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._free_listening_s = free_listening_s
        self._streams: dict[UUID, ListenStream] = {}
        self._allowances: dict[UUID, Allowance] = {}
        self._ends: deque[End] = deque()
        self._batch: Batch | None = None
        self._wake = asyncio.Event()
        self._is_closing = False

    async def allowance_of(self, conn: Connection, principal: Principal) -> Allowance:
        """Today's allowance of a principal, one object for all its streams."""
        known = self._known(principal)
        if known is not None:
            return known
        day = day_of(self._clock.now(), principal.zone)
        used = await store.find_usage(conn, principal.id, day.date)
        limit_frames = limit_frames_of(principal.plan, self._free_listening_s)
        made = Allowance(
            limit_frames, principal.zone, day, used.credited_frames, warned=used.warned, reached=used.reached
        )
        return self._allowances.setdefault(principal.id, made)

    def _known(self, principal: Principal) -> Allowance | None:
        """Today's allowance of a principal of whom this process knows."""
        known = self._allowances.get(principal.id)
        if known is not None:
            known.turn(self._clock.now())
        return known

    async def left(self, principal: Principal) -> dict[str, float] | None:
        """What a client is told of the day's allowance; None: no limit, or the database does not say soon."""
        if limit_frames_of(principal.plan, self._free_listening_s) is None:
            return None
        allowance = self._known(principal)
        try:
            if allowance is None:
                async with asyncio.timeout(ASK_WAIT_S), self._database.connection() as conn:
                    allowance = await self.allowance_of(conn, principal)
        except (TimeoutError, Unavailable):
            return None
        return {"left_s": (allowance.left_frames or 0) / RATE_HZ, "resets_at": allowance.day.ends_at}

    def add(self, stream: ListenStream) -> None:
        """Keep the row of a stream from now on."""
        stream.allowance = self._allowances.setdefault(stream.principal_id, stream.allowance)
        self._streams[stream.id] = stream

    @property
    def waiting(self) -> int:
        """Ends that no row tells yet."""
        return len(self._ends) + (0 if self._batch is None else len(self._batch.ends))

    def credited_pos(self, session: UUID) -> int:
        """How far a session that this process still has is counted, ahead of its row."""
        stream = self._streams.get(session)
        return 0 if stream is None else stream.credited_pos

    def credit(self, stream: ListenStream, frames: int) -> None:
        """Count frames against the day; little left is told at once."""
        stream.allowance.credit(frames, self._clock.now())
        if stream.allowance.is_to_warn:
            self._wake.set()

    async def end(self, stream: ListenStream, reason: str) -> None:
        """Write the end of a stream; if the database is away, later."""
        if self._streams.get(stream.id) is stream:
            del self._streams[stream.id]
        success = is_success(planned_s=stream.planned_s, heard_s=stream.heard_s, reason=reason)
        end = End(store.Ended(stream.id, stream.generation, reason, success), last=stream.keep())
        self._ends.append(end)
        if len(self._ends) > MOST_ENDS:
            lost = self._ends.popleft()
            log.warning("listening_end_left_to_sweep", session=str(lost.ended.id))
        self._wake.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(END_WAIT_S):
                await end.is_written.wait()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """The time in which rows are written; what is left at its end is written once more."""
        self._is_closing = False
        task = asyncio.create_task(self._run(), name="listening-keeper")
        try:
            yield
        finally:
            self._is_closing = True
            self._wake.set()
            await task

    async def _run(self) -> None:
        """Write every fifteen seconds, and at once when something ends; the last time when it closes."""
        is_last = False
        while not is_last:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(KEEP_EVERY_S):
                    await self._wake.wait()
            self._wake.clear()
            is_last = self._is_closing
            try:
                await self.write()
            except Unavailable:
                log.warning("listening_rows_wait", ends=self.waiting)
                self._wake.set()
                await asyncio.sleep(RETRY_S)

    async def write(self) -> None:
        """Write what there is; raises Unavailable, and then the same batch is tried again next time."""
        batch = self._batch or self._collect()
        if batch is None:
            return
        self._batch = batch
        told = await self._commit(batch)
        self._batch = None
        for principal_id in told:
            await events.notify(self._bus, principal_id)
        for stream in tuple(self._streams.values()):
            stream.follow_allowance()
        self._forget_idle()

    def _collect(self) -> Batch | None:
        ends = tuple(self._ends)
        self._ends.clear()
        keeps = (*(stream.keep() for stream in self._streams.values()), *(end.last for end in ends))
        uses = tuple(
            store.Use(principal_id, day, frames)
            for principal_id, allowance in self._allowances.items()
            for day, frames in allowance.take_pending().items()
        )
        if not (keeps or uses):
            self._forget_idle()
            return None
        return Batch(uuid.uuid4(), keeps, ends, uses)

    async def _commit(self, batch: Batch) -> set[UUID]:
        """One transaction: rows first, heads of the event log last and in ascending order."""
        now = dt.datetime.fromtimestamp(self._clock.now(), dt.UTC)
        async with self._database.transaction() as conn:
            await store.keep_sessions(conn, batch.keeps, now)
            totals = await store.add_usage(conn, batch.id, batch.uses)
            closed = await store.end_sessions(conn, [end.ended for end in batch.ends], now)
            ended = {row.principal_id for row in closed}
            due = self._due_notices(ended | {principal_id for principal_id, _ in totals}, ended)
            news = [ended_news(row) for row in closed] + await self._limit_news(conn, due, now)
            await append_news(conn, news)
        self._learn(totals, due)
        for end in batch.ends:
            end.is_written.set()
        return {item.principal_id for item in news}

    async def _limit_news(self, conn: Connection, notices: Sequence[Notice], now: dt.datetime) -> list[News]:
        """Each is told once a day, whichever process is first."""
        news: list[News] = []
        for notice in notices:
            mark = store.mark_warned if notice.type == LIMIT_WARNED else store.mark_reached
            if await mark(conn, notice.principal_id, notice.day, now):
                news.append(News(notice.principal_id, notice.type, notice.data))
        return news

    def _due_notices(self, principals: set[UUID], closed: set[UUID]) -> list[Notice]:
        """What is to be said of the allowances now; that nothing is left is said once the sound is over."""
        due: list[Notice] = []
        for principal_id in sorted(principals):
            allowance = self._allowances.get(principal_id)
            if allowance is None:
                continue
            day = allowance.day
            if allowance.is_to_warn:
                left_s = (allowance.left_frames or 0) // RATE_HZ
                due.append(Notice(principal_id, LIMIT_WARNED, {"left_s": left_s}, day.date))
            if principal_id in closed and allowance.is_to_tell_end:
                due.append(Notice(principal_id, LIMIT_REACHED, {"resets_at": day.ends_at}, day.date))
        return due

    def _learn(self, totals: Mapping[tuple[UUID, dt.date], int], told: Sequence[Notice]) -> None:
        """Take over what the committed rows say."""
        for (principal_id, day), frames in totals.items():
            if principal_id in self._allowances:
                self._allowances[principal_id].learn(day, frames)
        for notice in told:
            allowance = self._allowances.get(notice.principal_id)
            if allowance is None or allowance.day.date != notice.day:
                continue
            if notice.type == LIMIT_WARNED:
                allowance.warned = True
            else:
                allowance.reached = True

    def _forget_idle(self) -> None:
        """Drop the allowances of principals who do not listen and whose use is written."""
        active = {stream.principal_id for stream in self._streams.values()}
        for principal_id in [key for key, one in self._allowances.items() if not one.pending]:
            if principal_id not in active:
                del self._allowances[principal_id]


def ended_news(row: store.SessionRow) -> News:
    """What is told when a session's row is closed."""
    data = {"session": str(row.id), "heard_s": row.heard_s, "success": row.success, "reason": row.reason}
    return News(row.principal_id, "listen.ended", data)


async def append_news(conn: Connection, news: Sequence[News]) -> None:
    """Append to several logs in ascending order of principals: else two writers may wait in a circle."""
    for item in sorted(news, key=lambda item: item.principal_id):
        await events.append(conn, item.principal_id, "listen", item.type, item.data)
