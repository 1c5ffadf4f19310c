"""axe-core finds nothing serious or critical, in any state, at night and at dusk, on a desk and in a hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Theatre
    from tests.web.screen import Screen

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_state_of_the_screen(posed: Theatre, theme: str) -> None:
    with posed.open(color_scheme=theme) as screen:
        looked_at(screen, "idle")
        screen.begin()
        looked_at(screen, "playing")
        screen.page.click("sw-method label:has-text('Binaural')")
        screen.page.click(".advanced-toggle")
        screen.settle()
        looked_at(screen, "binaural, advanced")
        screen.page.click(".why-more")
        screen.settle()
        looked_at(screen, "evidence")
        screen.page.keyboard.press("Escape")
        screen.page.keyboard.press("Shift+T")
        screen.page.wait_for_selector("dialog.timer[open]")
        screen.settle()
        looked_at(screen, "timer")
        screen.page.keyboard.press("Escape")
        screen.page.click(".well-disc")
        screen.pose(
            connection="reconnecting", attempt=3, buffered_s=2, error={"code": "overloaded", "msg": ""}
        )
        screen.settle()
        looked_at(screen, "paused, reconnecting, with an error")
        screen.end("completed")
        looked_at(screen, "ended")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_in_a_hand(posed: Theatre, theme: str) -> None:
    with posed.open(390, 844, color_scheme=theme, has_touch=True, is_mobile=True) as screen:
        looked_at(screen, "idle")
        screen.begin()
        looked_at(screen, "playing")
        screen.page.click(".short-row .chip >> nth=1")
        screen.settle()
        looked_at(screen, "sheet")


def test_with_real_sound(live: Theatre) -> None:
    with live.open() as screen:
        looked_at(screen, "idle")
        screen.begin()
        looked_at(screen, "playing")


def looked_at(screen: Screen, state: str) -> None:
    """The state's name stands in the failure."""
    assert (state, screen.serious_problems()) == (state, [])
