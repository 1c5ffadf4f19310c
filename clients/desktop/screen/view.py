"""From a state to lines of text: pure, so that what a terminal shows can be tested without one."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import Final, Literal

from clients.desktop.audio.meter import SILENCE_DB, Reading

WIDEST: Final = 80
_METHODS: Final = {"am": "AM", "isochronic": "Isochronic", "binaural": "Binaural"}
_LEVELS: Final = " ▁▂▃▄▅▆▇█"
_ASCII_LEVELS: Final = " .:-=+*#@"
_SPECTRUM_DB: Final = (-80.0, -20.0)
_BAR_DB: Final = (-60.0, 0.0)
_LEAST_BAR: Final = 8
_GOLD, _SOFT, _PLAIN = "\x1b[33m", "\x1b[2m", "\x1b[0m"
_HINTS: Final = (
    (0, "space pause", "space pause"),
    (2, "↑↓ vol", "up/down vol"),
    (3, "←→ intensity", "left/right intensity"),
    (6, "n next", "n next"),
    (5, "f fav", "f fav"),
    (7, "m mute", "m mute"),
    (4, "t +5", "t +5"),
    (1, "? keys", "? keys"),
    (0, "q quit", "q quit"),
)
"""(the higher, the sooner left out, with signs, without)"""
_ALL_KEYS: Final = (
    " space        pause, or go on",
    " up, down     volume",
    " left, right  intensity",
    " n            next preset",
    " f            favourite, or no longer",
    " m            mute; the time goes on",
    " t            five minutes more",
    " ?            hide these keys",
    " q            fade and end (twice: now)",
)

_AWAY: Final = "The server is away; it is tried again."
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
    is_favourite: bool = False
    part: str = ""
    """Of a Pomodoro."""
    reading: Reading = field(default_factory=Reading)
    spectrum_db: tuple[float, ...] = ()
    message: str = ""
    """The newest piece of news."""
    question: str = ""
    """What the person is asked."""


@dataclass(frozen=True, slots=True)
class Style:
    """How it is drawn."""

    width: int = 80
    meter: MeterKind = "lufs"
    is_ascii: bool = False
    has_colour: bool = False
    shows_keys: bool = False


def lines(state: State, style: Style) -> list[str]:
    """The whole picture, each line no wider than the terminal."""
    width = min(style.width, WIDEST)
    picture = [_title_line(state, style, width), _progress_line(state, style, width)]
    if style.meter != "none":
        picture.append(_meter_line(state, style, width))
    picture.append(_fit(_bottom(state, style), width))
    if state.question:
        picture += [f" {line}" for line in textwrap.wrap(state.question, max(1, width - 1))]
    else:
        picture += [_fit(line, width) for line in _ALL_KEYS] if style.shows_keys else [_hints(style, width)]
    return [_coloured(line, number, style) for number, line in enumerate(picture)]


def clock(seconds: float) -> str:
    """15:18, or 1:02:03 from an hour on."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def connection(state: State) -> str:
    """How the line is, in words; nothing where all is well."""
    if state.line == "connected":
        return ""
    return f"[{state.line} {state.attempt}]" if state.attempt > 1 else f"[{state.line}]"


def decibel(value: float) -> str:
    """One decimal, or a dash for silence."""
    return "-" if value <= SILENCE_DB else f"{value:.1f}"


def _title_line(state: State, style: Style, width: int) -> str:
    rate = "" if state.rate_hz is None else f" {state.rate_hz:.1f} Hz"
    left = f" {state.title} {_dot(style)} {_METHODS[state.method]}{rate} {state.intensity} %"
    if state.part:
        left += f" {_dot(style)} {state.part}"
    line = connection(state)
    buffered = f"buf {state.buffered_s:.{0 if state.buffered_s >= 1 else 1}f} s"
    for facts in (f"{buffered}  drop {state.dropouts}", buffered, ""):
        right = "  ".join(filter(None, (line, facts)))
        if len(left) + 2 + len(right) <= width:
            break
    return _ends(left, right, width)


def _progress_line(state: State, style: Style, width: int) -> str:
    total = "" if state.total_s is None else f" / {clock(state.total_s)}"
    mark = {"paused": "paused ", "waiting": "waiting ", "ended": "ended "}.get(state.standing, "")
    if mark == "waiting " and not state.played_s:
        mark = "starting "
    right = f"{mark}{clock(state.played_s)}{total}"
    room = width - len(right) - 3
    if room < _LEAST_BAR:
        return _fit(f" {right}", width)
    share = 0.0 if not state.total_s else min(1.0, state.played_s / state.total_s)
    return f" {_bar(share, room, style)} {right}"


def _meter_line(state: State, style: Style, width: int) -> str:
    """Numbers always; a picture beside them where there is room."""
    reading, bands = state.reading, state.spectrum_db
    if state.standing != "moving":  # what was measured last is over
        reading = Reading(true_peak_dbtp=reading.true_peak_dbtp)
        bands = (SILENCE_DB,) * len(bands)
    numbers = (
        f"M {decibel(reading.momentary_lufs)} S {decibel(reading.short_term_lufs)} LUFS"
        f"  TP {decibel(reading.true_peak_dbtp)}"
    )
    room = width - len(numbers) - 3
    if style.meter == "lufs" or room < _LEAST_BAR:
        return _fit(f" {numbers}", width)
    if style.meter == "bar":
        return f" {_bar(_share(reading.momentary_lufs, _BAR_DB), room, style)} {numbers}"
    return f" {_spectrum(bands[:room], style)} {numbers}"


def _bottom(state: State, style: Style) -> str:
    volume = f"vol {'muted' if state.is_muted else state.volume}"
    heart = ("fav" if style.is_ascii else "♥") if state.is_favourite else ""
    message = state.message or (_AWAY if state.standing == "waiting" and state.line == "reconnecting" else "")
    return f" {'  '.join(filter(None, (volume, heart, message)))}"


def _hints(style: Style, width: int) -> str:
    """As many keys as there is room for, the most needed ones first."""
    hints = [(rank, ascii_hint if style.is_ascii else hint) for rank, hint, ascii_hint in _HINTS]
    for most in sorted({rank for rank, _ in hints}, reverse=True):
        line = " " + "  ".join(hint for rank, hint in hints if rank <= most)
        if len(line) <= width:
            return line
    return _fit(line, width)


def _spectrum(levels_db: tuple[float, ...], style: Style) -> str:
    signs = _ASCII_LEVELS if style.is_ascii else _LEVELS
    return "".join(signs[round(_share(level, _SPECTRUM_DB) * (len(signs) - 1))] for level in levels_db)


def _bar(share: float, room: int, style: Style) -> str:
    full = round(share * room)
    return ("#" * full + "." * (room - full)) if style.is_ascii else ("█" * full + "░" * (room - full))


def _share(level_db: float, range_db: tuple[float, float]) -> float:
    low, high = range_db
    return min(1.0, max(0.0, (level_db - low) / (high - low)))


def _dot(style: Style) -> str:
    return "-" if style.is_ascii else "·"


def _ends(left: str, right: str, width: int) -> str:
    """Both ends of a line; the left one gives way."""
    room = max(0, width - len(right))
    return f"{left[: room if not right else max(0, room - 1)]:<{room}}{right}"[:width].rstrip()


def _fit(line: str, width: int) -> str:
    return line[:width]


def _coloured(line: str, number: int, style: Style) -> str:
    """Colour after the widths are right; it never says what the text does not."""
    if not style.has_colour:
        return line
    return f"{_GOLD if number == 1 else _SOFT if number > 1 else ''}{line}{_PLAIN}"
