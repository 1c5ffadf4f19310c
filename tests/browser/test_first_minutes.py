"""The first minutes of somebody new, by keyboard alone, on the real server.

Signing up is left out, for there are no accounts yet; waiting is shortened to seconds.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

import pytest

from tests.web.conftest import Theatre

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.line import Line
    from tests.browser.product import Product
    from tests.web.screen import Screen

pytestmark = pytest.mark.browser

SEATS: Final = {1280: 0, 320: 1}
"""Width of the window, and the line that it comes by."""
AWAY_S: Final = 6.0
LEFT: Final = r"2\d free minutes left today"
KEYS: Final = """
const set = navigator.mediaSession.setActionHandler.bind(navigator.mediaSession);
window.mediaKeys = {};
navigator.mediaSession.setActionHandler = (name, act) => {
  window.mediaKeys[name] = act;
  set(name, act);
};
null;
"""
LEVEL: Final = """(() => {
  const { analyser } = document.querySelector('sw-shell').player;
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  return Math.max(...samples.map(Math.abs));
})()"""
RATED: Final = """fetch('/api/listening/sessions?limit=1')
  .then((answer) => answer.json()).then(({ data }) => data.sessions[0].rating)"""


@pytest.mark.req("S0-30")
@pytest.mark.parametrize("width", SEATS)
def test_the_first_minutes(browser: Browser, product: Product, width: int) -> None:
    line = product.lines[SEATS[width]]
    theatre = Theatre(browser, f"{line.origin}/", is_posed=False)
    rights = ["clipboard-read", "clipboard-write"]
    with theatre.open(width, 800, permissions=rights, timezone_id="UTC") as screen:
        screen.page.evaluate(KEYS)
        arrives(screen)
        begins(screen)
        turns_up(screen, width)
        adds_rain_and_a_heart(screen)
        looks_away(screen)
        loses_the_line(screen, line)
        sets_the_timer(screen)
        saves_and_shares(screen)
        sees_what_is_left(screen, width)
        goes_on_with_pomodoro(screen, width)
        ends_and_rates(screen)
        assert screen.overflow_px() == 0


def arrives(screen: Screen) -> None:
    """Three wells, no wall; the line of care is read."""
    names = screen.page.locator(".mode-name").all_inner_texts()
    assert names == ["Focus", "Relax", "Sleep"]
    assert screen.page.locator("dialog[open]").count() == 0
    screen.reach("Got it")
    screen.page.keyboard.press("Enter")
    assert not screen.page.is_visible(".safety")


def begins(screen: Screen) -> None:
    """One key, and it sounds."""
    screen.page.keyboard.press("1")
    screen.page.wait_for_selector("sw-timer-ring")
    assert screen.text(".well-time") == "25:00" or screen.text(".well-time").startswith("24:5")
    screen.until(f"{LEVEL} > 0.005")


def turns_up(screen: Screen, width: int) -> None:
    """Low becomes Mid, is heard, and the page says why it sounds so."""
    assert "Low 20 %" in screen.text("sw-intensity")
    screen.page.keyboard.press("ArrowRight")
    screen.page.keyboard.press("ArrowRight")
    assert "Mid 45 %" in screen.text("sw-intensity")
    screen.until("document.querySelector('sw-shell').player.state.params.get('am.depth').heard")
    if width > 700:
        assert screen.text("sw-why .voice:not([data-off])").endswith("You asked for Mid.")
        return
    screen.reach("Why this?")
    screen.page.keyboard.press("Enter")
    assert screen.text("dialog .voice").endswith("You asked for Mid.")
    leaves_dialog(screen)


def adds_rain_and_a_heart(screen: Screen) -> None:
    """A texture by its slider, a favourite by its key."""
    screen.reach("Rain")
    for _ in range(5):
        screen.page.keyboard.press("ArrowRight")
    assert screen.text(".layer:has-text('Rain') .layer-value") == "25"
    screen.page.keyboard.press("f")
    screen.page.wait_for_selector(".heart[aria-pressed='true']")


def looks_away(screen: Screen) -> None:
    """Another tab, a locked phone: it plays, and the media keys work."""
    screen.probe("hide", True)
    before_s = screen.state("position_s")
    screen.probe("played", before_s + 1)
    assert screen.page.evaluate("navigator.mediaSession.metadata.title") == "Focus"
    screen.page.evaluate("window.mediaKeys.pause()")
    screen.until("document.querySelector('sw-shell').player.state.transport === 'paused'")
    screen.page.evaluate("window.mediaKeys.play()")
    screen.probe("hide", False)
    screen.until("document.querySelector('sw-shell').player.state.transport === 'playing'")


def loses_the_line(screen: Screen, line: Line) -> None:
    """It plays on from the buffer, says so once that gets short, and comes back by itself."""
    screen.until("document.querySelector('sw-shell').player.state.buffered_s > 8")
    before = screen.state("dropouts")
    line.cut(AWAY_S)
    screen.page.wait_for_selector(".banner:not([hidden]) >> text=Reconnecting")
    screen.page.wait_for_selector(".banner", state="hidden")
    screen.page.wait_for_selector(".connection[data-connection='connected']", state="attached")
    assert (screen.state("dropouts"), screen.state("transport")) == (before, "playing")


def sets_the_timer(screen: Screen) -> None:
    """Until a time of day, with a fade of a minute; this Chromium asks for the hour by AM and PM."""
    until = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=21)
    keyboard = screen.page.keyboard
    keyboard.press("Shift+T")
    screen.page.wait_for_selector("dialog.timer[open]")
    screen.reach("Or until")
    keyboard.type(until.strftime("%I%M%p"))
    screen.reach("30 s")
    keyboard.press("ArrowRight")
    keyboard.press("Enter")
    screen.page.wait_for_selector("dialog", state="detached")
    assert screen.text("sw-transport .label").startswith(("19:", "20:"))
    assert screen.page.evaluate("localStorage['soundwell.fade_s']") == "60"


def saves_and_shares(screen: Screen) -> None:
    """The sound gets a name, and a link that holds all of it."""
    keyboard = screen.page.keyboard
    keyboard.press("s")
    screen.page.wait_for_selector("dialog.save[open]")
    screen.reach("Name")
    keyboard.press("Control+a")
    keyboard.type("Rainy work")
    keyboard.press("Enter")
    screen.page.wait_for_selector("dialog", state="detached")
    keyboard.press("l")
    screen.page.wait_for_selector("dialog.library[open]")
    screen.reach("Copy a link to Rainy work")
    keyboard.press("Enter")
    screen.page.wait_for_selector("text=The link is copied.")
    assert "#sound=" in screen.page.evaluate("navigator.clipboard.readText()")
    leaves_dialog(screen)


def sees_what_is_left(screen: Screen, width: int) -> None:
    """The free minutes of today."""
    if width > 700:
        assert re.fullmatch(LEFT, screen.text("sw-connection .allowance"))
        return
    screen.reach("Music AM")
    screen.page.keyboard.press("Enter")
    screen.page.wait_for_selector("dialog.sheet[open]")
    assert re.search(LEFT, screen.text("dialog.sheet"))
    leaves_dialog(screen)


def goes_on_with_pomodoro(screen: Screen, width: int) -> None:
    """P, as it stands: 25 and 5, four times."""
    screen.page.keyboard.press("p")
    screen.page.wait_for_selector("dialog.pomodoro[open]")
    numbers = screen.page.locator("dialog input[type=number]")
    assert [numbers.nth(i).input_value() for i in range(3)] == ["25", "5", "4"]
    screen.reach("Begin")
    screen.page.keyboard.press("Enter")
    place = ".facts" if width > 700 else ".short-row"
    screen.page.wait_for_selector(f"{place} >> text=Round 1 of 4")
    screen.probe("played", 1)


def ends_and_rates(screen: Screen) -> None:
    """End now, by its name; a summary; four of five."""
    keyboard = screen.page.keyboard
    keyboard.press("Control+k")
    screen.page.wait_for_selector("dialog.commands[open]")
    keyboard.type("end now")
    keyboard.press("Enter")
    screen.page.wait_for_selector("sw-ending")
    assert screen.text("h1") == "You ended it here."
    screen.reach("1, Scattered")
    for _ in range(3):
        keyboard.press("ArrowRight")
    screen.page.wait_for_selector("sw-rating >> text=Saved.")
    screen.until(f"{RATED}.then((rating) => rating === 4)")


def leaves_dialog(screen: Screen) -> None:
    """Escape, and the focus is back in the page."""
    screen.page.keyboard.press("Escape")
    screen.page.wait_for_selector("dialog", state="detached")
