"""`python -m tests.web.shoot [FOLDER] [SECONDS]`: pictures of every screen and state.

They go to `docs/images`. What a healthy server shows is taken from a real session, which plays for some
minutes first so that the ring has something to show; the other states are posed.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.browser.chromium import launched
from tests.serving import Serving
from tests.web.camera import SIZES, THEMES, Camera
from tests.web.conftest import MOVING, Theatre
from tests.web.screen import ROOT
from tests.web.shoot_account import take_account_pictures

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.web.screen import Screen

PLAYED_S: Final = 378
SLEEPS_MS: Final = 62_000
STATES: Final[dict[str, dict[str, Any]]] = {
    "buffering": {"connection": "buffering", "buffered_s": 0.4},
    "reconnecting": {"connection": "reconnecting", "attempt": 3, "buffered_s": 2.4},
    "offline": {"connection": "offline"},
    "blocked": {"connection": "blocked"},
}
IDLE_STATES: Final[dict[str, dict[str, Any]]] = {
    "away": {"connection": "offline"},
    "insecure": {"connection": "unsupported"},
    "busy": {"error": {"code": "overloaded", "msg": ""}},
}
CALM: Final[dict[str, Any]] = {"connection": "connected", "error": None, "buffered_s": 10}
PLAYED: Final[dict[str, Any]] = {"position_s": 378, "remaining_s": 1122}


def take_live_pictures(browser: Browser, address: str, folder: Path, played_s: float) -> None:
    """Idle, a session with all that can be opened from it, and its end."""
    theatre = Theatre(browser, address, is_posed=False)
    granted = ["clipboard-read", "clipboard-write"]
    with theatre.open(timezone_id=_afternoon(), reduced_motion=MOVING, permissions=granted) as screen:
        camera = Camera(screen, folder)
        camera.shoot_all("idle")
        screen.begin()
        page = screen.page
        page.evaluate("document.activeElement.blur()")
        for key in ("ArrowRight", "ArrowRight", "f"):
            page.keyboard.press(key)
        link = _save_two(screen)
        page.set_default_timeout(played_s * 1000 + 60_000)
        screen.probe("played", played_s)
        camera.shoot_all("playing")
        _shoot_what_opens(camera)
        page.click(".well-disc")
        camera.shoot("paused")
        page.click(".well-disc")
        _shoot_end(camera)
        page.goto("about:blank")
        page.goto(link)
        page.wait_for_selector("dialog.shared[open]")
        camera.shoot("shared")


def _save_two(screen: Screen) -> str:
    """Two presets for the shelf, and the link to one of them."""
    page = screen.page
    for title in ("Rainy work", "Late reading"):
        page.keyboard.press("s")
        page.fill("#save-name", title)
        page.keyboard.press("Enter")
        page.wait_for_selector("dialog", state="detached")
    page.keyboard.press("l")
    page.click("[aria-label='Copy a link to Rainy work']")
    page.wait_for_selector("text=The link is copied.")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")
    link: str = page.evaluate("navigator.clipboard.readText()")
    return link


def _shoot_what_opens(camera: Camera) -> None:
    page = camera.screen.page
    camera.shoot_click("why", ".why-more")
    camera.shoot_click("sheet", ".short-row .chip >> nth=1", 390)
    camera.shoot_dialog("timer", "Shift+T", 1280, 390)
    camera.shoot_dialog("library", "l", 1280, 390)
    camera.shoot_dialog("save", "s")
    camera.shoot_dialog("pomodoro", "p", 1280, 390)
    camera.shoot_dialog("keys", "?")
    camera.shoot_dialog("commands", "Control+k")
    page.set_viewport_size({"width": 1280, "height": SIZES[1280]})
    page.click(".advanced-toggle")
    camera.shoot("advanced")
    page.click(".advanced-toggle")
    page.evaluate("document.documentElement.toggleAttribute('data-plain', true)")
    camera.shoot("plain")
    page.evaluate("document.documentElement.toggleAttribute('data-plain', false)")


def _shoot_end(camera: Camera) -> None:
    page = camera.screen.page
    page.keyboard.press("Shift+T")
    page.click("text=End now")
    page.wait_for_selector("sw-ending")
    page.click(".score >> nth=3")
    for theme in THEMES:
        camera.shoot("ended", 1280, theme)
    camera.shoot("ended", 390)
    for width in (1280, 390):
        camera.shoot_click("stats", "sw-ending >> text=Stats", width)
    page.click("sw-ending >> text=Skip")
    camera.shoot("continue")


def take_posed_pictures(browser: Browser, address: str, folder: Path) -> None:
    """What a healthy server does not show on demand."""
    theatre = Theatre(browser, address, is_posed=True)
    with theatre.open(timezone_id=_afternoon(), reduced_motion=MOVING) as screen:
        camera = Camera(screen, folder)
        for name, change in IDLE_STATES.items():
            screen.pose(**{**CALM, **change})
            camera.shoot(name)
        screen.pose(**CALM)
        screen.begin()
        for name, change in STATES.items():
            screen.pose(**{**CALM, **PLAYED, **change})
            camera.shoot(name)
        screen.pose(**CALM, limit={"left_s": 0, "resets_at": 1_794_700_800})
        screen.end("limit_reached")
        camera.shoot("limit")
    with theatre.open(reduced_motion=MOVING) as screen:
        screen.begin()
        screen.pose(**PLAYED)
        screen.end("taken")
        Camera(screen, folder).shoot("taken")
    with theatre.open(reduced_motion=MOVING) as screen:
        screen.page.clock.install()
        screen.begin("sleep")
        screen.page.clock.fast_forward(SLEEPS_MS)
        screen.settle()
        Camera(screen, folder).shoot_as_it_is("asleep-dark-1280")
    with theatre.open(reduced_motion=MOVING, forced_colors="active") as screen:
        screen.begin()
        screen.pose(**PLAYED)
        Camera(screen, folder).shoot("forced")


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
            take_posed_pictures(browser, serving.address, folder)
            take_account_pictures(browser, serving.address, folder)
            take_live_pictures(browser, serving.address, folder, played_s)


if __name__ == "__main__":
    main()
