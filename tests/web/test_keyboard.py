"""The page by keyboard alone, with real sound behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Theatre
    from tests.web.screen import Screen

pytestmark = pytest.mark.browser


def test_a_walk_from_the_first_tab_to_the_end(live: Theatre) -> None:
    with live.open() as screen:
        press(screen, "Tab")
        assert screen.focused() == "Skip to the sound"
        press(screen, "Enter", "Tab")
        assert screen.focused().startswith("Focus Steady and bright")
        press(screen, "Enter")
        screen.page.wait_for_selector("sw-timer-ring")
        assert screen.focused() == "Pause Focus"
        press(screen, "Space")
        screen.page.wait_for_selector("[aria-label='Play Focus'].well-disc")
        press(screen, "Space")
        screen.page.wait_for_selector("[aria-label='Pause Focus'].well-disc")
        press(screen, "Shift+T")
        screen.page.wait_for_selector("dialog.timer[open]")
        screen.page.focus("text=End now")
        press(screen, "Enter")
        screen.page.wait_for_selector("sw-ending")
        assert screen.text("h1") == "You ended it here."


def test_space_begins_what_the_hour_suggests(posed: Theatre) -> None:
    with posed.open() as screen:
        name = screen.text(".mode.gold .mode-name")
        press(screen, "Space")
        screen.page.wait_for_selector("sw-timer-ring")
        assert screen.text(".well-name") == name


def test_arrows_turn_intensity_and_volume(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.begin()
        screen.page.evaluate("document.activeElement.blur()")
        seen = []
        for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
            press(screen, key)
            seen.append(screen.page.get_attribute("sw-intensity input", "aria-valuetext"))
        assert seen == ["Low, 32 per cent", "Mid, 45 per cent", "Low, 32 per cent"]
        press(screen, "ArrowUp")
        assert screen.page.get_attribute("sw-transport input", "aria-valuetext") == "75\u00a0%"
        screen.page.wait_for_selector("sw-announcer >> text=Volume 75 per cent.", state="attached")


def test_letters_and_digits(posed: Theatre) -> None:
    with posed.open() as screen:
        press(screen, "2")
        screen.page.wait_for_selector("sw-timer-ring")
        assert screen.text(".well-name") == "Relax"
        press(screen, "4")
        assert screen.text(".well-name") == "Meditate"
        press(screen, "m")
        assert screen.page.get_attribute("[aria-label=Mute]", "aria-pressed") == "true"
        press(screen, "m", "t")
        assert ["extend", 300] in screen.calls()
        assert screen.text("sw-timer-facts").startswith("20 min ends ")


def test_letters_can_be_switched_off(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.begin()
        screen.page.click(".advanced-toggle")
        screen.page.click("text=Single letters and digits are keys")
        screen.page.evaluate("document.activeElement.blur()")
        press(screen, "m", "t", "2")
        assert screen.page.get_attribute("[aria-label=Mute]", "aria-pressed") == "false"
        assert screen.text(".well-name") == "Focus"


def test_keys_belong_to_the_control_in_focus(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.begin()
        screen.page.focus("sw-layers input >> nth=0")
        press(screen, "ArrowRight")
        assert screen.page.get_attribute("sw-layers input >> nth=0", "aria-valuetext") == "61"
        assert screen.page.get_attribute("sw-intensity input", "aria-valuetext") == "Low, 20 per cent"
        press(screen, "Shift+T")
        screen.page.wait_for_selector("dialog.timer[open]")
        screen.page.focus("#timer-minutes")
        press(screen, "2")
        assert screen.text(".well-name") == "Focus"


def test_the_timer_says_the_same_three_ways(posed: Theatre) -> None:
    with posed.open(timezone_id="UTC") as screen:
        screen.page.clock.set_fixed_time("2026-11-14T14:00:00Z")
        screen.begin()
        press(screen, "Shift+T")
        screen.page.wait_for_selector("dialog.timer[open]")
        screen.page.fill("#timer-until", "14:40")
        assert screen.page.input_value("#timer-minutes") == "40"
        assert screen.text("dialog [role=status]") == "40 min, ends at 14:40"
        screen.page.fill("#timer-minutes", "45")
        assert screen.page.input_value("#timer-until") == "14:45"
        assert screen.page.is_checked("[name=timer-length][value='45']")
        screen.page.fill("#timer-minutes", "0")
        press(screen, "Enter")
        assert screen.page.is_visible("text=Choose 1 to 600 minutes.")
        assert screen.page.get_attribute("#timer-minutes", "aria-invalid") == "true"
        screen.page.fill("#timer-minutes", "30")
        press(screen, "Enter")
        screen.page.wait_for_selector("dialog", state="detached")
        assert ["extend", 300] in screen.calls()


def test_a_shorter_time_is_kept_by_the_page(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.begin()
        press(screen, "Shift+T")
        screen.page.wait_for_selector("dialog.timer[open]")
        screen.page.fill("#timer-minutes", "10")
        press(screen, "Enter")
        screen.page.wait_for_selector("dialog", state="detached")
        assert screen.text(".well-time") == "10:00"
        screen.pose(position_s=569, remaining_s=931)
        assert not [call for call in screen.calls() if call[0] == "finish"]
        screen.pose(position_s=570.5, remaining_s=929.5)
        assert ["finish", 29_500] in screen.calls()


def press(screen: Screen, *keys: str) -> None:
    """Each key once."""
    for key in keys:
        screen.page.keyboard.press(key)
