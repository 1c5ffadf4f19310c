"""Requests and their answers. They keep their number across resumes, and the server answers each once."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, Any, cast

from server.realtime import wire

if TYPE_CHECKING:
    from collections.abc import Callable


class Refused(Exception):  # noqa: N818 - reads as what happened
    """The server answered with an error."""

    def __init__(self, error: wire.Error) -> None:
        super().__init__(error.msg)
        self.error = error


class Lost(Exception):  # noqa: N818 - reads as what happened
    """The connection began anew: what was under way is unanswered for ever."""


class Requests:
    """What waits for an answer."""

    def __init__(self) -> None:
        self._last = 0
        self._open: dict[int, tuple[wire.Request, asyncio.Future[wire.Message]]] = {}

    def next_id(self) -> int:
        """The next number; probes take theirs from the same row."""
        self._last += 1
        return self._last

    @property
    def last_answered(self) -> int:
        """Everything up to here was answered."""
        return min(self._open) - 1 if self._open else self._last

    def ask(
        self, request: wire.Request, send: Callable[[wire.Message], None]
    ) -> asyncio.Future[wire.Message]:
        """Send it with the next number, at once; the future may raise Refused or Lost."""
        numbered = cast("wire.Request", dataclasses.replace(cast("Any", request), id=self.next_id()))
        answer: asyncio.Future[wire.Message] = asyncio.get_running_loop().create_future()
        self._open[numbered.id] = numbered, answer
        send(numbered)
        return answer

    def answer(self, message: wire.Message) -> bool:
        """Whether the message was the answer to a request."""
        found = self._open.pop(getattr(message, "re", None) or 0, None)
        if found is None:
            return False
        waiting = found[1]
        if not waiting.done():
            if isinstance(message, wire.Error):
                waiting.set_exception(Refused(message))
            else:
                waiting.set_result(message)
        return True

    def repeat(self, send: Callable[[wire.Message], None]) -> None:
        """After a resume: ask again for what the line lost."""
        for request, _ in list(self._open.values()):
            send(request)

    def lose(self) -> None:
        """After a new beginning: the server knows none of them."""
        lost, self._open, self._last = self._open, {}, 0
        for _, waiting in lost.values():
            if not waiting.done():
                waiting.set_exception(Lost("The connection began anew."))
