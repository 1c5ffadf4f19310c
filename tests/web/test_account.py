"""The account page: profile, devices, second factor, keys, privacy; by keyboard, in every state and width."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.web.reception import AGENT, EMAIL, PASSWORD, REQUEST_ID, Reception, logs_in

if TYPE_CHECKING:
    from tests.web.conftest import Theatre
    from tests.web.screen import Screen

pytestmark = pytest.mark.browser

SECTIONS = ("profile", "sessions", "factor", "keys", "privacy")
SIZES = [(320, 800), (640, 400), (1280, 800), (2560, 1440)]


def goes(screen: Screen, section: str) -> None:
    """To a section by its link."""
    screen.page.click(f"[data-section={section}]")
    screen.page.wait_for_selector(f"sw-account[data-section={section}] .account-body > *")


def comes(screen: Screen, section: str) -> Reception:
    """To a section by its address, as somebody who is logged in."""
    reception = logs_in(screen)
    screen.page.evaluate("(section) => { location.hash = `account/${section}`; }", section)
    screen.page.wait_for_selector(f"sw-account[data-section={section}] .account-body > *")
    return reception


def looked_at(screen: Screen, state: str) -> None:
    screen.settle()
    assert (state, screen.serious_problems()) == (state, [])
    assert (state, screen.overflow_px()) == (state, 0)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_section_in_every_width(posed: Theatre, theme: str) -> None:
    with posed.open(color_scheme=theme) as screen:
        comes(screen, "profile")
        for section in SECTIONS:
            goes(screen, section)
            for width, height in SIZES:
                screen.page.set_viewport_size({"width": width, "height": height})
                assert (section, width, screen.overflow_px()) == (section, width, 0)
            looked_at(screen, section)


def test_a_finger_finds_every_control(posed: Theatre) -> None:
    with posed.open(390, 844, has_touch=True, is_mobile=True) as screen:
        comes(screen, "profile")
        for section in SECTIONS:
            goes(screen, section)
            assert screen.probe("small") == []


def test_sound_goes_on_while_one_is_there_and_nothing_is_drawn(posed: Theatre) -> None:
    with posed.open(reduced_motion="no-preference") as screen:
        logs_in(screen)
        screen.begin()
        screen.page.click(".initial")
        screen.page.click("text=Account")
        screen.page.wait_for_selector("sw-account form")
        assert screen.focused() == "Profile"
        assert screen.text(".transport-what") == "Focus"
        screen.page.wait_for_timeout(300)
        assert screen.probe("strokes") == 0
        screen.page.keyboard.press("m")
        assert screen.page.get_attribute("[aria-label=Mute]", "aria-pressed") == "true"
        screen.reach("Back to the sound")
        screen.page.keyboard.press("Enter")
        screen.page.wait_for_selector("sw-timer-ring")
        assert screen.state("transport") == "playing"


def test_an_address_for_who_is_not_logged_in(posed: Theatre) -> None:
    with posed.open() as screen:
        Reception(screen)
        screen.page.evaluate("location.hash = 'account'")
        screen.page.wait_for_selector("dialog >> text=Log in to see your account.")
        assert "#" not in screen.page.url


def test_the_profile_is_said_and_unsaid(posed: Theatre) -> None:
    with posed.open() as screen:
        page = screen.page
        reception = comes(screen, "profile")
        page.fill("#profile-name", "Jo")
        page.select_option("#profile-country", label="Germany")
        page.select_option("#profile-language", label="German")
        page.fill("#profile-bio", "Rain.")
        reception.refuse("PUT auth/profile", 400, "invalid_param", field="website")
        page.click("text=Save")
        page.wait_for_selector("#profile-website[aria-invalid='true']:focus")
        assert screen.text("#profile-website-note") == "Begin with https://, please."
        looked_at(screen, "wrong")
        page.fill("#profile-website", "https://jo.example")
        page.keyboard.press("Enter")
        page.wait_for_selector("[role=status] >> text=Saved.")
        said = {"name": "Jo", "country": "DE", "language": "de", "bio": "Rain.", "zone": "Europe/Berlin"}
        assert reception.me.items() >= {**said, "website": "https://jo.example"}.items()


def test_the_address_is_confirmed_elsewhere_and_the_page_learns_of_it(posed: Theatre) -> None:
    with posed.open() as screen:
        page = screen.page
        reception = comes(screen, "profile")
        assert screen.text(".address-line") == f"{EMAIL} Not confirmed yet"
        page.click("text=Send the link again")
        page.wait_for_selector("text=Done: POST auth/resend-verification.")
        reception.me["is_verified"] = True
        screen.page.evaluate(
            """document.querySelector('sw-shell').player.dispatchEvent(
              new CustomEvent('event', { detail: { type: 'account.verified', data: {} } }))"""
        )
        page.wait_for_selector(".verified[data-kind=good]")
        assert screen.text(".address") == f"{EMAIL} Confirmed"


def test_the_password_is_changed(posed: Theatre) -> None:
    with posed.open() as screen:
        page = screen.page
        reception = comes(screen, "profile")
        reception.refuse("POST auth/change-password", 401, "wrong_credentials", field="current_password")
        page.fill("#password-current-password", "not this")
        page.fill("#password-new-password", "another rain")
        page.keyboard.press("Enter")
        page.wait_for_selector("#password-current-password[aria-invalid='true']:focus")
        assert screen.text("#password-current-password-note") == "This password is not right."
        page.fill("#password-current-password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Done: POST auth/change-password.")
        assert page.input_value("#password-new-password") == ""


def test_devices_are_logged_out_one_by_one_and_all_at_once(posed: Theatre) -> None:
    with posed.open() as screen:
        page = screen.page
        reception = comes(screen, "sessions")
        page.wait_for_selector("text=Safari on iPhone")
        assert "192.0.2.2 · Used 2 days ago" in screen.text(".rows")
        looked_at(screen, "devices")
        page.click("[aria-label='Log out Safari on iPhone']")
        page.wait_for_selector("[role=status] >> text=Safari on iPhone is logged out.")
        assert len(reception.devices) == 1
        assert not page.is_visible("text=Log out all others")
        reception.devices.append({**reception.devices[0], "is_this": False, "device": AGENT})
        goes(screen, "privacy")
        goes(screen, "sessions")
        page.click("text=Log out all others")
        page.wait_for_selector("[role=status] >> text=1 device is logged out.")


def test_what_does_not_come_says_so_and_is_asked_for_again(posed: Theatre) -> None:
    with posed.open() as screen:
        page = screen.page
        reception = comes(screen, "profile")
        reception.refuse("GET auth/sessions", 503, "unavailable")
        goes(screen, "sessions")
        page.wait_for_selector(f".listed[data-state=error] >> text=Request {REQUEST_ID}")
        looked_at(screen, "error")
        page.click("text=Try again")
        page.wait_for_selector(".listed[data-state=ready] >> text=This device")
        reception.is_away = True
        goes(screen, "keys")
        page.wait_for_selector(".listed >> text=Soundwell cannot be reached now.")
        looked_at(screen, "away")


def test_a_second_factor_is_begun_confirmed_and_removed(posed: Theatre) -> None:
    with posed.open(permissions=["clipboard-read", "clipboard-write"]) as screen:
        page = screen.page
        reception = comes(screen, "factor")
        page.fill("#factor-password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("#factor-code:focus")
        assert screen.text(".secret-value") == "JBSW Y3DP EHPK 3PXP"
        link = page.get_attribute("text=Open in an authenticator", "href")
        assert link
        assert link.startswith("otpauth://totp/")
        looked_at(screen, "secret")
        page.keyboard.type("123456")
        page.keyboard.press("Enter")
        page.click("text=Copy the codes")
        codes: str = page.evaluate("navigator.clipboard.readText()")
        assert len(codes.split("\n")) == 10
        looked_at(screen, "codes")
        page.click("text=I have kept them")
        assert page.locator(".secret-value").count() == 0
        looked_at(screen, "on")
        assert reception.me["has_second_factor"]
        page.fill("#factor-password", PASSWORD)
        page.fill("#factor-code", "123456")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=No code is asked for any more.")


def test_keys_are_made_shown_once_and_deleted(posed: Theatre) -> None:
    with posed.open(320, 800, permissions=["clipboard-read", "clipboard-write"]) as screen:
        page = screen.page
        reception = comes(screen, "keys")
        page.wait_for_selector("text=No keys yet.")
        reception.refuse("POST auth/api-keys", 403, "email_not_verified")
        page.fill("#key-name", "Lamp")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Refused: email_not_verified.")
        page.click("text=Spend tokens")
        page.click("form .submit")
        page.click("text=Copy the key")
        page.wait_for_selector("text=Copied.")
        assert page.evaluate("navigator.clipboard.readText()").startswith("sw_live_")
        looked_at(screen, "made")
        assert screen.text(".row") == "Lamp Listen, Spend tokens · never used Delete"
        page.click("[aria-label='Delete Lamp']")
        page.wait_for_selector("text=Lamp is deleted.")
        goes(screen, "privacy")
        goes(screen, "keys")
        assert page.locator(".secret-value").count() == 0


def test_taking_everything_along_and_going(posed: Theatre) -> None:
    with posed.open() as screen:
        page = screen.page
        reception = comes(screen, "privacy")
        with page.expect_download() as taken:
            page.click("text=Download my data")
        assert taken.value.suggested_filename == "soundwell.json"
        assert json.loads(Path(taken.value.path()).read_text()) == {"account": {"email": EMAIL}}
        page.wait_for_selector("text=Your file is ready.")
        reception.refuse("DELETE account", 401, "wrong_credentials")
        page.fill("#delete-password", "not this")
        page.keyboard.press("Enter")
        page.wait_for_selector("#delete-password[aria-invalid='true']:focus")
        looked_at(screen, "wrong")
        page.fill("#delete-password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector(".door .button:visible")
        page.wait_for_selector(".mode .disc")
        assert screen.calls()[-1] == ["become", "reconnect"]


def test_forced_colours_and_plain_words(posed: Theatre) -> None:
    with posed.open(forced_colors="active") as screen:
        comes(screen, "keys")
        screen.page.evaluate("document.documentElement.toggleAttribute('data-plain', true)")
        looked_at(screen, "forced")
        assert screen.text(".rail [aria-current]") == "API keys"
