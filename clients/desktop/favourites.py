"""Which presets the person loves, as the server keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clients.desktop.errors import ListenerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from clients.desktop.api import Api


class Favourites:
    """Shown at once; taken back where the server refuses. Sound never waits for it."""

    def __init__(self, api: Api, tell: Callable[..., None]) -> None:
        self._api = api
        self._tell = tell
        self._ids: set[str] = set()

    def has(self, preset: str) -> bool:
        """Whether it is one."""
        return preset in self._ids

    async def fetch(self) -> None:
        """Learn them; without an answer, and for who was never here, there are none."""
        if not self._api.is_known:
            return
        try:
            library = await self._api.get_own("/api/library")
        except ListenerError:
            return
        self._ids = set(library["favourites"])

    async def toggle(self, preset: str, title: str) -> None:
        """Make it one, or no longer."""
        self._ids ^= {preset}
        try:
            await self._api.change_own("PUT" if self.has(preset) else "DELETE", f"/api/favourites/{preset}")
        except ListenerError as error:
            self._ids ^= {preset}
            self._tell("refused", code="favourite", sentence=str(error))
        else:
            self._tell("favourite", preset=preset, title=title, favourite=self.has(preset))
