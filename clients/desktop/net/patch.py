"""Parameters that wait to be sent: the newest value per address, at most fifty messages a second."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Values = dict[str, float | str]
_APART_S: Final = 0.02


class Patch:
    """Holds values until there is somebody to send them to."""

    def __init__(self, send: Callable[[Values], None]) -> None:
        self._send = send
        self._waiting: Values = {}
        self._sent_at = -_APART_S
        self._timer: asyncio.TimerHandle | None = None
        self._is_open = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._waiting

    def set(self, values: Mapping[str, float | str]) -> None:
        """New values, over those that wait."""
        self._waiting.update(values)
        self._plan()

    def put_back(self, values: Mapping[str, float | str], after_s: float = 0.0) -> None:
        """Values of a lost request: they are sent again, unless there are newer ones."""
        self._waiting = {**values, **self._waiting}
        self._plan(after_s)

    def open(self) -> None:
        """The line stands."""
        self._is_open = True
        self._plan()

    def close(self) -> None:
        """The line is gone; what waits stays."""
        self._is_open = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _plan(self, after_s: float = 0.0) -> None:
        if not self._is_open or self._timer is not None or not self._waiting:
            return
        loop = asyncio.get_running_loop()
        wait_s = max(after_s, self._sent_at + _APART_S - loop.time())
        self._timer = loop.call_later(max(0.0, wait_s), self._flush)

    def _flush(self) -> None:
        self._timer = None
        values, self._waiting = self._waiting, {}
        self._sent_at = asyncio.get_running_loop().time()
        self._send(values)
