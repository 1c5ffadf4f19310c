"""The end of a session: what was heard, how it was, and what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Route

    from tests.web.conftest import Theatre
    from tests.web.screen import Screen

pytestmark = pytest.mark.browser

SESSION = "**/api/listening/sessions/*"


def test_rating_and_note_are_saved_as_they_are_given(posed: Theatre) -> None:
    given: list[Any] = []

    def save(route: Route) -> None:
        given.append((route.request.method, route.request.post_data_json))
        route.fulfill(json={"ok": True, "data": {}})

    with posed.open() as screen:
        screen.page.route(SESSION, save)
        ended(screen)
        assert screen.text("sw-rating legend") == "How was your focus?"
        screen.page.get_by_role("radio", name="4").focus()
        screen.page.keyboard.press("Space")
        screen.page.wait_for_selector("text=Saved.")
        screen.page.fill("#rating-note", "quiet morning")
        screen.page.keyboard.press("Tab")
        screen.until("localStorage['soundwell.reviews'] === '{}'")
    assert given == [("PATCH", {"rating": 4}), ("PATCH", {"note": "quiet morning"})]


def test_a_rating_waits_in_the_browser_for_the_connection(posed: Theatre) -> None:
    given: list[Any] = []

    def take(route: Route) -> None:
        given.append(route.request.post_data_json)
        route.fulfill(json={"ok": True, "data": {}})

    with posed.open() as screen:
        screen.page.route(SESSION, lambda route: route.abort())
        ended(screen)
        screen.page.click(".score >> nth=1")
        screen.page.wait_for_selector("text=Kept in this browser until the connection is back.")
        screen.page.unroute(SESSION)
        screen.page.route(SESSION, take)
        screen.page.click(".score >> nth=2")
        screen.page.wait_for_selector("text=Saved.")
    assert given == [{"rating": 3}]


def test_what_was_kept_is_delivered_at_the_next_visit(posed: Theatre) -> None:
    given: list[Any] = []

    def save(route: Route) -> None:
        given.append((route.request.url.rsplit("/", 1)[1], route.request.post_data_json))
        route.fulfill(json={"ok": True, "data": {}})

    with posed.open() as screen:
        screen.page.route(SESSION, save)
        screen.page.evaluate("localStorage['soundwell.reviews'] = '{\"s1\": {\"rating\": 2}}'")
        screen.page.evaluate("localStorage['soundwell.visited'] = 'true'")
        screen.page.reload()
        screen.until("localStorage['soundwell.reviews'] === '{}'")
    assert given == [("s1", {"rating": 2})]


def test_a_session_that_is_still_being_written_down_is_asked_again(posed: Theatre) -> None:
    answers = [409, 409, 200]

    def save(route: Route) -> None:
        status = answers.pop(0)
        route.fulfill(status=status, json={"ok": status == 200, "data": {}, "code": "conflict", "error": ""})

    with posed.open() as screen:
        screen.page.route(SESSION, save)
        ended(screen)
        screen.page.click(".score >> nth=0")
        screen.page.wait_for_selector("text=Saved.")
    assert answers == []


def test_a_break_with_rain_and_back(posed: Theatre) -> None:
    with posed.open() as screen:
        ended(screen)
        screen.page.click("text=Break 5 with Rain")
        screen.page.wait_for_selector("sw-timer-ring")
        assert screen.text(".well-name") == "Break"
        start = screen.calls()[-1][1]
        assert (start["preset"], start["duration_s"]) == ("relax", 300)
        assert start["params"]["rain.level"] == 70
        screen.end("completed")
        assert screen.text("sw-ending .primary") == "Back to Focus"
        assert not screen.page.is_visible("text=Break 5 with Rain")
        screen.page.click("text=Back to Focus")
        screen.page.wait_for_selector("sw-timer-ring")
        assert screen.text(".well-name") == "Focus"


def test_the_rings_name_what_was_changed(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.begin()
        screen.pose(position_s=40, remaining_s=1460)
        screen.page.focus("sw-layers input >> nth=1")
        screen.page.keyboard.press("ArrowRight")
        screen.pose(position_s=960, remaining_s=540)
        screen.page.evaluate("document.activeElement.blur()")
        screen.page.keyboard.press("ArrowRight")
        screen.end("completed")
        events = screen.page.locator(".event").all_inner_texts()
        assert events == ["0:40\nrain\u00a021", "16:00\nintensity\u00a032"]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_nothing_in_the_way(posed: Theatre, theme: str) -> None:
    with posed.open(320, 800, color_scheme=theme) as screen:
        screen.page.route(SESSION, lambda route: route.fulfill(json={"ok": True, "data": {}}))
        ended(screen)
        screen.page.click(".score >> nth=4")
        assert screen.serious_problems() == []
        assert screen.overflow_px() == 0


def ended(screen: Screen) -> None:
    """A whole session of 25 minutes, in a moment."""
    screen.begin()
    screen.pose(position_s=1499.5, remaining_s=0.5)
    screen.end("completed")
