"""Each state of the Listen screen, in words: what a person reads, and what a test can."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Theatre

pytestmark = pytest.mark.browser

CONNECTIONS: dict[str, tuple[dict[str, float], str]] = {
    "connecting": ({}, "Connecting"),
    "connected": ({}, "Connected"),
    "buffering": ({"buffered_s": 1.2}, "Buffering 1.2 s"),
    "reconnecting": ({"attempt": 3}, "Reconnecting (3)"),
    "offline": ({}, "Offline"),
    "blocked": ({}, "Waiting for you"),
    "taken-over": ({}, "Playing elsewhere"),
    "unsupported": ({}, "No sound here"),
}
BANNERS = {
    "offline": "Offline. The sound goes on by itself when the connection is back.",
    "blocked": "Your browser holds the sound back. Press play once more.",
    "taken-over": "Playing on another device. Here it waits where it was. Play here",
    "unsupported": (
        "This address cannot play. "
        "Sound needs https: serve with --tls, or open localhost on the server's own machine."
    ),
}


def test_idle_offers_three_wells_and_chips(posed: Theatre) -> None:
    with posed.open() as screen:
        names = screen.page.locator(".mode-name").all_inner_texts()
        assert names == ["Focus", "Relax", "Sleep"]
        assert screen.page.locator(".begin .chips .chip").all_inner_texts() == ["Deep work", "Energize"]
        assert screen.page.locator(".mode.gold").count() == 1
        assert screen.text("sw-transport").startswith("Nothing is playing")


def test_the_hour_suggests_the_gold_well(posed: Theatre) -> None:
    with posed.open(timezone_id="UTC") as screen:
        for hour, suggested in [(9, "Focus"), (18, "Relax"), (23, "Sleep"), (3, "Sleep")]:
            screen.page.clock.set_fixed_time(f"2026-11-14T{hour:02}:10:00Z")
            screen.pose()
            assert screen.text(".mode.gold .mode-name") == suggested
            assert f"Press Space to start {suggested}" in screen.text("sw-transport")


def test_presets_that_do_not_come_say_so_and_can_be_tried_again(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.page.route("**/api/presets", lambda route: route.fulfill(status=503, json={"ok": False}))
        screen.page.evaluate("document.querySelector('sw-wells').listening.load()")
        screen.page.wait_for_selector(".failure")
        assert screen.text(".failure") == (
            "Soundwell cannot be reached now. The sounds come back with the connection. "
            "Soft noise can be made on this device meanwhile. Try again Play soft noise"
        )
        screen.page.unroute("**/api/presets")
        screen.page.click(".failure button")
        screen.page.wait_for_selector(".mode .disc")


def test_playing_shows_time_why_intensity_and_facts(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.begin()
        screen.pose(position_s=378, remaining_s=1122, buffered_s=12)
        assert screen.text(".well-time") == "18:42"
        assert screen.text(".well-name") == "Focus"
        assert "You asked for Low." in screen.text("sw-why")
        assert screen.text("sw-intensity").startswith("Intensity Low 20 %")
        assert screen.text("sw-timer-facts").startswith("25 min ends ")
        assert screen.text("sw-foot").endswith("0 dropouts")
        assert screen.text("sw-transport").startswith("Focus 18:42 left")


def test_the_first_visit_begins_low_and_the_next_as_the_preset_says(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.begin()
        assert screen.calls()[0][1]["params"] == {"am.depth": 20}
        screen.page.reload()
        screen.page.wait_for_selector(".mode .disc")
        screen.begin()
        assert screen.calls()[0][1]["params"] is None


def test_pause_says_so(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.begin()
        screen.page.click(".well-disc")
        assert screen.page.get_attribute(".well-disc", "aria-label") == "Play Focus"
        assert "Paused, 25:00 left" in screen.text("sw-transport")
        assert "paused" in screen.text("sw-timer-facts")


def test_the_connection_is_a_shape_and_a_word(posed: Theatre) -> None:
    shapes = set()
    with posed.open() as screen:
        for connection, (facts, words) in CONNECTIONS.items():
            screen.pose(connection=connection, **facts)
            assert screen.text(".connection") == words
            shapes.add(screen.probe("signal"))
    assert len(shapes) == 5


def test_what_needs_the_person_is_a_banner_that_pushes_nothing(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.begin()
        before = screen.page.locator("sw-timer-ring").bounding_box()
        for connection, words in BANNERS.items():
            screen.pose(connection=connection)
            screen.page.wait_for_selector(".banner:not([hidden])")
            assert screen.text(".banner") == words
            assert screen.page.locator("sw-timer-ring").bounding_box() == before


def test_reconnecting_is_a_dot_until_the_buffer_is_short(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.begin()
        screen.pose(connection="reconnecting", attempt=1, buffered_s=9)
        assert not screen.page.is_visible(".banner")
        screen.pose(connection="reconnecting", attempt=3, buffered_s=2.4)
        assert screen.text(".banner") == "Reconnecting, try 3. 2 s of sound left."
        screen.pose(connection="reconnecting", attempt=4, buffered_s=0)
        assert screen.text(".banner") == "Reconnecting, try 4. The sound waits where it was."
        screen.pose(connection="connected", buffered_s=10)
        assert not screen.page.is_visible(".banner")


@pytest.mark.req("S3-209")
def test_a_part_that_fails_says_so_and_the_others_go_on(posed: Theatre) -> None:
    with posed.open(provoked="lost is not defined") as screen:
        screen.begin()
        screen.page.evaluate("() => (document.querySelector('sw-foot').update = () => lost())")
        screen.pose(position_s=378, remaining_s=1122)
        assert screen.text(".toast p") == "Something on this page went wrong. What plays goes on."
        assert screen.text(".well-time") == "18:42"
        screen.page.get_by_text("Load the page again").click()
        screen.page.wait_for_selector(".mode .disc")
        assert screen.page.locator(".toast").count() == 0


def test_the_end_of_the_time(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.begin()
        screen.pose(position_s=1499.5, remaining_s=0.5)
        screen.end("completed")
        assert screen.text("h1") == "That was your time."
        assert screen.text(".heard") == "24:59 of 25:00"
        assert "Ended at" in screen.text("sw-transport")
        screen.page.click("sw-ending >> text=Skip")
        screen.page.wait_for_selector(".mode .disc")


def test_another_one_begins_with_one_press(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.begin("relax")
        screen.end("completed")
        screen.page.click("text=Another 20")
        screen.page.wait_for_selector("sw-timer-ring")
        assert [call[1]["preset"] for call in screen.calls() if call[0] == "start"] == ["relax", "relax"]


def test_the_limit_says_when_the_minutes_come_back(posed: Theatre) -> None:
    with posed.open(timezone_id="UTC") as screen:
        screen.begin("sleep")
        screen.pose(position_s=1800, remaining_s=0, limit={"left_s": 0, "resets_at": 1_794_700_800})
        screen.end("limit_reached")
        assert screen.text("h1") == "Your free minutes are used."
        assert screen.text("sw-ending .voice") == "They come back at 00:00. Your sound waits where it was."
        assert not screen.page.is_visible("text=Another 45")


@pytest.mark.parametrize(
    ("reason", "words", "next_one"),
    [
        ("stopped", "You ended it here.", "Another 25"),
        ("taken", "It plays on another device now.", "Play here"),
        ("failed", "The sound stopped.", "Begin again"),
    ],
)
def test_an_early_end_says_whose_it_was(posed: Theatre, reason: str, words: str, next_one: str) -> None:
    with posed.open() as screen:
        screen.begin()
        screen.pose(position_s=300, remaining_s=1200)
        screen.end(reason)
        assert screen.text("h1") == words
        assert screen.text("sw-announcer") == words
        assert screen.text(".heard") == "5:00 of 25:00"
        assert screen.text("sw-ending .primary") == next_one


def test_what_plays_elsewhere_can_be_taken_here(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.begin()
        screen.pose(
            transport="idle", error={"code": "playing_elsewhere", "msg": "", "sessions": [{"session": "s1"}]}
        )
        assert screen.text(".toast p") == "This plays on another device already."
        session = {"title": "Relax", "mode": "relax", "preset": "relax", "program": None, "ended_at": None}
        there = {**session, "planned_s": 1200, "heard_s": 300}
        screen.page.route("**/sessions/s1", lambda route: route.fulfill(json={"ok": True, "data": there}))
        screen.page.click(".toast >> text=Play here")
        screen.page.wait_for_selector(".well-name >> text=Relax")
        assert screen.calls()[-1][1]["take"] == "s1"


def test_an_error_is_a_sentence_that_stays_until_closed(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.pose(error={"code": "overloaded", "msg": "overloaded"})
        screen.page.wait_for_selector(".toast")
        assert screen.text(".toast p") == "The sound engine is busy. Try again in a moment."
        assert screen.page.get_attribute("sw-toast", "role") == "alert"
        screen.page.click(".toast [aria-label=Close]")
        assert screen.page.locator(".toast").count() == 0


def test_the_line_of_care_blocks_nothing_and_comes_once(posed: Theatre) -> None:
    with posed.open() as screen:
        card = screen.page.locator(".safety")
        assert "seizure disorder" in card.inner_text()
        above = screen.page.locator(".begin").bounding_box()
        card.locator("button").click()
        assert not card.is_visible()
        assert screen.page.locator(".begin").bounding_box() == above
        screen.page.reload()
        screen.page.wait_for_selector(".mode .disc")
        assert card.count() == 0


def test_binaural_says_that_it_needs_headphones_and_moves_nothing(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.begin()
        before = screen.page.locator("sw-layers").bounding_box()
        screen.page.click("sw-method label:has-text('Binaural')")
        assert screen.text("sw-method .hint") == "Needs headphones"
        assert screen.page.locator("sw-layers").bounding_box() == before
        patch = {address: value for kind, address, value in (c for c in screen.calls() if c[0] == "set")}
        assert patch == {"am.depth": 0, "iso.level": 0, "binaural.level": 20}


def test_both_sides_of_the_evidence_and_that_it_may_do_nothing(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.begin()
        screen.page.click(".why-more")
        evidence = screen.text("dialog.evidence")
        assert "It may do nothing for you." in evidence
        assert "Woods 2019" in evidence
        assert "Klichowski 2023" in evidence
        screen.page.keyboard.press("Escape")
        screen.page.wait_for_selector("dialog", state="detached")
        assert screen.focused() == "What studies say about this sound"


def test_sleep_goes_dark_a_minute_after_the_last_touch(posed: Theatre) -> None:
    with posed.open() as screen:
        screen.page.clock.install()
        screen.begin("sleep")
        screen.page.clock.fast_forward(61_000)
        assert screen.page.locator("html[data-asleep]").count() == 1
        screen.settle()
        assert screen.page.evaluate("getComputedStyle(document.querySelector('.controls')).opacity") == "0"
        screen.page.keyboard.press("Shift")
        assert screen.page.locator("html[data-asleep]").count() == 0
