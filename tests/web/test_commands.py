"""Everything by name, the list of keys, words instead of drawings, and a screen that stays on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Theatre

pytestmark = pytest.mark.browser

LOCKS = """
window.locks = [];
navigator.wakeLock.request = async (kind) => {
  const lock = { kind, released: false, release: async () => { lock.released = true; } };
  window.locks.push(lock);
  return lock;
};
null;
"""


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_command_by_a_part_of_its_name(posed: Theatre, theme: str) -> None:
    with posed.open(color_scheme=theme) as screen:
        keyboard = screen.page.keyboard
        keyboard.press("Control+k")
        screen.page.wait_for_selector("dialog.commands[open]")
        keyboard.type("play med")
        screen.settle()
        assert screen.text(".commands [aria-selected=true]") == "Play Meditate"
        assert screen.text(".commands [role=status]") == "1 command"
        assert screen.serious_problems() == []
        keyboard.press("Enter")
        screen.page.wait_for_selector("sw-timer-ring")
        assert screen.text(".well-name") == "Meditate"
        keyboard.press("Control+k")
        screen.page.wait_for_selector("dialog.commands[open]")
        keyboard.type("minutes more")
        keyboard.press("Enter")
        assert ["extend", 300] in screen.calls()


def test_the_keys_are_listed_and_can_be_switched_off(posed: Theatre) -> None:
    with posed.open() as screen:
        keyboard = screen.page.keyboard
        keyboard.press("?")
        screen.page.wait_for_selector("dialog.shortcuts[open]")
        screen.settle()
        assert "Ctrl K Everything by name" in screen.text("dialog")
        assert screen.serious_problems() == []
        screen.page.click("text=Single letters and digits are keys")
        keyboard.press("Escape")
        screen.page.wait_for_selector("dialog", state="detached")
        keyboard.press("2")
        assert screen.calls() == []


def test_plain_mode_says_what_the_drawings_show(posed: Theatre) -> None:
    with posed.open(320, 800) as screen:
        screen.page.evaluate("localStorage['soundwell.plain'] = 'true'")
        screen.page.reload()
        screen.page.wait_for_selector(".mode .disc")
        assert not screen.page.is_visible("canvas")
        screen.begin()
        screen.pose(position_s=378, remaining_s=1122)
        screen.page.wait_for_selector("text=of 25:00 played.")
        assert "A bright sound, \u221221.4 dBFS." in screen.text(".well-plain")
        assert not screen.page.is_visible("canvas")
        assert screen.probe("strokes") == 0
        assert screen.overflow_px() == 0
        assert screen.serious_problems() == []
        screen.end("completed")
        assert screen.page.is_visible("text=7 rings, one a minute")


def test_the_screen_stays_on_only_where_it_is_wanted(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.page.evaluate(LOCKS)
        screen.begin()
        screen.page.keyboard.press("?")
        screen.page.click("text=Keep the screen on while it plays")
        screen.until("window.locks.some((lock) => !lock.released)")
        screen.page.keyboard.press("Escape")
        screen.page.wait_for_selector("dialog", state="detached")
        screen.page.keyboard.press("Space")
        screen.until("window.locks.every((lock) => lock.released)")
        screen.page.keyboard.press("3")
        screen.probe("frames", 5)
        assert screen.page.evaluate("window.locks.every((lock) => lock.released)")
