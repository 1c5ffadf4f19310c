"""`python -m tests.web.shoot_account [FOLDER]`: the way in and the account, from answers in memory."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.chromium import launched
from tests.serving import Serving
from tests.web.camera import THEMES, Camera
from tests.web.conftest import MOVING, Theatre
from tests.web.reception import EMAIL, PASSWORD, Reception, key, logs_in, subscription
from tests.web.screen import ROOT
from tests.web.test_library import Shelf

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PLAYED = {"position_s": 378, "remaining_s": 1122}
SECTIONS = ("profile", "plan", "sessions", "factor", "keys", "privacy")


def take_account_pictures(browser: Browser, address: str, folder: Path) -> None:
    """The dialog in its states, the links of mails, the menu, and every section."""
    theatre = Theatre(browser, address, is_posed=True)
    _shoot_dialog(theatre, folder)
    _shoot_links(theatre, folder)
    _shoot_page(theatre, folder)
    _shoot_offer(theatre, folder)


def _shoot_dialog(theatre: Theatre, folder: Path) -> None:
    with theatre.open(reduced_motion=MOVING) as screen:
        shelf = Shelf(screen)
        shelf.own = shelf.own[:1]
        reception = Reception(screen)
        camera, page = Camera(screen, folder, "account"), screen.page
        screen.begin()
        screen.pose(**PLAYED)
        page.click(".door button")
        page.fill("#auth-email", EMAIL)
        page.fill("#auth-password", PASSWORD)
        for theme in THEMES:
            for width in (1280, 320):
                camera.shoot("sign-up", width, theme)
        page.click("[data-tab=in]")
        for status, code, name in ((401, "wrong_credentials", "wrong"), (500, "internal", "our-error")):
            reception.refuse("POST auth/login", status, code)
            page.focus("#auth-password")
            page.keyboard.press("Enter")
            camera.shoot(name)
        reception.refuse("POST auth/login", 401, "second_factor_needed", field="code")
        page.keyboard.press("Enter")
        camera.shoot("code")
        reception.refuse("POST auth/login", 429, "rate_limited", retry_after_s=40)
        page.fill("#auth-code", "123456")
        page.keyboard.press("Enter")
        camera.shoot("too-fast")
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog", state="detached")
        page.click(".door button")
        page.fill("#auth-email", EMAIL)
        page.fill("#auth-password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector(f"text=A mail is on its way to {EMAIL}.")
        camera.shoot("check-your-mail")
        page.keyboard.press("Escape")
        page.click(".initial")
        camera.shoot("menu")


def _shoot_links(theatre: Theatre, folder: Path) -> None:
    with theatre.open(reduced_motion=MOVING) as screen:
        reception = Reception(screen)
        camera, page = Camera(screen, folder, "account"), screen.page
        for name in ("forgot", "reset", "verify"):
            page.evaluate("(link) => { location.hash = link; }", f"{name}/token")
            page.wait_for_selector("dialog[open]")
            camera.shoot(name)
            page.keyboard.press("Escape")
        reception.refuse("POST auth/verify-email", 400, "bad_token", field="token")
        page.evaluate("location.hash = 'verify/old'")
        page.wait_for_selector("dialog .primary")
        camera.shoot("old-link")


def _shoot_page(theatre: Theatre, folder: Path) -> None:
    with theatre.open(reduced_motion=MOVING) as screen:
        reception = logs_in(screen)
        reception.me.update(name="Jo", artist_name="Jo Rain", website="https://jo.example", country="DE")
        reception.keys.append(key(1, {"name": "Lamp", "scopes": ["listen", "tokens"]}))
        reception.subscription = subscription("pro")
        camera, page = Camera(screen, folder, "account"), screen.page
        page.reload()
        page.wait_for_selector(".initial")
        screen.begin()
        screen.pose(**PLAYED)
        for section in SECTIONS:
            page.evaluate("(name) => { location.hash = `account/${name}`; }", section)
            for theme in THEMES:
                camera.shoot(section, 1280, theme)
            camera.shoot(section, 320)
        page.set_viewport_size({"width": 1280, "height": 800})
        page.evaluate("location.hash = 'account/plan'")
        camera.shoot_click("cancel", ".plan-card >> text=Cancel plan")
        camera.shoot_click("packs", "text=Get more")
        page.evaluate("location.hash = 'account/factor'")
        page.fill("#factor-password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("#factor-code")
        camera.shoot("factor-secret")
        page.fill("#factor-code", "123456")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Copy the codes")
        camera.shoot("factor-codes")
        reception.is_away = True
        page.evaluate("location.hash = 'account/sessions'")
        camera.shoot("away")


def _shoot_offer(theatre: Theatre, folder: Path) -> None:
    with theatre.open(reduced_motion=MOVING, timezone_id="UTC") as screen:
        Reception(screen)
        screen.begin()
        screen.pose(**PLAYED, limit={"left_s": 0, "resets_at": 1_794_700_800})
        screen.end("limit_reached")
        screen.page.click("text=What Pro changes")
        screen.page.wait_for_selector(".upgrade-amount")
        camera = Camera(screen, folder, "account")
        for theme in THEMES:
            camera.shoot("upgrade", 1280, theme)
        camera.shoot("upgrade", 320)


def main() -> None:
    """Start a server for the page's files, take the pictures, leave nothing running."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/images"
    os.environ["FONTCONFIG_FILE"] = str(ROOT / "tests/web/fonts.conf")
    with tempfile.TemporaryDirectory(prefix="soundwell-pictures-", dir="/tmp") as data:
        Path(data).chmod(0o711)
        with Serving(Path(data) / "data") as serving, launched() as browser:
            take_account_pictures(browser, serving.address, folder)


if __name__ == "__main__":
    main()
