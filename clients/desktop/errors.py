"""What can stop the listener. Each error is a sentence for the person and an exit status for a script.

ListenerError            1
├── Misuse               2   the command cannot be understood
├── NotAllowed           3   the token is not valid
├── NothingLeft          4   the free minutes are used; says when they come again
├── Unreachable          5   no server, or no player, answers
├── NoSoundCard          6   nothing to play on
└── OtherVersion         7   server and listener do not speak the same protocol
"""

# ruff: noqa: N818 - the name says what is wrong, as it will be read at `raise`

from __future__ import annotations

from typing import ClassVar, Final

INTERRUPTED: Final = 130
"""Ctrl-C, as shells have it."""


class ListenerError(Exception):
    """Something that the person is told."""

    status: ClassVar = 1


class Misuse(ListenerError):
    """The command cannot be understood."""

    status: ClassVar = 2


class NotAllowed(ListenerError):
    """The token is not valid."""

    status: ClassVar = 3


class NothingLeft(ListenerError):
    """The free minutes are used."""

    status: ClassVar = 4


class Unreachable(ListenerError):
    """Nobody answers."""

    status: ClassVar = 5


class NoSoundCard(ListenerError):
    """There is nothing to play on."""

    status: ClassVar = 6


class OtherVersion(ListenerError):
    """The protocols differ."""

    status: ClassVar = 7
