"""Takes pictures of a page."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.screen import Screen

SIZES: Final = {320: 800, 390: 844, 1280: 800, 2560: 1440}
THEMES: Final = ("dark", "light")
BREATH_MS: Final = 2500
"""Long enough for the shore to rise and for two seconds' facts to be told."""
QUALITY: Final = 80


class Camera:
    """Takes pictures of one page and names them."""

    def __init__(self, screen: Screen, folder: Path, room: str = "listen") -> None:
        self.screen = screen
        self.folder = folder
        self.room = room
        self._tool = screen.page.context.new_cdp_session(screen.page)

    def shoot(self, name: str, width: int = 1280, theme: str = "dark") -> None:
        """One picture in this width and theme, once everything stands."""
        page = self.screen.page
        page.set_viewport_size({"width": width, "height": SIZES[width]})
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        page.mouse.move(1, 400)
        page.wait_for_timeout(BREATH_MS)
        self.shoot_as_it_is(f"{name}-{theme}-{width}")

    def shoot_as_it_is(self, title: str) -> None:
        """One picture of what stands there now."""
        taken = self._tool.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
        (self.folder / f"{self.room}-{title}.webp").write_bytes(base64.b64decode(taken["data"]))

    def shoot_all(self, name: str) -> None:
        """Every width at night and at dusk."""
        for width in SIZES:
            for theme in THEMES:
                self.shoot(name, width, theme)

    def shoot_dialog(self, name: str, keys: str, *widths: int) -> None:
        """What these keys open; it is closed again."""
        for width in widths or (1280,):
            self.screen.page.set_viewport_size({"width": width, "height": SIZES[width]})
            self.screen.page.keyboard.press(keys)
            self.screen.page.wait_for_selector("dialog[open]")
            self.shoot(name, width)
            self._close()

    def shoot_click(self, name: str, selector: str, width: int = 1280) -> None:
        """What a click there opens; it is closed again."""
        self.screen.page.set_viewport_size({"width": width, "height": SIZES[width]})
        self.screen.page.click(selector)
        self.shoot(name, width)
        self._close()

    def _close(self) -> None:
        self.screen.page.keyboard.press("Escape")
        self.screen.page.wait_for_selector("dialog", state="detached")
