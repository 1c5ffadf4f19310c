"""The command line: verbs and what they take, as values. A mistake ends the program with status 2."""

from __future__ import annotations

import os
from argparse import SUPPRESS, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from clients.desktop.flags import (
    SETTINGS,
    look_flags,
    read,
    read_length,
    read_server,
    server_flags,
    sink_flags,
    sound_flags,
    text_flags,
)
from clients.desktop.wish import read_pomodoro

if TYPE_CHECKING:
    from argparse import _SubParsersAction
    from collections.abc import Mapping, Sequence

MODES: Final = ("focus", "relax", "meditate", "sleep", "energize")
CTL: Final = ("pause", "resume", "toggle", "vol", "stop", "status")
SHELLS: Final = ("bash", "zsh", "fish")
_GROUPS: Final = {
    "server": server_flags,
    "output": sink_flags,
    "sound": sound_flags,
    "screen": look_flags,
    "text": text_flags,
}
_ALL: Final = tuple(_GROUPS)
_DESCRIPTION: Final = """\
Sound that is rendered for you while you listen, in a terminal.

Without a verb: what was played last, else focus. Starts a server of its own
where none answers. Each verb has a --help."""
_EPILOG: Final = """\
examples:
  soundwell focus 25                      a session of 25 minutes
  soundwell sleep "until 23:30" --fade 60
  soundwell pomodoro 25/5x4 --break rain
  soundwell ctl vol -10                   from another terminal

status: 0 done, 1 something else, 2 usage, 3 the token is not valid, 4 the free
minutes are used, 5 no server or no player answers, 6 no sound card, 7 the
server speaks another version, 130 Ctrl-C"""
_KEYS: Final = """\
keys: space pause, up and down volume, left and right intensity, n next preset,
f favourite, m mute, t five minutes more, ? all keys, q fade and end"""
_LENGTH: Final = "minutes, or 90s, 1.5h, 'until 18:30'; the preset's own if left out"


def parse(arguments: Sequence[str] | None = None, settings: Mapping[str, str] | None = None) -> Namespace:
    """The verb and its options, over what `soundwell config` keeps; `verb` is None where none was named."""
    kept = [f"--{name}={value}" for name, value in (settings or {}).items() if not _is_overruled(name)]
    return make_parser().parse_args([*kept, *(arguments or ())])


def parse_serve(arguments: Sequence[str]) -> list[str] | None:
    """What follows `serve`, which the server reads itself; None for other verbs."""
    return list(arguments[1:]) if arguments[:1] == ["serve"] else None


def option(options: Namespace, name: str, default: Any = None) -> Any:
    """A flag, wherever it stood; the default where it was not given."""
    return getattr(options, name, default)


def server_of(options: Namespace) -> str | None:
    """The server that was named, by flag or environment; raises Misuse."""
    named = option(options, "server") or os.environ.get("SOUNDWELL_SERVER")
    return None if named is None else read_server(named)


def _is_overruled(name: str) -> bool:
    """The environment wins over what is kept, a flag over both."""
    return name == "server" and "SOUNDWELL_SERVER" in os.environ


def make_parser() -> ArgumentParser:
    """All verbs; a flag that was not given is not set, so that it may stand before the verb too."""
    parser = ArgumentParser(
        prog="soundwell",
        usage="soundwell [VERB] [flags]",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
        argument_default=SUPPRESS,
    )
    parser.set_defaults(verb=None, timer_arg=None)
    verbs = Verbs(parser.add_subparsers(title="verbs", metavar="VERB", prog="soundwell"))
    _add_listening(verbs)
    _add_looking(verbs)
    _add_keeping(verbs)
    _add_groups(parser, _ALL)
    return parser


def _add_groups(parser: ArgumentParser, shown: Sequence[str]) -> None:
    """Every verb takes every flag, for scripts; its help shows those that it can use."""
    for title, flags in _GROUPS.items():
        if title in shown:
            flags(parser.add_argument_group(title).add_argument)
        else:
            flags(partial(_add_hidden, parser))


def _add_hidden(parser: ArgumentParser, *names: str, **how: Any) -> None:
    parser.add_argument(*names, **{**how, "help": SUPPRESS})


@dataclass(frozen=True, slots=True)
class Verbs:
    """Where verbs are added."""

    _action: _SubParsersAction[ArgumentParser]

    def add(self, words: str, help_: str, shown: Sequence[str], epilog: str | None = None) -> ArgumentParser:
        """A verb and what follows it, as the usage shows it."""
        verb = words.split(maxsplit=1)[0]
        sub = self._action.add_parser(
            verb,
            help=help_,
            description=help_,
            usage=f"soundwell {words} [flags]",
            epilog=epilog,
            formatter_class=RawDescriptionHelpFormatter,
            argument_default=SUPPRESS,
        )
        sub.set_defaults(verb=verb)
        _add_groups(sub, shown)
        return sub


def _add_listening(verbs: Verbs) -> None:
    for mode in MODES:
        one = verbs.add(f"{mode} [MIN]", f"Listen to {mode}.", _ALL, _KEYS)
        one.add_argument("timer_arg", nargs="?", default=None, metavar="MIN", type=read_length, help=_LENGTH)
    playing = verbs.add("play PRESET [MIN]", "Listen to a preset.", _ALL, _KEYS)
    playing.add_argument("preset", metavar="PRESET", help="name, own title, or a shared link in quotes")
    playing.add_argument("timer_arg", nargs="?", default=None, metavar="MIN", type=read_length, help=_LENGTH)
    rounds = verbs.add("pomodoro 25/5x4", "Work and rest by turns, in one session.", _ALL, _KEYS)
    rounds.add_argument(
        "rounds",
        type=read(read_pomodoro),
        metavar="25/5x4",
        help="minutes of work, of rest, and rounds of work",
    )
    rounds.add_argument(
        "--break",
        dest="rest_sound",
        default="rain",
        metavar="LAYER",
        help="what sounds in a rest, or silence; rain",
    )


def _add_looking(verbs: Verbs) -> None:
    asking = ("server", "text")
    presets = verbs.add("presets [save|rm NAME]", "What there is to play, and your own.", asking)
    presets.add_argument(
        "do",
        nargs="?",
        default=None,
        choices=("save", "rm"),
        metavar="save|rm",
        help="keep what was played last",
    )
    presets.add_argument("name", nargs="?", default=None, metavar="NAME", help="its title")
    verbs.add("stats", "What you have listened to this week.", asking)
    following = verbs.add("events", "What happens to your sessions, as it happens, until Ctrl-C.", asking)
    following.add_argument("--type", default="*", metavar="PATTERN", help="such as 'listen.*'; all")
    verbs.add("devices", "The sound cards of this machine.", ("text",))
    everything = ("server", "output", "text")
    verbs.add("doctor", "Look whether everything that listening needs is there.", everything)
    control = verbs.add("ctl COMMAND", "Tell a soundwell that plays on this machine.", ("text",))
    control.add_argument("do", choices=CTL, metavar="COMMAND", help=", ".join(CTL))
    control.add_argument("value", nargs="?", default="", metavar="VALUE", help="of vol: +5, -10 or 40")


def _add_keeping(verbs: Verbs) -> None:
    _add_export(verbs)
    settings = verbs.add("config [NAME=VALUE]", "Flags that are kept for every time.", ("text",))
    settings.add_argument(
        "setting",
        nargs="?",
        default=None,
        metavar="NAME=VALUE",
        help=f"NAME= forgets it; {', '.join(SETTINGS)}",
    )
    shells = verbs.add("completions SHELL", "What makes a shell complete verbs and flags.", ())
    shells.add_argument("shell", choices=SHELLS, help='such as: eval "$(soundwell completions bash)"')
    verbs.add("serve", "Serve until Ctrl-C, with flags of its own: `soundwell serve --help`.", ())


def _add_export(verbs: Verbs) -> None:
    parser = verbs.add("export PRESET -o FILE", "Render a preset, or a recorded session, into a file.", ())
    parser.add_argument(
        "preset", nargs="?", default=None, metavar="PRESET", help="not needed with --instance"
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="ends in .wav, .flac, .opus or .mp3"
    )
    parser.add_argument(
        "--minutes", type=float, default=None, metavar="N", help="length; the preset's own if left out"
    )
    parser.add_argument(
        "--seed", type=int, default=None, metavar="S", help="the same seed gives the same samples"
    )
    parser.add_argument(
        "--instance",
        type=Path,
        default=None,
        metavar="FILE.json",
        help="what --record wrote beside its recording",
    )
