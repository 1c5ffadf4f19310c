"""Each state of listening that is not the usual one: what it says, and what axe-core finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.conftest import Theatre
    from tests.web.screen import Screen

pytestmark = pytest.mark.browser

HELD: Final = """
const { resume } = AudioContext.prototype;
window.isHeld = true;
AudioContext.prototype.resume = function () {
  return window.isHeld ? new Promise(() => {}) : resume.call(this);
};
window.AudioContext = class extends AudioContext {
  constructor(options) {
    super(options);
    if (window.isHeld) this.suspend();
  }
};
null;
"""
"""A browser that lets nothing sound until it is let go."""
CALM: Final[dict[str, Any]] = {"connection": "connected", "error": None, "buffered_s": 10}
PLAYING: Final[dict[str, dict[str, Any]]] = {
    "buffering": {"connection": "buffering", "buffered_s": 0.4},
    "blocked": {"connection": "blocked"},
    "offline": {"connection": "offline"},
    "taken over": {"connection": "taken-over"},
    "too fast": {"error": {"code": "rate_limited", "msg": ""}},
}
IDLE: Final[dict[str, dict[str, Any]]] = {
    "offline": {"connection": "offline"},
    "unsupported": {"connection": "unsupported"},
    "overloaded": {"error": {"code": "overloaded", "msg": ""}},
    "limit": {
        "error": {"code": "limit_reached", "msg": ""},
        "limit": {"left_s": 0, "resets_at": 1_794_700_800},
    },
}


def test_play_itself_lets_go_what_the_browser_holds_back(live: Theatre) -> None:
    with live.open() as screen:
        screen.page.evaluate(HELD)
        screen.page.keyboard.press("3")
        screen.page.wait_for_selector(".banner[data-connection=blocked]:not([hidden])")
        assert screen.text(".banner") == "Your browser holds the sound back. Press play once more."
        assert screen.text(".connection") == "Waiting for you"
        assert screen.serious_problems() == []
        screen.page.evaluate("window.isHeld = false")
        screen.page.keyboard.press("Space")
        screen.probe("played", 0.5)
        assert screen.text(".well-name") == "Sleep"
        assert not screen.page.is_visible(".banner")


def test_two_pages_of_one_person_hand_the_sound_to_each_other(live: Theatre) -> None:
    with live.open() as screen:
        screen.begin()
        screen.page.keyboard.press("ArrowRight")
        screen.page.keyboard.press("ArrowRight")
        other = screen.page.context.new_page()
        other.goto(live.address)
        other.wait_for_selector(".mode .disc")
        other.keyboard.press("2")
        other.wait_for_selector(".toast >> text=Playing on “Chrome on Linux”.")
        other.click(".toast >> text=Play here")
        other.wait_for_selector("sw-timer-ring")
        assert named(other) == "Focus"
        assert "45 %" in " ".join(other.inner_text("sw-intensity").split())
        screen.page.wait_for_selector("sw-ending[data-kind=taken]")
        screen.settle()
        assert screen.text("h1") == "It plays on “Chrome on Linux” now."
        assert screen.text(".connection") == "Playing elsewhere"
        assert screen.serious_problems() == []
        screen.page.click("sw-ending >> text=Play here")
        screen.page.wait_for_selector("sw-timer-ring")
        other.wait_for_selector("sw-ending[data-kind=taken]")
        assert named(screen.page) == "Focus"


def test_offline_offers_a_sound_of_this_device_until_the_connection_is_back(posed: Theatre) -> None:
    with posed.open(320, 800) as screen:
        screen.pose(connection="offline")
        screen.page.wait_for_selector("sw-away")
        assert screen.text("sw-away .voice") == "You are offline."
        screen.page.click("text=Play soft noise")
        screen.page.wait_for_selector("text=Stop the noise")
        assert screen.overflow_px() == 0
        screen.pose(connection="connected")
        screen.page.wait_for_selector(".mode .disc")
        assert screen.page.locator("sw-away").count() == 0


def test_used_minutes_say_when_they_come_back_and_offer_no_vain_button(posed: Theatre) -> None:
    with posed.open(timezone_id="UTC") as screen:
        screen.begin()
        screen.pose(transport="idle", **IDLE["limit"])
        sentence = "Your free minutes are used. They come back at 00:00."
        screen.page.wait_for_selector(f".toast >> text={sentence}")
        assert screen.page.locator(".toast .link").count() == 0


def test_axe_finds_nothing_in_any_state(posed: Theatre) -> None:
    with posed.open() as screen:
        for number, (state, change) in enumerate(IDLE.items()):
            looked_at(screen, f"idle, {state}", number, change)
        screen.begin()
        for number, (state, change) in enumerate(PLAYING.items()):
            looked_at(screen, f"playing, {state}", number, change)


def test_axe_finds_nothing_while_the_sounds_come(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.page.route("**/api/presets", lambda _: None)
        screen.page.evaluate("void document.querySelector('sw-wells').listening.load()")
        screen.page.wait_for_selector(".skeleton", state="attached")
        screen.page.wait_for_timeout(200)
        assert screen.page.is_visible(".skeleton .bar")
        assert screen.serious_problems() == []


def test_forced_colours_keep_what_is_chosen_and_what_is_pressed(posed: Theatre) -> None:
    with posed.open(forced_colors="active") as screen:
        assert screen.serious_problems() == []
        screen.begin()
        assert screen.serious_problems() == []
        paint = "getComputedStyle(document.querySelector('{}'), '{}').backgroundColor"
        ground = screen.page.evaluate(paint.format("body", ""))
        for selector, part in (("sw-modes .segments", "::before"), ("sw-intensity .slider", "::after")):
            assert screen.page.evaluate(paint.format(selector, part)) != ground, selector
        screen.end("completed")
        assert screen.serious_problems() == []


def looked_at(screen: Screen, state: str, number: int, change: dict[str, Any]) -> None:
    """Every other state at dusk; its name stands in the failure."""
    screen.page.emulate_media(color_scheme="dark" if number % 2 else "light")
    screen.pose(**{**CALM, **change})
    screen.settle()
    assert (state, screen.serious_problems()) == (state, [])


def named(page: Page) -> str:
    """What plays there."""
    return page.inner_text(".well-name")
