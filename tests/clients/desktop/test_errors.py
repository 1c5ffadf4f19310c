from __future__ import annotations

from clients.desktop.errors import (
    INTERRUPTED,
    ListenerError,
    Misuse,
    NoSoundCard,
    NotAllowed,
    NothingLeft,
    OtherVersion,
    Unreachable,
)


def test_every_error_has_the_exit_status_that_is_promised() -> None:
    tree = (ListenerError, Misuse, NotAllowed, NothingLeft, Unreachable, NoSoundCard, OtherVersion)
    assert [error.status for error in tree] == [1, 2, 3, 4, 5, 6, 7]
    assert INTERRUPTED == 130
    assert all(issubclass(error, ListenerError) for error in tree)
