"""One's own sounds, the figures and going on, on the real server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Theatre
    from tests.web.screen import Screen

pytestmark = pytest.mark.browser

FIRST = "document.querySelector('.shelf-name').innerText"
DEPTH = "document.querySelector('sw-shell').player.instance()?.program.modulation.depth"


def test_own_sounds_are_kept_renamed_ordered_deleted_and_shared(live: Theatre) -> None:
    with live.open(permissions=["clipboard-read", "clipboard-write"]) as screen:
        page = screen.page
        screen.begin()
        for key in ("ArrowRight", "ArrowRight"):
            page.keyboard.press(key)
        saves(screen, "Rainy work")
        saves(screen, "Second")
        opens_library(screen)
        page.click("[aria-label='Rename Rainy work']")
        page.fill(".rename", "Grey work")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Renamed.")
        page.click("[aria-label='Move Second up']")
        screen.until(f"{FIRST} === 'Second'")
        page.click("[aria-label='Delete Second']")
        page.wait_for_selector("text=Second is deleted.")
        page.click("[aria-label='Favourite: Grey work']")
        page.click("[aria-label='Copy a link to Grey work']")
        page.wait_for_selector("text=The link is copied.")
        link: str = page.evaluate("navigator.clipboard.readText()")
        page.evaluate("localStorage.removeItem('soundwell.library')")
        page.reload()
        page.wait_for_selector(".mode .disc")
        opens_library(screen)
        page.select_option("#library-mode", "♥")
        assert page.locator(".shelf-name").all_inner_texts() == ["Grey work"]
    with live.open() as screen:
        screen.page.goto("about:blank")
        screen.page.goto(link)
        screen.page.wait_for_selector("dialog.shared[open]")
        assert screen.text("dialog h2") == "Grey work"
        screen.page.click("text=Play Grey work")
        screen.until(f"{DEPTH} === 45")
        assert screen.text(".well-name") == "Grey work"


@pytest.mark.req("S0-34", "S0-35")
def test_a_session_stands_in_the_figures_and_goes_on_where_it_was(live: Theatre) -> None:
    with live.open() as screen:
        page = screen.page
        screen.begin("relax")
        screen.probe("played", 2)
        page.keyboard.press("Shift+T")
        page.click("text=End now")
        page.wait_for_selector("sw-ending")
        page.click(".score >> nth=3")
        page.wait_for_selector("text=Saved.")
        page.click("sw-ending >> text=Stats")
        page.wait_for_selector(".figures:visible")
        assert "Relax 1 0 min 4.0" in screen.text("dialog")
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog", state="detached")
        page.click("sw-ending >> text=Skip")
        page.click("sw-resume >> text=Continue Relax, today")
        page.wait_for_selector("sw-timer-ring")
        assert screen.text(".well-name") == "Relax"
        assert screen.text(".well-time").startswith("19:")


def saves(screen: Screen, title: str) -> None:
    """Keeps what plays under this name."""
    screen.page.keyboard.press("s")
    screen.page.fill("#save-name", title)
    screen.page.keyboard.press("Enter")
    screen.page.wait_for_selector("dialog", state="detached")


def opens_library(screen: Screen) -> None:
    """The dialog, with what the server has."""
    screen.page.keyboard.press("l")
    screen.page.wait_for_selector(".shelf-row[data-own]")
