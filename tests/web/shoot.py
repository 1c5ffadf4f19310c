"""`python -m tests.web.shoot [FOLDER] [SECONDS]`: pictures of the Listen screen, taken from a real session.

They go to `docs/images`. The session plays for some minutes first, so that the ring has something to show.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.browser.chromium import launched
from tests.serving import Serving
from tests.web.conftest import Theatre
from tests.web.screen import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.web.screen import Screen

SIZES: Final = {320: 800, 390: 844, 1280: 800, 2560: 1440}
THEMES: Final = ("dark", "light")
PLAYED_S: Final = 378
BREATH_MS: Final = 2500
"""Long enough for the shore to rise and for two seconds' facts to be told."""
EXACT: Final = {"listen-idle-dark-1280", "listen-playing-dark-1280"}
"""Pictures without loss; the others are JPEGs, for the grain of the ground hardly compresses."""


class Camera:
    """Takes pictures of one page and names them."""

    def __init__(self, screen: Screen, folder: Path) -> None:
        self.screen = screen
        self.folder = folder

    def shoot(self, name: str, width: int = 1280, theme: str = "dark") -> None:
        """One picture in this width and theme, once everything stands."""
        page = self.screen.page
        page.set_viewport_size({"width": width, "height": SIZES[width]})
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        page.mouse.move(1, 400)
        page.wait_for_timeout(BREATH_MS)
        title = f"listen-{name}-{theme}-{width}"
        if title in EXACT:
            page.screenshot(path=self.folder / f"{title}.png")
        else:
            page.screenshot(path=self.folder / f"{title}.jpg", type="jpeg", quality=92)

    def shoot_all(self, name: str) -> None:
        """Every width at night and at dusk."""
        for width in SIZES:
            for theme in THEMES:
                self.shoot(name, width, theme)


def take_pictures(browser: Browser, address: str, folder: Path, played_s: float) -> None:
    """Idle, a session in all its states, and its end."""
    theatre = Theatre(browser, address, is_posed=False)
    with theatre.open(timezone_id=_afternoon()) as screen:
        camera = Camera(screen, folder)
        camera.shoot_all("idle")
        screen.begin()
        page = screen.page
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        page.set_default_timeout(played_s * 1000 + 60_000)
        screen.probe("played", played_s)
        camera.shoot_all("playing")
        _shoot_dialogs(camera)
        page.click(".well-disc")
        camera.shoot("paused")
        page.click(".well-disc")
        page.keyboard.press("Shift+T")
        page.click("text=End now")
        page.wait_for_selector("sw-ending")
        for theme in THEMES:
            camera.shoot("ended", 1280, theme)
        camera.shoot("ended", 390)


def _shoot_dialogs(camera: Camera) -> None:
    page = camera.screen.page
    camera.shoot("playing")
    for name, button in (("why", ".why-more"), ("timer", ".transport-end > .icon-button >> nth=1")):
        page.click(button)
        camera.shoot(name)
        page.keyboard.press("Escape")
    page.set_viewport_size({"width": 390, "height": SIZES[390]})
    page.click(".short-row .chip >> nth=1")
    camera.shoot("sheet", 390)
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1280, "height": SIZES[1280]})
    page.click(".advanced-toggle")
    camera.shoot("advanced")
    page.click(".advanced-toggle")


def _afternoon() -> str:
    """A time zone where it is two o'clock, so that the suggested well is Focus."""
    west = (dt.datetime.now(dt.UTC).hour - 14) % 24
    return f"Etc/GMT+{west}" if west <= 12 else f"Etc/GMT-{24 - west}"


def main() -> None:
    """Start a server, take the pictures, leave nothing running."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/images"
    played_s = float(sys.argv[2]) if len(sys.argv) > 2 else PLAYED_S
    os.environ["FONTCONFIG_FILE"] = str(ROOT / "tests/web/fonts.conf")
    with tempfile.TemporaryDirectory(prefix="soundwell-pictures-", dir="/tmp") as data:
        Path(data).chmod(0o711)
        with Serving(Path(data) / "data") as serving, launched() as browser:
            take_pictures(browser, serving.address, folder, played_s)


if __name__ == "__main__":
    main()
