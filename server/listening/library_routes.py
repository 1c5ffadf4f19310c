"""HTTP of a person's library: own presets, favourites, and where they were."""

from __future__ import annotations

import uuid  # noqa: TC003 - pydantic reads the annotations
from typing import TYPE_CHECKING, Annotated, Any, Final, Self

from pydantic import Field, StringConstraints, model_validator

from dsp import listen
from server.accounts.routes import accounts_state
from server.kit.api import ANYONE, NO_NUL, PRINCIPAL, WHOLE, Call, Model, Routes
from server.kit.errors import Conflict, LimitReached, NotFound, ValidationFailed
from server.listening.library import MOST_PRESETS, Library, checked_program
from server.listening.opening import LONGEST_S
from server.listening.traits import Effect, Genre, traits_of

if TYPE_CHECKING:
    from server.listening.library_store import PresetRow
    from server.listening.store import SessionRow

MINUTE_S: Final = 60

Title = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=NO_NUL)]
Minutes = Annotated[int, Field(ge=1, le=LONGEST_S // MINUTE_S), WHOLE]

routes = Routes("listening", scope="listen")


class OwnPreset(Model):
    """A preset that the caller made."""

    id: str
    title: str
    mode: str
    genre: Genre
    effect: Effect
    minutes: int
    program: dict[str, Any]
    created_at: float
    """Unix seconds."""


class OwnPresets(Model):
    """All of them, in the caller's order."""

    own: list[OwnPreset]


class Resume(Model):
    """The listening that goes on (`ended_at` is null), else the one that was played last."""

    session: str
    mode: str
    title: str
    preset: str | None
    device: str
    planned_s: float
    heard_s: float
    left_s: float
    started_at: float
    ended_at: float | None


class LibraryReply(OwnPresets):
    """Everything that is the caller's own."""

    favourites: list[str]
    """Ids of presets, built-in or own, newest first."""
    resume: Resume | None


class NewPreset(Model):
    """A title for a program, or for what a session came to sound like."""

    title: Title
    minutes: Minutes
    program: dict[str, Any] | None = None
    session: uuid.UUID | None = None

    @model_validator(mode="after")
    def _names_one_sound(self) -> Self:
        if (self.program is None) == (self.session is None):
            raise ValueError("give a program or name a session")
        return self


class PresetName(Model):
    """What can be changed of an own preset."""

    title: Title
    minutes: Minutes


class PresetOrder(Model):
    """All own presets, as they shall stand."""

    ids: Annotated[list[uuid.UUID], Field(max_length=MOST_PRESETS)]


class ProgramBody(Model):
    """A program, as a share link holds it."""

    program: dict[str, Any]


class CheckedProgram(Model):
    """The program in full, and what is known of it."""

    program: dict[str, Any]
    cost: float
    """Load units of the wire."""
    genre: Genre
    effect: Effect


@routes.get(
    "/api/library", summary="Own presets, favourites, and where one was", auth=PRINCIPAL, reply=LibraryReply
)
async def read_library(call: Call) -> LibraryReply:
    """Empty for who kept nothing yet."""
    shelf = await _library(call).read()
    return LibraryReply(
        own=[_own(row) for row in shelf.presets],
        favourites=shelf.favourites,
        resume=None if shelf.latest is None else _resume(shelf.latest),
    )


@routes.post(
    "/api/presets",
    summary="Keep a program, or the sound of a session, as an own preset",
    auth=PRINCIPAL,
    body=NewPreset,
    reply=OwnPreset,
    status=201,
    errors=(NotFound, Conflict, LimitReached),
)
async def create_preset(call: Call) -> OwnPreset:
    """Of a session the knobs stay where they were last; what was not touched keeps its course."""
    library, wish = _library(call), call.body
    if wish.session is not None:
        program = await library.sound_of(wish.session)
    else:
        program = checked_program(wish.program)
    return _own(await library.add(wish.title, wish.minutes, program))


@routes.put(
    "/api/presets",
    summary="Put own presets in another order",
    auth=PRINCIPAL,
    body=PresetOrder,
    reply=OwnPresets,
    errors=(Conflict,),
)
async def order_presets(call: Call) -> OwnPresets:
    """The list holds each of them once."""
    return OwnPresets(own=[_own(row) for row in await _library(call).order(call.body.ids)])


@routes.put(
    "/api/presets/{preset:uuid}",
    summary="Rename an own preset",
    auth=PRINCIPAL,
    body=PresetName,
    reply=OwnPreset,
)
async def rename_preset(call: Call) -> OwnPreset:
    """Its sound stays."""
    return _own(await _library(call).rename(call.path["preset"], call.body.title, call.body.minutes))


@routes.delete("/api/presets/{preset:uuid}", summary="Delete an own preset", auth=PRINCIPAL)
async def delete_preset(call: Call) -> None:
    """A favourite of it goes too."""
    await _library(call).remove(call.path["preset"])


@routes.put("/api/favourites/{preset}", summary="Make a preset a favourite", auth=PRINCIPAL)
async def add_favourite(call: Call) -> None:
    """A built-in preset or an own one; twice is once."""
    await _library(call).mark(call.path["preset"])


@routes.delete("/api/favourites/{preset}", summary="Make a preset no favourite", auth=PRINCIPAL)
async def delete_favourite(call: Call) -> None:
    """It need not have been one."""
    await _library(call).unmark(call.path["preset"])


@routes.post(
    "/api/programs/check",
    summary="Whether a program can be played",
    auth=ANYONE,
    body=ProgramBody,
    reply=CheckedProgram,
    errors=(ValidationFailed,),
)
async def check_program(call: Call) -> CheckedProgram:
    """The first thing that is wrong is named by its path, such as `program.layers.pads.level`."""
    program = checked_program(call.body.program)
    traits = traits_of(program)
    return CheckedProgram(
        program=program.to_json(), cost=listen.program_cost(program), genre=traits.genre, effect=traits.effect
    )


def _library(call: Call) -> Library:
    state = accounts_state(call)
    return Library(state["db"], state["clock"], state["guests"], call.known, call.address)


def _own(row: PresetRow) -> OwnPreset:
    program = listen.parse_program(row.program)
    traits = traits_of(program)
    return OwnPreset(
        id=str(row.id),
        title=row.title,
        mode=program.mode,
        genre=traits.genre,
        effect=traits.effect,
        minutes=row.minutes,
        program=dict(row.program),
        created_at=row.created_at.timestamp(),
    )


def _resume(row: SessionRow) -> Resume:
    return Resume(
        session=str(row.id),
        mode=row.mode,
        title=row.title,
        preset=row.preset,
        device=row.device,
        planned_s=row.planned_s,
        heard_s=row.heard_s,
        left_s=max(0.0, row.planned_s - row.heard_s),
        started_at=row.started_at.timestamp(),
        ended_at=None if row.ended_at is None else row.ended_at.timestamp(),
    )
