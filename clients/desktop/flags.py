"""The flags, in the groups in which verbs understand them, and how their values are read."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from clients.desktop.errors import Misuse
from clients.desktop.wish import Timer, read_intensity, read_method, read_textures, read_timer

METERS: Final = ("bar", "spectrum", "lufs", "none")
SETTINGS: Final = ("server", "device", "buffer-ms", "volume", "fade", "intensity", "method", "meter")
"""Flags that `soundwell config` keeps for the next time."""
Add = Callable[..., object]
"""`add_argument` of whatever takes the flags."""
_T = TypeVar("_T")


def server_flags(add: Add) -> None:
    """Which server, and who we are there."""
    add("--server", type=_server, metavar="URL", help="where; or SOUNDWELL_SERVER")
    add("-T", "--token", metavar="TOKEN", help="who; or SOUNDWELL_TOKEN, else a guest's is kept")


def sink_flags(add: Add) -> None:
    """Where the sound goes."""
    add("--device", metavar="N|NAME", help="sound card; see `soundwell devices`")
    add("--null", action="store_true", help="no sound card: count the frames")


def sound_flags(add: Add) -> None:
    """What is played, and how."""
    add("--timer", type=read(_timer), metavar="TIME", help="25m, 1.5h, 'until 18:30'")
    add("--fade", type=_fade, metavar="S", help="seconds of the last fade; 10")
    add("--volume", type=_whole(0, 100), metavar="0-100", help="per cent; as the last time, first 70")
    add("--intensity", type=read(read_intensity), metavar="LEVEL", help="low, mid, high or 0 to 100")
    add("--method", type=read(read_method), metavar="METHOD", help="am, iso or binaural (headphones)")
    add("--texture", type=read(read_textures), metavar="LAYERS", help="levels in per cent: pads,rain=20")
    add("--buffer-ms", type=_whole(200, 20_000), metavar="MS", help="how far ahead; 10000")
    add(
        "--record", type=Path, metavar="FILE.wav", help="keep the samples; FILE.json is what makes them again"
    )
    add("--take-over", action="store_true", help="end what plays on another device of yours")
    add("--detach", action="store_true", help="play on when the terminal is closed")


def look_flags(add: Add) -> None:
    """How a player is shown."""
    add("--meter", choices=METERS, metavar="KIND", help="bar, spectrum, lufs or none; lufs")
    add("--plain", action="store_true", help="one line per change, as without a terminal")
    add("--no-color", action="store_true", help="no colours; or NO_COLOR")


def text_flags(add: Add) -> None:
    """How anything is told."""
    add("--json", action="store_true", help="one JSON object per line")
    add("--quiet", action="store_true", help="nothing but errors")
    add("--ascii", action="store_true", help="no other signs")


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
