"""The flags, in the groups in which verbs understand them, and how their values are read."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentTypeError
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from clients.desktop.errors import Misuse
from clients.desktop.wish import Timer, read_intensity, read_method, read_textures, read_timer

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable

METERS: Final = ("bar", "spectrum", "lufs", "none")
SETTINGS: Final = ("server", "device", "buffer-ms", "volume", "fade", "intensity", "method", "meter")
"""Flags that `soundwell config` keeps for the next time."""
_T = TypeVar("_T")


def add_server_flags(parser: ArgumentParser) -> None:
    """Which server, and who we are there."""
    group = parser.add_argument_group("server")
    group.add_argument("--server", type=_server, metavar="URL", help="where; or SOUNDWELL_SERVER")
    group.add_argument(
        "-T", "--token", metavar="TOKEN", help="who; or SOUNDWELL_TOKEN, else a guest's is kept"
    )


def add_sink_flags(parser: ArgumentParser) -> None:
    """Where the sound goes."""
    group = parser.add_argument_group("output")
    group.add_argument("--device", metavar="N|NAME", help="sound card; see `soundwell devices`")
    group.add_argument("--null", action="store_true", help="no sound card: count the frames")


def add_sound_flags(parser: ArgumentParser) -> None:
    """What is played, and how."""
    group = parser.add_argument_group("sound")
    group.add_argument("--timer", type=read(_timer), metavar="TIME", help="25m, 1.5h, 'until 18:30'")
    group.add_argument("--fade", type=_fade, metavar="S", help="seconds of the last fade; 10")
    group.add_argument(
        "--volume", type=_whole(0, 100), metavar="0-100", help="per cent; as the last time, first 70"
    )
    group.add_argument(
        "--intensity", type=read(read_intensity), metavar="LEVEL", help="low, mid, high or 0 to 100"
    )
    group.add_argument(
        "--method", type=read(read_method), metavar="METHOD", help="am, iso or binaural (headphones)"
    )
    group.add_argument(
        "--texture", type=read(read_textures), metavar="LAYERS", help="levels in per cent: pads,rain=20"
    )
    group.add_argument("--buffer-ms", type=_whole(200, 20_000), metavar="MS", help="how far ahead; 10000")
    group.add_argument(
        "--record", type=Path, metavar="FILE.wav", help="keep the samples; FILE.json is what makes them again"
    )
    group.add_argument("--take-over", action="store_true", help="end what plays on another device of yours")
    group.add_argument("--detach", action="store_true", help="play on when the terminal is closed")


def add_look_flags(parser: ArgumentParser) -> None:
    """How a player is shown."""
    group = parser.add_argument_group("screen")
    group.add_argument("--meter", choices=METERS, metavar="KIND", help="bar, spectrum, lufs or none; lufs")
    group.add_argument("--plain", action="store_true", help="one line per change, as without a terminal")
    group.add_argument("--no-color", action="store_true", help="no colours; or NO_COLOR")


def add_text_flags(parser: ArgumentParser) -> None:
    """How anything is told."""
    group = parser.add_argument_group("text")
    group.add_argument("--json", action="store_true", help="one JSON object per line")
    group.add_argument("--quiet", action="store_true", help="nothing but errors")
    group.add_argument("--ascii", action="store_true", help="no other signs")


def read(reader: Callable[[str], _T]) -> Callable[[str], _T]:
    """A reader of ours as argparse wants it."""

    def reads(text: str) -> _T:
        try:
            return reader(text)
        except Misuse as error:
            raise ArgumentTypeError(str(error)) from error

    return reads


def read_server(text: str) -> str:
    """An address, with its scheme and without a slash at the end; raises Misuse."""
    url = text if "://" in text else f"http://{text}"
    if not url.startswith(("http://", "https://")) or len(url.split("://", 1)[1]) == 0:
        raise Misuse(f'"{text}" is no address of a server: say http://HOST:PORT.')
    return url.rstrip("/")


def read_length(text: str) -> Timer:
    """`25`, `1.5h`, `until 18:30`, as argparse wants it."""
    return read(_timer)(text)


def _timer(text: str) -> Timer:
    return read_timer(text, dt.datetime.now().astimezone())


def _server(text: str) -> str:
    return read(read_server)(text)


def _fade(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0.01 <= seconds <= 600:
        raise ArgumentTypeError("say seconds, 0.01 to 600")
    return seconds


def _whole(low: int, high: int) -> Callable[[str], int]:
    def reads(text: str) -> int:
        if not text.isdigit() or not low <= int(text) <= high:
            raise ArgumentTypeError(f"say a whole number from {low} to {high}")
        return int(text)

    return reads
