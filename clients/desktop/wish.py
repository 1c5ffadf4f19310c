"""From what the person typed to what is asked of the server: lengths, levels, methods, rounds of work."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from clients.desktop.errors import Misuse
from clients.desktop.presets import METHODS, Method, Preset, Values

if TYPE_CHECKING:
    from collections.abc import Mapping

RATE_HZ: Final = 48_000
INTENSITIES: Final[Mapping[str, int]] = {"low": 20, "mid": 45, "medium": 45, "high": 75}
FADE_IN_MS: Final = 2_000
_POMODORO: Final = re.compile(r"(\d{1,3})/(\d{1,3})x(\d{1,2})")
_LENGTH: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h)?")
_CLOCK: Final = re.compile(r"(?:until\s+)?(\d{1,2}):(\d{2})")
_UNITS_S: Final[Mapping[str | None, int]] = {"s": 1, "m": 60, "min": 60, None: 60, "h": 3600}
_LONGEST_S: Final = 43_200
SILENT_BREAK: Final = "silence"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of work or of rest."""

    name: str
    start: int
    """Position of its first frame."""
    values: Values
    """What is turned there."""


@dataclass(frozen=True, slots=True)
class Timer:
    """How long: seconds of sound, and the time of day where one was named."""

    duration_s: float
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Tuning:
    """What the person would have otherwise than the preset has it; None leaves it."""

    intensity: int | None = None
    method: Method | None = None
    textures: Mapping[str, int] = field(default_factory=dict)
    """Level per layer, per cent."""


@dataclass(frozen=True, slots=True)
class Pomodoro:
    """Rounds of work with rests between them."""

    work_min: int
    rest_min: int
    rounds: int
    rest_sound: str = "rain"


@dataclass(frozen=True, slots=True)
class Wish:
    """One listening, as it is asked for."""

    preset: Preset
    timer: Timer
    fade_s: float
    method: Method
    intensity: int
    values: Values
    """What is turned as soon as it is open."""
    parts: tuple[Part, ...] = ()
    seed: int | None = None

    def args(self) -> dict[str, object]:
        """The fields of `stream.open`."""
        seed = {} if self.seed is None else {"seed": self.seed}
        sound = (
            {"preset": self.preset.id} if self.preset.program is None else {"program": self.preset.program}
        )
        return {
            **sound,
            "duration_s": float(self.timer.duration_s),
            "fade_in_ms": FADE_IN_MS,
            "fade_out_ms": max(10, round(self.fade_s * 1000)),
            "marks": [[part.start, part.name] for part in self.parts],
            **seed,
        }


def make_wish(preset: Preset, tuning: Tuning, timer: Timer | None, fade_s: float) -> Wish:
    """A listening to one preset; raises Misuse where it has no such layer."""
    method = tuning.method or preset.method
    intensity = preset.intensity if tuning.intensity is None else tuning.intensity
    values: Values = {}
    if tuning.method is not None or tuning.intensity is not None:
        values |= preset.values(method, intensity)
    for layer, level in tuning.textures.items():
        values[_address(preset, layer)] = float(level)
    return Wish(preset, timer or Timer(preset.minutes * 60.0), fade_s, method, intensity, values)


def with_rounds(wish: Wish, pomodoro: Pomodoro) -> Wish:
    """The same with work and rest by turns, in one listening: it goes on through a cut like any other."""
    work = {**wish.preset.values(wish.method, wish.intensity), **_levels(wish, None)}
    rest = {**wish.preset.values(wish.method, 0), **_levels(wish, pomodoro.rest_sound)}
    parts: list[Part] = []
    at_min = 0
    for number in range(1, pomodoro.rounds + 1):
        parts.append(Part(f"work {number} of {pomodoro.rounds}", at_min * 60 * RATE_HZ, work))
        at_min += pomodoro.work_min
        if number < pomodoro.rounds:
            parts.append(Part(f"break {number}", at_min * 60 * RATE_HZ, rest))
            at_min += pomodoro.rest_min
    length = read_timer(str(at_min), dt.datetime.now().astimezone())
    return replace(wish, timer=length, parts=tuple(parts))


_REST_LEVEL: Final = 60


def _levels(wish: Wish, rest_sound: str | None) -> Values:
    """Level of each layer at work, or in a rest with one sound alone."""
    preset = wish.preset
    if rest_sound is None:
        usual = {address: float(preset.levels[layer]) for layer, address in preset.layers.items()}
        return {address: wish.values.get(address, level) for address, level in usual.items()}
    silent: Values = dict.fromkeys(preset.layers.values(), 0.0)
    return (
        silent if rest_sound == SILENT_BREAK else {**silent, _address(preset, rest_sound): float(_REST_LEVEL)}
    )


def _address(preset: Preset, layer: str) -> str:
    if layer not in preset.layers:
        raise Misuse(f'{preset.title} has no "{layer}"; it has {", ".join(preset.layers)}.')
    return preset.layers[layer]


def read_intensity(text: str) -> int:
    """low, mid, high, or 0 to 100; raises Misuse."""
    if text in INTENSITIES:
        return INTENSITIES[text]
    if text.isdigit() and int(text) <= 100:
        return int(text)
    raise Misuse(f'"{text}" is no intensity: say low, mid, high or a number from 0 to 100.')


def read_method(text: str) -> Method:
    """am, iso or binaural; raises Misuse."""
    if text not in METHODS:
        raise Misuse(f'"{text}" is no method: say am, iso or binaural.')
    return METHODS[text]


def read_textures(text: str) -> dict[str, int]:
    """`pads,rain=20`: levels by layer, 60 where none is named; raises Misuse."""
    levels: dict[str, int] = {}
    for part in text.split(","):
        layer, _, level = part.strip().partition("=")
        if not layer or not (level or "60").isdigit() or int(level or 60) > 100:
            raise Misuse(f'"{part}" is no texture: say NAME or NAME=LEVEL, level 0 to 100.')
        levels[layer] = int(level or 60)
    return levels


def read_timer(text: str, now: dt.datetime) -> Timer:
    """`25`, `25m`, `90s`, `1.5h`, `until 18:30`; raises Misuse."""
    if clock := _CLOCK.fullmatch(text.strip()):
        hour, minute = int(clock[1]), int(clock[2])
        if hour < 24 and minute < 60:
            until = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
            until += dt.timedelta(days=until <= now)
            return _checked(Timer((until - now).total_seconds(), until), text)
    elif length := _LENGTH.fullmatch(text.strip()):
        return _checked(Timer(float(length[1]) * _UNITS_S[length[2]]), text)
    raise Misuse(f'"{text}" is no time: say 25, 90s, 1.5h or "until 18:30".')


def _checked(timer: Timer, text: str) -> Timer:
    if not 1 <= timer.duration_s <= _LONGEST_S:
        raise Misuse(f'"{text}" is too short or too long: a listening lasts a second to twelve hours.')
    return timer


def read_pomodoro(text: str) -> Pomodoro:
    """`25/5x4`: minutes of work, of rest, rounds; raises Misuse."""
    found = _POMODORO.fullmatch(text)
    if found is None or not (int(found[1]) and int(found[2]) and int(found[3])):
        raise Misuse(f'"{text}" is no Pomodoro: say 25/5x4, minutes of work, of rest, and rounds.')
    return Pomodoro(int(found[1]), int(found[2]), int(found[3]))
