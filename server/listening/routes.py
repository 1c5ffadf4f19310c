"""HTTP of listening: the presets, and one's own sessions."""

from __future__ import annotations

import datetime as dt
import uuid
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import ConfigDict, Field, StringConstraints

from dsp import listen
from server.kit.api import ANYONE, NO_NUL, PRINCIPAL, WHOLE, Call, Model, Routes
from server.kit.errors import Conflict, Unauthenticated
from server.listening import service
from server.listening.catalogue import PRESETS
from server.listening.evidence import NOTE, Finding
from server.listening.presets import EFFECT_LEVELS, INTENSITY_ADDRESS, Layer, Method, Preset
from server.listening.traits import Effect, Genre, traits_of

if TYPE_CHECKING:
    from server.listening.store import SessionRow

LONGEST_PAGE: Final = 100
LONGEST_NOTE: Final = 500
EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

routes = Routes("listening", scope="listen")


class LayerItem(Model):
    """A slider under Texture."""

    id: str
    label: str
    icon: str
    address: str
    """The parameter that it moves."""
    level: int


class FindingItem(Model):
    """One published finding."""

    text: str
    source: str


class EvidenceItem(Model):
    """Both sides, and what follows."""

    model_config = ConfigDict(serialize_by_alias=True)

    supporting: list[FindingItem] = Field(serialization_alias="for")
    against: list[FindingItem]
    note: str


class PresetItem(Model):
    """What one press starts, and what the page says of it."""

    id: str
    mode: str
    genre: Genre
    effect: Effect
    title: str
    line: str
    icon: str
    minutes: int
    well: bool
    segment: bool
    chip: bool
    intensity: int
    method: Method
    intensity_address: dict[str, str]
    methods: dict[str, dict[str, float]]
    layers: list[LayerItem]
    why: dict[str, str]
    evidence: EvidenceItem
    program: dict[str, Any]


class PresetList(Model):
    """All presets in the order of the page."""

    presets: list[PresetItem]
    effect_levels: dict[str, int]


class SessionsQuery(Model):
    """Which page."""

    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE)] = 20
    cursor: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,16}-[0-9a-f]{32}$")] | None = Field(
        None, description="`next_cursor` of the page before."
    )


class SessionItem(Model):
    """One listening."""

    id: str
    mode: str
    title: str
    preset: str | None
    device: str
    planned_s: float
    heard_s: float
    underruns: int
    started_at: float
    """Unix seconds."""
    ended_at: float | None
    reason: str | None
    success: bool | None
    rating: int | None
    note: str


class SessionDetail(SessionItem):
    """One listening, and what it takes to hear it again."""

    program: dict[str, Any] | None
    """The sound as it was last; null if this version cannot play it."""


class Opinion(Model):
    """What the person thought of a listening; what is not given stays as it is."""

    rating: Annotated[int, Field(ge=1, le=5), WHOLE] | None = None
    note: Annotated[str, StringConstraints(max_length=LONGEST_NOTE, pattern=NO_NUL)] = ""


class SessionPage(Model):
    """One's own listenings, newest first."""

    sessions: list[SessionItem]
    next_cursor: str | None


@routes.get("/api/presets", summary="What one press starts", auth=ANYONE, reply=PresetList)
async def list_presets(_: Call) -> PresetList:
    """The built-in presets, with their programs: the first of each mode, then the others."""
    return _presets()


@routes.get(
    "/api/listening/sessions",
    summary="The caller's listenings, newest first",
    auth=PRINCIPAL,
    query=SessionsQuery,
    reply=SessionPage,
    errors=(Unauthenticated,),
)
async def list_listening_sessions(call: Call) -> SessionPage:
    """Own rows only: the principal is never taken from the request."""
    limit = call.query.limit
    before = None if call.query.cursor is None else _read_cursor(call.query.cursor)
    rows = await service.list_sessions(call.state["db"], call.known.id, before, limit + 1)
    page = rows[:limit]
    next_cursor = _cursor(page[-1]) if len(rows) > limit else None
    return SessionPage(sessions=[_session(row) for row in page], next_cursor=next_cursor)


@routes.get(
    "/api/listening/sessions/{session:uuid}",
    summary="One of the caller's listenings, to hear it again",
    auth=PRINCIPAL,
    reply=SessionDetail,
)
async def read_listening_session(call: Call) -> SessionDetail:
    """Its program has the knobs where they were last."""
    row, program = await service.read_session(call.state["db"], call.known.id, call.path["session"])
    known = None if program is None else program.to_json()
    return SessionDetail(**_session(row).model_dump(), program=known)


@routes.patch(
    "/api/listening/sessions/{session:uuid}",
    summary="Rate a listening that is over, and write a note",
    auth=PRINCIPAL,
    body=Opinion,
    reply=SessionItem,
    errors=(Conflict,),
)
async def rate_listening_session(call: Call) -> SessionItem:
    """Whether it was a success is not for the caller to say."""
    opinion = call.body.model_dump(exclude_unset=True)
    row = await service.rate_session(call.state["db"], call.known.id, call.path["session"], opinion)
    return _session(row)


@cache
def _presets() -> PresetList:
    """They are the same for everybody, for as long as the process lives."""
    return PresetList(presets=[_preset(preset) for preset in PRESETS], effect_levels=dict(EFFECT_LEVELS))


def _preset(preset: Preset) -> PresetItem:
    program = preset.program()
    traits = traits_of(listen.parse_program(program))
    evidence = EvidenceItem(
        supporting=_findings(preset.evidence.supporting),
        against=_findings(preset.evidence.opposing),
        note=NOTE,
    )
    return PresetItem(
        id=preset.id,
        mode=preset.mode,
        genre=traits.genre,
        effect=traits.effect,
        title=preset.title,
        line=preset.line,
        icon=preset.icon,
        minutes=preset.minutes,
        well=preset.well,
        segment=preset.segment,
        chip=preset.chip,
        intensity=preset.intensity,
        method=preset.method,
        intensity_address=dict(INTENSITY_ADDRESS),
        methods=preset.methods(),
        layers=[_layer(layer) for layer in preset.layers],
        why=dict(preset.why),
        evidence=evidence,
        program=program,
    )


def _layer(layer: Layer) -> LayerItem:
    sound = layer.sound
    return LayerItem(
        id=layer.id, label=sound.label, icon=sound.icon, address=f"{layer.id}.level", level=layer.level
    )


def _findings(findings: tuple[Finding, ...]) -> list[FindingItem]:
    return [FindingItem(text=one.text, source=one.source) for one in findings]


def _session(row: SessionRow) -> SessionItem:
    return SessionItem(
        id=str(row.id),
        mode=row.mode,
        title=row.title,
        preset=row.preset,
        device=row.device,
        planned_s=row.planned_s,
        heard_s=row.heard_s,
        underruns=row.underruns,
        started_at=row.started_at.timestamp(),
        ended_at=None if row.ended_at is None else row.ended_at.timestamp(),
        reason=row.reason,
        success=row.success,
        rating=row.rating,
        note=row.note,
    )


def _cursor(row: SessionRow) -> str:
    """Where the row stands in the order: its start, to the microsecond as in the database, and its id."""
    return f"{(row.started_at - EPOCH) // dt.timedelta(microseconds=1)}-{row.id.hex}"


def _read_cursor(cursor: str) -> tuple[dt.datetime, uuid.UUID]:
    microseconds, _, session = cursor.partition("-")
    return EPOCH + dt.timedelta(microseconds=int(microseconds)), uuid.UUID(hex=session)
