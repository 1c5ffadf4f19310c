"""The command line: verbs, flags, and what they mean, as values. A mistake ends the program with status 2."""

from __future__ import annotations

import datetime as dt
import os
from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from clients.desktop.errors import Misuse
from clients.desktop.wish import (
    Timer,
    read_intensity,
    read_method,
    read_pomodoro,
    read_textures,
    read_timer,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MODES: Final = ("focus", "relax", "meditate", "sleep", "energize")
METERS: Final = ("bar", "spectrum", "lufs", "none")
CTL: Final = ("pause", "resume", "toggle", "vol", "stop", "status")
_T = TypeVar("_T")
_DESCRIPTION: Final = """Sound that is rendered for you while you listen, in a terminal.
Without a verb: what was played last, else focus. Starts a server of its own where none answers."""


def parse(arguments: Sequence[str] | None = None) -> Namespace:
    """The verb and its options; `verb` is None where none was named."""
    return _parser().parse_args(arguments)


def _parser() -> ArgumentParser:
    flags = _flags()
    parser = ArgumentParser(prog="soundwell", description=_DESCRIPTION, parents=[flags])
    parser.set_defaults(verb=None, timer_arg=None, fade=10.0)
    verbs = parser.add_subparsers(metavar="VERB")

    def add(verb: str, help_: str) -> ArgumentParser:
        sub = verbs.add_parser(verb, help=help_, description=help_, parents=[flags])
        sub.set_defaults(verb=verb)
        return sub

    for mode in MODES:
        add(mode, f"Listen to {mode}.").add_argument("timer_arg", nargs="?", metavar="MIN", type=_timer)
    playing = add("play", "Listen to a preset.")
    playing.add_argument("preset")
    playing.add_argument("timer_arg", nargs="?", metavar="MIN", type=_timer)
    rounds = add("pomodoro", "Work and rest by turns.")
    rounds.add_argument("rounds", type=_read(read_pomodoro), metavar="25/5x4")
    rounds.add_argument("--break", dest="rest_sound", default="rain", metavar="LAYER", help="or silence")
    add("presets", "What there is to play.")
    _add_export(add("export", "Render a preset, or a recorded instance, into a file."))
    add("stats", "What you have listened to.")
    control = add("ctl", "Tell a soundwell that plays on this machine.")
    control.add_argument("do", choices=CTL)
    control.add_argument("value", nargs="?", default="", help="vol: +5, -10 or 40")
    add("devices", "The sound cards of this machine.")
    add("doctor", "Look whether everything that listening needs is there.")
    add("events", "What happens to your listenings, as it happens.").add_argument(
        "--type", default="*", metavar="PATTERN", help="such as 'listen.*'"
    )
    serving = verbs.add_parser("serve", help="Serve until Ctrl-C.", add_help=False)
    serving.set_defaults(verb="serve")
    return parser


def parse_serve(arguments: Sequence[str]) -> list[str] | None:
    """What follows `serve`, which the server reads itself; None for other verbs."""
    return list(arguments[1:]) if arguments[:1] == ["serve"] else None


def _add_export(parser: ArgumentParser) -> None:
    parser.add_argument("preset", nargs="?", help="which; not needed with --instance")
    parser.add_argument("-o", "--output", type=Path, required=True, help="FILE.wav, .flac, .opus or .mp3")
    parser.add_argument("--minutes", type=float, help="length; the preset's own if left out")
    parser.add_argument("--seed", type=int, help="the same seed gives the same samples")
    parser.add_argument("--instance", type=Path, help="what --record wrote beside its recording")


def _flags() -> ArgumentParser:
    """What every verb understands; what was not said is not set, so that it may stand before the verb too."""
    flags = ArgumentParser(add_help=False, argument_default=SUPPRESS)
    where = flags.add_argument_group("server")
    where.add_argument("--server", type=_server, metavar="URL", help="or SOUNDWELL_SERVER")
    where.add_argument("-T", "--token", help="or SOUNDWELL_TOKEN; else a guest's is kept")
    sound = flags.add_argument_group("sound")
    sound.add_argument("--device", metavar="N|NAME", help="see `soundwell devices`")
    sound.add_argument("--null", action="store_true", help="no sound card: count the frames")
    sound.add_argument("--record", type=Path, metavar="FILE.wav", help="keep the samples and the instance")
    sound.add_argument("--buffer-ms", type=_whole(200, 20_000), help="10000")
    sound.add_argument("--volume", type=_whole(0, 100), help="per cent")
    sound.add_argument("--fade", type=_fade, metavar="S", help="seconds of the last fade, 10")
    sound.add_argument("--timer", type=_timer, metavar="25m|'until 18:30'")
    sound.add_argument("--intensity", type=_read(read_intensity), metavar="low|mid|high|0-100")
    sound.add_argument("--texture", type=_read(read_textures), metavar="pads,rain=20")
    sound.add_argument("--method", type=_read(read_method), metavar="am|iso|binaural")
    shown = flags.add_argument_group("what is shown")
    shown.add_argument("--meter", choices=METERS, help="lufs")
    shown.add_argument("--plain", action="store_true", help="one line per change (without a terminal anyway)")
    shown.add_argument("--json", action="store_true", help="one JSON object per line")
    shown.add_argument("--quiet", action="store_true", help="nothing but errors")
    shown.add_argument("--no-color", action="store_true", help="or NO_COLOR")
    shown.add_argument("--ascii", action="store_true", help="no other signs")
    return flags


def option(options: Namespace, name: str, default: Any = None) -> Any:
    """A flag, wherever it stood; the default where it was not given."""
    return getattr(options, name, default)


def server_of(options: Namespace) -> str | None:
    """The server that was named, by flag or environment; raises Misuse."""
    named = option(options, "server") or os.environ.get("SOUNDWELL_SERVER")
    return None if named is None else read_server(named)


def read_server(text: str) -> str:
    """An address, with its scheme and without a slash at the end; raises Misuse."""
    url = text if "://" in text else f"http://{text}"
    if not url.startswith(("http://", "https://")) or len(url.split("://", 1)[1]) == 0:
        raise Misuse(f'"{text}" is no address of a server: say http://HOST:PORT.')
    return url.rstrip("/")


def _read(reader: Callable[[str], _T]) -> Callable[[str], _T]:
    """A reader of ours as argparse wants it."""

    def read(text: str) -> _T:
        try:
            return reader(text)
        except Misuse as error:
            raise ArgumentTypeError(str(error)) from error

    return read


def _timer(text: str) -> Timer:
    return _read(lambda said: read_timer(said, dt.datetime.now().astimezone()))(text)


def _server(text: str) -> str:
    return _read(read_server)(text)


def _fade(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0.01 <= seconds <= 600:
        raise ArgumentTypeError("say seconds, 0.01 to 600")
    return seconds


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdigit() or not low <= int(text) <= high:
            raise ArgumentTypeError(f"say a whole number from {low} to {high}")
        return int(text)

    return read
