"""A terminal: lines that are drawn over themselves, and keys. No alternate screen, so history stays."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import re
import select
import termios
import tty
from typing import TYPE_CHECKING, Any, Self, TextIO

from clients.desktop.screen.keys import read_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_HIDE_CURSOR, _SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
_CLEAR_LINE, _CLEAR_BELOW, _UP = "\x1b[K", "\x1b[J", "\x1b[{}A"
_COLOUR = re.compile(r"\x1b\[\d*m")
_MOST_BYTES = 64
_USUAL_WIDTH = 80


class Terminal:
    """Takes the terminal while the block lasts, and gives it back as it was."""

    def __init__(self, source: TextIO, out: TextIO, pressed: Callable[[str], None]) -> None:
        self._fd = source.fileno()
        self._out = out
        self._pressed = pressed
        self._saved: list[Any] = []
        self._drawn: list[str] = []
        self._is_lost = False

    def __enter__(self) -> Self:
        self.take()
        asyncio.get_running_loop().add_reader(self._fd, self._read)
        return self

    def __exit__(self, *_: object) -> None:
        if not self._is_lost:
            asyncio.get_running_loop().remove_reader(self._fd)
            self.give_back()

    @property
    def width(self) -> int:
        """Columns, as they are now, whatever COLUMNS was when it began."""
        try:
            return os.get_terminal_size(self._out.fileno()).columns or _USUAL_WIDTH
        except OSError:
            return _USUAL_WIDTH

    def take(self) -> None:
        """Keys come one by one, unechoed; Ctrl-C and Ctrl-Z are signals still."""
        self._saved = termios.tcgetattr(self._fd)
        tty.setcbreak(self._fd)
        self._write(_HIDE_CURSOR)

    def give_back(self) -> None:
        """As it was; what was drawn stays."""
        with contextlib.suppress(termios.error):
            termios.tcsetattr(self._fd, termios.TCSANOW, self._saved)
        self._write(_SHOW_CURSOR)
        self._drawn = []

    def lose(self) -> None:
        """It was closed from the other side: there is nothing to give back, and no key to come."""
        self._is_lost = True
        asyncio.get_running_loop().remove_reader(self._fd)

    def draw(self, picture: Sequence[str]) -> None:
        """Draw over the last picture, if it is another; one that takes nothing now (Ctrl-S) misses it."""
        if list(picture) == self._drawn or not select.select([], [self._out], [], 0)[1]:
            return
        rows = self._rows()
        up = f"\r{_UP.format(rows)}" if rows else ""
        self._drawn = list(picture)
        # erased line by line: what is cleared from the first cell on is kept as history by terminals
        below = _CLEAR_BELOW if rows > len(picture) else ""
        self._write(up + "".join(f"{_CLEAR_LINE}{line}\n" for line in picture) + below)

    def _rows(self) -> int:
        """Of the last picture; a terminal that became narrower has broken its lines."""
        return sum(max(1, math.ceil(len(_COLOUR.sub("", line)) / self.width)) for line in self._drawn)

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):  # it may be closed any moment, before the signal that says so
            self._out.write(text)
            self._out.flush()

    def _read(self) -> None:
        try:
            data = os.read(self._fd, _MOST_BYTES)
        except OSError:
            data = b""
        if not data:
            self.lose()
        for key in read_keys(data):
            self._pressed(key)
