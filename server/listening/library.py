"""Decisions about a person's library: own presets, favourites, and where they were."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from dsp import listen
from server.accounts import service as accounts
from server.kit.errors import Conflict, LimitReached, NotFound, ValidationFailed
from server.listening import library_store as store
from server.listening import store as session_store
from server.listening.catalogue import find_preset
from server.listening.opening import session_id_of
from server.listening.service import read_session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from server.kit.clock import Clock
    from server.kit.db import Database
    from server.kit.principal import Principal

MOST_PRESETS: Final = 100
NO_PRESET: Final = "There is no such preset."


@dataclass(frozen=True, slots=True)
class Shelf:
    """A person's library as it stands."""

    presets: list[store.PresetRow]
    favourites: list[str]
    """Ids of presets, newest first."""
    latest: session_store.SessionRow | None
    """What goes on, else what was played last."""


@dataclass(frozen=True, slots=True)
class Library:
    """One person's library."""

    database: Database
    clock: Clock
    guests: accounts.GuestGate
    principal: Principal
    address: str

    async def read(self) -> Shelf:
        """All of it: three reads."""
        async with self.database.connection() as conn:
            return Shelf(
                presets=await store.list_presets(conn, self.principal.id),
                favourites=await store.list_favourites(conn, self.principal.id),
                latest=await session_store.find_latest(conn, self.principal.id),
            )

    async def add(self, title: str, minutes: int, program: listen.Program) -> store.PresetRow:
        """Keep a program as an own preset, behind the others."""
        kept = {**program.to_json(), "title": title}
        preset = store.PresetRow(uuid.uuid4(), title, minutes, kept, self._now())
        async with self.database.transaction() as conn:
            await accounts.keep(conn, self.principal, self.address, self.guests)
            if not await store.insert_preset(conn, self.principal.id, preset, MOST_PRESETS):
                raise LimitReached(f"You have {MOST_PRESETS} presets. Delete one to keep another.")
        return preset

    async def sound_of(self, session: UUID) -> listen.Program:
        """What an own listening came to sound like."""
        _, program = await read_session(self.database, self.principal.id, session)
        if program is None:
            raise Conflict("This session was made by an older version and cannot be kept.")
        return program

    async def rename(self, preset: UUID, title: str, minutes: int) -> store.PresetRow:
        """Title and length of an own preset."""
        async with self.database.connection() as conn:
            row = await store.rename_preset(conn, self.principal.id, preset, title, minutes)
        if row is None:
            raise NotFound(NO_PRESET)
        return row

    async def remove(self, preset: UUID) -> None:
        """Delete an own preset, and the favourite of it."""
        async with self.database.connection() as conn:
            if not await store.delete_preset(conn, self.principal.id, preset):
                raise NotFound(NO_PRESET)

    async def order(self, presets: Sequence[UUID]) -> list[store.PresetRow]:
        """Put all own presets in this order; refused if these are not all, or not one's own."""
        async with self.database.transaction() as conn:
            own = await store.lock_presets(conn, self.principal.id)
            if len(presets) != len(own) or set(presets) != own:
                raise Conflict("Your presets have changed in the meantime.")
            await store.order_presets(conn, self.principal.id, presets)
            return await store.list_presets(conn, self.principal.id)

    async def mark(self, preset: str) -> None:
        """Make a built-in or an own preset a favourite."""
        async with self.database.transaction() as conn:
            await accounts.keep(conn, self.principal, self.address, self.guests)
            if find_preset(preset) is not None:
                await store.add_favourite(conn, self.principal.id, preset, self._now())
                return
            own = session_id_of(preset)
            if own is None or not await store.add_own_favourite(conn, self.principal.id, own, self._now()):
                raise NotFound(NO_PRESET)

    async def unmark(self, preset: str) -> None:
        """It is no favourite any more."""
        async with self.database.connection() as conn:
            await store.delete_favourite(conn, self.principal.id, preset)

    def _now(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self.clock.now(), dt.UTC)


def checked_program(value: dict[str, Any]) -> listen.Program:
    """A program that can be played; raises ValidationFailed with the path of what is wrong."""
    try:
        return listen.parse_program(value)
    except listen.ProgramError as error:
        field = ".".join(part for part in ("program", error.field) if part)
        raise ValidationFailed(f"{field} {error.message}.", field=field) from error
