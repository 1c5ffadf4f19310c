"""`soundwell completions`: what a shell needs to complete verbs and flags, from the parser itself."""

from __future__ import annotations

from argparse import SUPPRESS
from typing import TYPE_CHECKING, Final

from clients.desktop.arguments import make_parser

if TYPE_CHECKING:
    from argparse import Action, ArgumentParser
    from collections.abc import Iterator

_BASH: Final = """\
_soundwell() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} verb= one words
  for one in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case $one in {verbs}) verb=$one; break;; esac
  done
  case $before in
{values}
  esac
  case $verb in
{words}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o default -F _soundwell soundwell
"""
_ZSH: Final = "autoload -Uz bashcompinit && bashcompinit\n"


def completions(shell: str) -> str:
    """The script for `bash`, `zsh` or `fish`."""
    parser = make_parser()
    if shell == "fish":
        return "".join(f"{line}\n" for line in _fish(parser))
    return (_ZSH if shell == "zsh" else "") + _bash(parser)


def _bash(parser: ArgumentParser) -> str:
    verbs = _verbs(parser)
    taking = [action for one in (parser, *verbs.values()) for action in _flags(one) if action.nargs != 0]
    free = [name for action in taking if not action.choices for name in action.option_strings]
    values = {"|".join(dict.fromkeys(free)): ""}
    for action in taking:
        if action.choices:
            values["|".join(action.option_strings)] = " ".join(map(str, action.choices))
    lines = {"": " ".join([*verbs, *_names(parser)])}
    for verb, sub in verbs.items():
        lines[verb] = " ".join([*_choices(sub), *_names(sub)])
    return _BASH.format(
        verbs="|".join(verbs),
        values="\n".join(
            f'    {flags}) COMPREPLY=($(compgen -W "{words}" -- "$word")); return;;'
            for flags, words in values.items()
        ),
        words="\n".join(f'    "{verb}") words="{words}";;' for verb, words in lines.items()),
    )


def _fish(parser: ArgumentParser) -> Iterator[str]:
    verbs = _verbs(parser)
    for verb, sub in verbs.items():
        yield f"complete -c soundwell -f -n __fish_use_subcommand -a {verb} -d '{sub.description or verb}'"
    for verb, sub in verbs.items():
        seen = f"-n '__fish_seen_subcommand_from {verb}'"
        for word in _choices(sub):
            yield f"complete -c soundwell -f {seen} -a {word}"
        for action in _flags(sub):
            names = " ".join(_fish_name(name) for name in action.option_strings)
            value = "" if action.nargs == 0 else " -r"
            told = (action.help or "").replace("'", "")
            yield f"complete -c soundwell {seen} {names}{value} -d '{told}'"


def _fish_name(name: str) -> str:
    return f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"


def _verbs(parser: ArgumentParser) -> dict[str, ArgumentParser]:
    return next(dict(action.choices) for action in _actions(parser) if isinstance(action.choices, dict))


def _flags(parser: ArgumentParser) -> list[Action]:
    """Those that its help shows."""
    return [action for action in _actions(parser) if action.option_strings and action.help != SUPPRESS]


def _names(parser: ArgumentParser) -> list[str]:
    return [name for action in _flags(parser) for name in action.option_strings if name.startswith("--")]


def _choices(parser: ArgumentParser) -> list[str]:
    """Words that may follow a verb."""
    found = [action.choices for action in _actions(parser) if not action.option_strings and action.choices]
    return [str(word) for words in found for word in words]


def _actions(parser: ArgumentParser) -> list[Action]:
    return parser._actions  # noqa: SLF001 - argparse tells its actions in no other way
