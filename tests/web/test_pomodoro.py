"""Work and breaks in turn, by the key P."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Theatre
    from tests.web.screen import Screen

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_cycle_with_rain_in_the_breaks(posed: Theatre, theme: str) -> None:
    with posed.open(color_scheme=theme) as screen:
        opened(screen)
        assert screen.serious_problems() == []
        screen.page.fill("#pomodoro-rounds", "2")
        screen.page.keyboard.press("Enter")
        screen.page.wait_for_selector("sw-timer-ring")
        assert "Round 1 of 2" in screen.text("sw-timer-facts")
        for _ in range(2):
            run_out(screen)
        run_out(screen, follows=False)
        starts = [(call[1]["preset"], call[1]["duration_s"]) for call in screen.calls() if call[0] == "start"]
        assert starts == [("focus", 1500), ("relax", 300), ("focus", 1500)]
        screen.page.wait_for_selector("sw-ending")
        assert screen.text("sw-ending h1") == "That was your time."


def test_a_break_in_silence_comes_to_its_end(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.page.clock.install()
        opened(screen)
        screen.page.click("text=Silence")
        screen.page.click("dialog .primary")
        screen.page.wait_for_selector("sw-timer-ring")
        run_out(screen, follows=False)
        assert screen.state("transport") == "ended"
        screen.page.clock.run_for(300_500)
        screen.page.wait_for_selector("sw-timer-ring")
        assert "Round 2 of 4" in screen.text("sw-timer-facts")


def test_another_sound_or_an_early_end_leaves_the_cycle(posed: Theatre) -> None:
    with posed.open() as screen:
        opened(screen)
        screen.page.keyboard.press("Enter")
        screen.page.wait_for_selector("sw-timer-ring")
        screen.page.keyboard.press("2")
        assert "Pomodoro" in screen.text("sw-timer-facts")
        run_out(screen, follows=False)
        assert screen.state("transport") == "ended"


def test_a_number_that_cannot_be_says_which_can(posed: Theatre) -> None:
    with posed.open(320, 800) as screen:
        opened(screen)
        screen.page.fill("#pomodoro-work_min", "0")
        screen.page.keyboard.press("Enter")
        assert screen.text("dialog .problem") == "Choose 1 to 120."
        assert screen.page.evaluate("document.activeElement.id") == "pomodoro-work_min"
        assert screen.overflow_px() == 0


def opened(screen: Screen) -> None:
    """The dialog, by its key."""
    screen.page.keyboard.press("p")
    screen.page.wait_for_selector("dialog.pomodoro[open]")
    screen.settle()
    screen.page.focus("#pomodoro-rounds")


def run_out(screen: Screen, *, follows: bool = True) -> None:
    """The part that plays comes to its end."""
    screen.pose(position_s=screen.state("duration_s"), remaining_s=0)
    screen.page.evaluate("document.querySelector('sw-shell').player.end('completed')")
    if follows:
        assert screen.state("transport") == "playing"
