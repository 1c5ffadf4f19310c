"""What there is to be seen, at one moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from clients.desktop.audio.meter import Reading

MeterKind = Literal["bar", "spectrum", "lufs", "none"]


@dataclass(frozen=True, slots=True)
class State:
    """A player, as a person sees it."""

    title: str
    method: str
    rate_hz: float | None
    intensity: int
    standing: str
    """moving, waiting, paused or ended."""
    line: str
    """connecting, connected, reconnecting, closed or superseded."""
    attempt: int
    played_s: float
    total_s: float | None
    buffered_s: float
    dropouts: int
    volume: int
    is_muted: bool
    part: str = ""
    """Of a Pomodoro."""
    reading: Reading = field(default_factory=Reading)
    spectrum_db: tuple[float, ...] = ()
    message: str = ""
    """The newest piece of news."""


@dataclass(frozen=True, slots=True)
class Style:
    """How it is drawn."""

    width: int = 80
    meter: MeterKind = "lufs"
    is_ascii: bool = False
    has_colour: bool = False
    shows_keys: bool = False
