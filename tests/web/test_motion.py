"""What moves, what stands still, and that nothing flickers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.web.conftest import MOVING

if TYPE_CHECKING:
    from tests.web.conftest import Theatre

pytestmark = pytest.mark.browser


def test_playing_moves_and_pause_stands_still(posed: Theatre) -> None:
    with posed.open(reduced_motion=MOVING) as screen:
        screen.begin()
        assert screen.probe("strokes") > 0
        screen.page.click(".well-disc")
        screen.probe("frames", 60)
        assert screen.probe("strokes") == 0


def test_a_finished_session_draws_no_frame(posed: Theatre) -> None:
    with posed.open(reduced_motion=MOVING) as screen:
        screen.begin()
        screen.pose(position_s=120, remaining_s=0)
        screen.end("completed")
        screen.probe("frames", 150)
        assert screen.probe("strokes") == 0


def test_a_hidden_page_draws_no_frame(posed: Theatre) -> None:
    with posed.open(reduced_motion=MOVING) as screen:
        screen.begin()
        screen.probe("hide", True)
        assert screen.probe("strokes") == 0


def test_reduced_motion_draws_nothing_that_moves(live: Theatre) -> None:
    with live.open() as screen:
        screen.begin()
        screen.probe("played", 3.5)
        first: list[Any] = screen.probe("pictures")
        before = screen.text(".well-time")
        screen.page.wait_for_selector(f".well-time:not(:has-text('{before}'))")
        assert screen.probe("pictures") == first
        assert screen.page.evaluate("document.getAnimations().length") == 0
