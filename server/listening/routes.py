"""HTTP of listening: the presets, and one's own sessions."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import ConfigDict, Field, StringConstraints

from server.kit.api import ANYONE, PRINCIPAL, Call, Model, Routes
from server.kit.errors import Unauthenticated
from server.listening import service
from server.listening.evidence import NOTE, Finding
from server.listening.presets import EFFECT_LEVELS, INTENSITY_ADDRESS, PRESETS, Method, Preset

if TYPE_CHECKING:
    from server.listening.store import SessionRow

LONGEST_PAGE: Final = 100
EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

routes = Routes("listening")


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


class SessionPage(Model):
    """One's own listenings, newest first."""

    sessions: list[SessionItem]
    next_cursor: str | None


@routes.get("/api/presets", summary="What one press starts", auth=ANYONE, reply=PresetList)
async def list_presets(_: Call) -> PresetList:
    """The six presets, with their programs."""
    return PresetList(presets=[_preset(preset) for preset in PRESETS], effect_levels=dict(EFFECT_LEVELS))


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


def _preset(preset: Preset) -> PresetItem:
    layers = [
        LayerItem(id=one.id, label=one.label, icon=one.icon, address=f"{one.id}.level", level=one.level)
        for one in preset.layers
    ]
    evidence = EvidenceItem(
        supporting=_findings(preset.evidence.supporting),
        against=_findings(preset.evidence.opposing),
        note=NOTE,
    )
    return PresetItem(
        id=preset.id,
        mode=preset.mode,
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
        layers=layers,
        why=dict(preset.why),
        evidence=evidence,
        program=preset.program(),
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
    )


def _cursor(row: SessionRow) -> str:
    """Where the row stands in the order: its start, to the microsecond as in the database, and its id."""
    return f"{(row.started_at - EPOCH) // dt.timedelta(microseconds=1)}-{row.id.hex}"


def _read_cursor(cursor: str) -> tuple[dt.datetime, uuid.UUID]:
    microseconds, _, session = cursor.partition("-")
    return EPOCH + dt.timedelta(microseconds=int(microseconds)), uuid.UUID(hex=session)
