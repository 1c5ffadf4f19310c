"""One's own sounds, favourites, links that hold a sound, and the week in figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Route

    from tests.web.conftest import Theatre
    from tests.web.screen import Screen

pytestmark = pytest.mark.browser

PROGRAM = {
    "v": 1,
    "layers": {"pads": {"kind": "bed", "recipe": "ambient", "level": 50}},
    "modulation": {"depth": 20},
}
STATS = {
    "text": "1 h 2 min in 3 sessions this week.",
    "modes": [{"mode": "focus", "sessions": 3, "heard_s": 3720, "success_share": 1, "rating": 4.5}],
    "week": {"days": [{"date": f"2026-11-{day}", "sessions": 1, "heard_s": 600} for day in range(16, 23)]},
    "dose": {"share": 0.07, "note": "At a guess of 65 dB(A)."},
}


class Shelf:
    """Answers as the library's routes do, from memory."""

    def __init__(self, screen: Screen) -> None:
        self.own = [own(1, "Rainy work"), own(2, "Late")]
        self.asked: list[tuple[str, str]] = []
        for path in ("library", "presets/*", "favourites/*"):
            screen.page.route(f"**/api/{path}", self.answer)
        screen.page.route("**/api/presets", self.order)

    def answer(self, route: Route) -> None:
        request = route.request
        self.asked.append((request.method, request.url.split("/api/")[1]))
        data: dict[str, Any] = {"own": self.own, "favourites": [], "resume": None}
        if request.method == "PUT" and "presets" in request.url:
            data = {**self.own[0], **(request.post_data_json or {})}
        route.fulfill(json={"ok": True, "data": data})

    def order(self, route: Route) -> None:
        if route.request.method == "GET":
            route.fallback()
            return
        self.asked.append((route.request.method, "presets"))
        body = route.request.post_data_json or {}
        data = {"own": self.own[::-1]} if "ids" in body else {**own(3, body["title"]), "program": PROGRAM}
        route.fulfill(json={"ok": True, "data": data})


def own(number: int, title: str) -> dict[str, Any]:
    """One of the person's own presets."""
    id_ = f"0b7e0000-0000-4000-8000-00000000000{number}"
    return {"id": id_, "title": title, "mode": "focus", "minutes": 25, "program": PROGRAM}


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_own_sounds_are_played_renamed_ordered_and_deleted(posed: Theatre, theme: str) -> None:
    with posed.open(320, 800, color_scheme=theme) as screen:
        shelf = Shelf(screen)
        screen.page.keyboard.press("l")
        screen.page.wait_for_selector("text=Rainy work")
        screen.settle()
        assert screen.serious_problems() == []
        assert screen.overflow_px() == 0
        screen.page.click("[aria-label='Rename Rainy work']")
        screen.page.fill(".rename", "Grey work")
        screen.page.keyboard.press("Enter")
        screen.page.wait_for_selector(".shelf >> text=Grey work")
        screen.page.click("[aria-label='Move Late up']")
        screen.until("document.querySelector('.shelf-name').innerText === 'Late'")
        screen.page.click("[aria-label='Delete Late']")
        screen.page.wait_for_selector("text=Late is deleted.")
        screen.page.click(".shelf >> text=Rainy work")
        screen.page.wait_for_selector("sw-timer-ring")
        assert screen.calls()[0][1]["program"] == PROGRAM
        assert [method for method, _ in shelf.asked] == ["GET", "PUT", "PUT", "DELETE"]


def test_the_heart_and_the_key_f(posed: Theatre) -> None:
    with posed.open() as screen:
        shelf = Shelf(screen)
        screen.begin()
        screen.page.wait_for_selector(".heart[aria-pressed='false']")
        screen.page.keyboard.press("f")
        screen.page.wait_for_selector(".heart[aria-pressed='true']")
        screen.page.wait_for_selector("sw-announcer >> text=Among the favourites.", state="attached")
        screen.page.click("[aria-label='Favourite: Focus']")
        screen.page.wait_for_selector(".heart[aria-pressed='false']")
        assert shelf.asked[1:] == [("PUT", "favourites/focus"), ("DELETE", "favourites/focus")]


def test_a_favourite_of_the_first_second_is_not_undone_by_the_shelf_that_comes(posed: Theatre) -> None:
    with posed.open() as screen:
        shelf = Shelf(screen)
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        screen.page.route("**/api/library", hold)
        screen.begin()
        screen.page.keyboard.press("f")
        while not held:
            screen.page.wait_for_timeout(20)
        shelf.answer(held[0])
        screen.page.wait_for_selector(".heart[aria-pressed='true']")
        screen.until("JSON.parse(localStorage['soundwell.library']).favourites[0] === 'focus'")


def test_what_plays_is_saved_under_a_name(posed: Theatre) -> None:
    with posed.open() as screen:
        shelf = Shelf(screen)
        screen.begin()
        screen.page.keyboard.press("s")
        screen.page.fill("#save-name", "Rainy evening")
        screen.page.keyboard.press("Enter")
        screen.page.wait_for_selector("dialog", state="detached")
        assert ("POST", "presets") in shelf.asked
        screen.page.keyboard.press("l")
        screen.page.wait_for_selector(".shelf >> text=Rainy evening")


def test_a_link_holds_the_whole_sound_and_plays_nothing_by_itself(posed: Theatre) -> None:
    with posed.open(permissions=["clipboard-read", "clipboard-write"]) as screen:
        Shelf(screen)
        screen.page.route(
            "**/api/programs/check",
            lambda route: route.fulfill(json={"ok": True, "data": {"program": PROGRAM}}),
        )
        screen.page.keyboard.press("l")
        screen.page.click("[aria-label='Copy a link to Rainy work']")
        screen.page.wait_for_selector("text=The link is copied.")
        link = screen.page.evaluate("navigator.clipboard.readText()")
        assert "#sound=" in link
        screen.page.goto("about:blank")
        screen.page.goto(link)
        screen.page.wait_for_selector("dialog.shared[open]")
        assert screen.text("dialog h2") == "Rainy work"
        assert screen.calls() == []
        screen.settle()
        assert screen.serious_problems() == []
        screen.page.click("dialog .primary")
        screen.page.wait_for_selector("sw-timer-ring")
        assert screen.calls()[0][1]["program"] == PROGRAM


def test_a_link_that_holds_nothing_says_so(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.page.evaluate("location.hash = '#sound=broken'")
        screen.page.reload()
        screen.page.wait_for_selector("text=This link holds no sound")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_week_as_bars_and_as_a_table(posed: Theatre, theme: str) -> None:
    with posed.open(320, 800, color_scheme=theme) as screen:
        screen.page.route("**/api/stats*", lambda route: route.fulfill(json={"ok": True, "data": STATS}))
        screen.begin()
        screen.end("completed")
        screen.page.click("text=Stats")
        screen.page.click("text=As a table")
        assert "Mon 1 10 min" in screen.text("dialog .figures >> nth=0")
        assert "7 % of what is held to be safe" in screen.text("dialog")
        screen.settle()
        assert screen.serious_problems() == []
        assert screen.overflow_px() == 0


def test_what_was_left_unfinished_goes_on(posed: Theatre) -> None:
    resume = {
        "session": "s1",
        "title": "Sleep",
        "mode": "sleep",
        "preset": "sleep",
        "device": "Phone",
        "planned_s": 2700,
        "heard_s": 1500,
        "left_s": 1200,
        "started_at": 1_794_693_600,
        "ended_at": 1_794_695_100,
    }
    shelf = {"own": [], "favourites": [], "resume": resume}
    with posed.open(320, 800, timezone_id="UTC") as screen:
        screen.page.clock.set_fixed_time("2026-11-15T09:00:00Z")
        screen.page.route("**/api/library", lambda route: route.fulfill(json={"ok": True, "data": shelf}))
        screen.page.route(
            "**/api/listening/sessions/s1",
            lambda route: route.fulfill(json={"ok": True, "data": {**resume, "program": PROGRAM}}),
        )
        screen.page.evaluate("localStorage['soundwell.visited'] = 'true'")
        screen.page.reload()
        screen.page.wait_for_selector("sw-resume button")
        assert screen.text("sw-resume") == "Continue Sleep, yesterday 22:00, 20 min left"
        assert screen.overflow_px() == 0
        assert screen.serious_problems() == []
        screen.page.click("sw-resume button")
        screen.page.wait_for_selector("sw-timer-ring")
        start = screen.calls()[0][1]
        assert (start["program"], start["duration_s"]) == (PROGRAM, 1200)
