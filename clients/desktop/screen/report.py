"""Where news goes when there is no screen: a line of text, a line of JSON, or nowhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol, TextIO

from clients.desktop.screen.words import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping


class Report(Protocol):
    """Tells what goes on."""

    def news(self, what: str, facts: Mapping[str, object]) -> None:
        """Something happened."""
        ...

    def summary(self, text: str, facts: Mapping[str, object]) -> None:
        """The last line."""
        ...


class PlainReport:
    """One short line per change."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def news(self, what: str, facts: Mapping[str, object]) -> None:
        """A sentence, where there is one."""
        if text := sentence(what, facts):
            self._line(text)

    def summary(self, text: str, facts: Mapping[str, object]) -> None:
        """The sentence."""
        del facts
        self._line(text)

    def _line(self, text: str) -> None:
        self._out.write(f"{text}\n")
        self._out.flush()


class JsonReport:
    """One object per line, everything that is known."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def news(self, what: str, facts: Mapping[str, object]) -> None:
        """The facts as they are."""
        self._out.write(json.dumps({"event": what, **facts}) + "\n")
        self._out.flush()

    def summary(self, text: str, facts: Mapping[str, object]) -> None:
        """The facts of the sentence."""
        del text
        self.news("summary", facts)


class QuietReport:
    """Says nothing; errors come by exit status, and on stderr."""

    def news(self, what: str, facts: Mapping[str, object]) -> None:
        """Nothing."""

    def summary(self, text: str, facts: Mapping[str, object]) -> None:
        """Nothing."""
