from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import termios
from typing import TYPE_CHECKING, TextIO

import pytest

from clients.desktop.screen.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def ends() -> Iterator[tuple[int, TextIO, TextIO]]:
    """A pseudo-terminal: the person's end, and what a program reads and writes."""
    far, near = pty.openpty()
    with os.fdopen(near) as source, os.fdopen(os.dup(near), "w") as out:
        yield far, source, out
    os.close(far)


def draws(far: int, wanted: str) -> bool:
    """Whether that is what comes next; a pseudo-terminal hands it over in pieces."""
    drawn = ""
    while len(drawn) < len(wanted):
        drawn += os.read(far, 65_536).decode()
    return drawn == wanted


async def test_keys_come_one_by_one_and_the_terminal_is_given_back(
    ends: tuple[int, TextIO, TextIO],
) -> None:
    terminal_fd, source, out = ends
    pressed: list[str] = []
    before = termios.tcgetattr(terminal_fd)
    with Terminal(source, out, pressed.append) as terminal:
        assert terminal.width == 80
        assert not termios.tcgetattr(terminal_fd)[3] & (termios.ICANON | termios.ECHO)
        assert termios.tcgetattr(terminal_fd)[3] & termios.ISIG
        os.write(terminal_fd, b"m\x1b[A ")
        async with asyncio.timeout(10):
            while len(pressed) < 3:  # noqa: ASYNC110 - the terminal has no event
                await asyncio.sleep(0.01)
    assert pressed == ["m", "up", "space"]
    assert termios.tcgetattr(terminal_fd) == before
    assert draws(terminal_fd, "\x1b[?25l\x1b[?25h")


async def test_a_picture_is_drawn_over_the_last_one_and_only_if_it_changed(
    ends: tuple[int, TextIO, TextIO],
) -> None:
    terminal_fd, source, out = ends
    with Terminal(source, out, lambda _: None) as terminal:
        assert draws(terminal_fd, "\x1b[?25l")
        terminal.draw(["one", "two"])
        assert draws(terminal_fd, "\x1b[Kone\r\n\x1b[Ktwo\r\n")
        terminal.draw(["one", "two"])
        terminal.draw(["one", "three"])
        assert draws(terminal_fd, "\r\x1b[2A\x1b[Kone\r\n\x1b[Kthree\r\n")
        terminal.draw(["four"])
        assert draws(terminal_fd, "\r\x1b[2A\x1b[Kfour\r\n\x1b[J")


async def test_lines_that_a_narrower_terminal_has_broken_are_drawn_over_too(
    ends: tuple[int, TextIO, TextIO],
) -> None:
    terminal_fd, source, out = ends
    with Terminal(source, out, lambda _: None) as terminal:
        terminal.draw(["\x1b[33m" + "x" * 80 + "\x1b[0m", "", "y" * 30])
        drawn = "\x1b[?25l\x1b[K\x1b[33m" + "x" * 80 + "\x1b[0m\r\n\x1b[K\r\n\x1b[K" + "y" * 30 + "\r\n"
        assert draws(terminal_fd, drawn)
        termios.tcsetwinsize(source.fileno(), (24, 40))
        terminal.draw(["z"])
        assert draws(terminal_fd, "\r\x1b[4A\x1b[Kz\r\n\x1b[J")


async def test_a_terminal_that_stands_still_holds_nobody_up(ends: tuple[int, TextIO, TextIO]) -> None:
    terminal_fd, source, out = ends
    with Terminal(source, out, lambda _: None) as terminal:
        assert draws(terminal_fd, "\x1b[?25l")
        termios.tcflow(out.fileno(), termios.TCOOFF)  # as Ctrl-S does
        for number in range(1000):
            terminal.draw([f"{number}" * 20])
        termios.tcflow(out.fileno(), termios.TCOON)
        terminal.draw(["one"])
        assert draws(terminal_fd, "\x1b[Kone\r\n")


async def test_a_terminal_that_was_closed_is_let_go_without_a_word() -> None:
    far, near = pty.openpty()
    source, out = os.fdopen(near), os.fdopen(os.dup(near), "w")
    with Terminal(source, out, lambda _: None) as terminal:
        os.close(far)
        await asyncio.sleep(0.05)  # the end of what can be read is noticed
        terminal.draw(["one"])
        assert terminal.width == 80
        assert not asyncio.get_running_loop().remove_reader(source.fileno())
    for end in (source, out):
        with contextlib.suppress(OSError):
            end.close()
