"""The way in: sign up, log in, a second factor, a way back, the links of mails, and who is here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.web.reception import EMAIL, PASSWORD, REQUEST_ID, Reception, logs_in
from tests.web.test_library import Shelf

if TYPE_CHECKING:
    from tests.web.conftest import Theatre
    from tests.web.screen import Screen

pytestmark = [pytest.mark.browser, pytest.mark.req("S1-103")]

FIT = "(dialog) => dialog.scrollWidth - dialog.clientWidth"


def opens(screen: Screen, tab: str = "up") -> Reception:
    """The dialog, as a guest comes to it."""
    reception = Reception(screen)
    screen.page.click(".door button")
    screen.page.wait_for_selector("dialog.auth[open]")
    if tab == "in":
        screen.page.click("[data-tab=in]")
    screen.settle()
    return reception


def types(screen: Screen, email: str = EMAIL, password: str = PASSWORD) -> None:
    screen.page.fill("#auth-email", email)
    screen.page.fill("#auth-password", password)
    screen.page.keyboard.press("Enter")


def problem(screen: Screen, field: str) -> str:
    """What is said below a field that is marked as wrong, and has the focus."""
    page = screen.page
    page.wait_for_selector(f"#{field}[aria-invalid='true']")
    assert page.evaluate("document.activeElement.id") == field
    assert page.get_attribute(f"#{field}", "aria-describedby") == f"{field}-note"
    return screen.text(f"#{field}-note")


def looked_at(screen: Screen, state: str) -> None:
    """Nothing serious, and nothing beyond the edge."""
    screen.settle()
    assert (state, screen.serious_problems()) == (state, [])
    assert (state, screen.overflow_px()) == (state, 0)
    assert (state, screen.page.locator("dialog[open]").evaluate(FIT)) == (state, 0)


@pytest.mark.parametrize(("theme", "width"), [("dark", 1280), ("light", 320)])
def test_every_state_of_signing_up(posed: Theatre, theme: str, width: int) -> None:
    with posed.open(width, 800, color_scheme=theme) as screen:
        page = screen.page
        reception = opens(screen)
        assert screen.focused() == "E-mail"
        looked_at(screen, "empty")
        types(screen, "jo", "short")
        assert problem(screen, "auth-email") == "Please check this address."
        assert screen.text("#auth-password-note") == "8 characters or more, please."
        looked_at(screen, "wrong")
        page.fill("#auth-password", "short")
        assert screen.text("#auth-password-note") == "3 characters to go"
        assert reception.asked == []
        reception.refuse("POST auth/register", 409, "email_taken", field="email")
        types(screen)
        assert problem(screen, "auth-email") == "Refused: email_taken."
        assert screen.text("#auth-password-note") == "Long enough"
        reception.refuse("POST auth/register", 400, "weak_password", field="password")
        types(screen)
        assert problem(screen, "auth-password") == "Refused: weak_password."
        reception.refuse("POST auth/register", 500, "internal")
        types(screen)
        page.wait_for_selector(f"text=Request {REQUEST_ID}")
        looked_at(screen, "our error")
        reception.is_away = True
        types(screen)
        page.wait_for_selector("dialog >> text=Soundwell cannot be reached now. Nothing was changed.")
        reception.is_away = False
        types(screen)
        page.wait_for_selector(f"text=A mail is on its way to {EMAIL}.")
        looked_at(screen, "signed up")
        assert screen.calls() == [["become", "renew"]]
        page.click("text=Done")
        page.wait_for_selector("dialog", state="detached")
        assert page.get_attribute(".initial", "aria-label") == f"Account of {EMAIL}"


def test_the_id_of_a_request_can_be_taken_along(posed: Theatre) -> None:
    with posed.open(permissions=["clipboard-read", "clipboard-write"]) as screen:
        reception = opens(screen)
        reception.refuse("POST auth/register", 500, "internal")
        types(screen)
        screen.page.click("[aria-label='Copy the request id, for a report']")
        screen.page.wait_for_selector("dialog >> text=Copied")
        assert screen.page.evaluate("navigator.clipboard.readText()") == REQUEST_ID


def test_too_fast_is_told_with_the_seconds_and_waits_for_them(posed: Theatre) -> None:
    with posed.open() as screen:
        page = screen.page
        page.clock.install()
        reception = opens(screen, "in")
        reception.refuse("POST auth/login", 429, "rate_limited", retry_after_s=600)
        types(screen)
        page.wait_for_selector("dialog >> text=A little too fast. Ready again in")
        assert page.get_attribute("dialog .submit", "aria-disabled") == "true"
        looked_at(screen, "too fast")
        page.keyboard.press("Enter")
        page.clock.fast_forward(601_000)
        page.wait_for_selector("dialog .submit:not([aria-disabled])")
        assert reception.asked == ["POST auth/login"]
        page.keyboard.press("Enter")
        page.wait_for_selector("dialog", state="detached")
        assert screen.calls() == [["become", "reconnect"]]


def test_what_comes_along_is_named(posed: Theatre) -> None:
    with posed.open() as screen:
        shelf = Shelf(screen)
        shelf.own = shelf.own[:1]
        opens(screen)
        screen.page.wait_for_selector("text=Your preset “Rainy work” comes along.")
        screen.page.keyboard.press("Escape")
        screen.begin()
        screen.page.click(".door button")
        lead = "Your preset “Rainy work” and this session come along."
        screen.page.wait_for_selector(f"text={lead}")


def test_a_second_factor_is_asked_for_where_there_is_one(posed: Theatre) -> None:
    with posed.open(320, 800) as screen:
        reception = opens(screen, "in")
        reception.refuse("POST auth/login", 401, "wrong_credentials")
        types(screen, password="not this")
        assert problem(screen, "auth-password") == "E-mail or password is not right."
        reception.refuse("POST auth/login", 401, "second_factor_needed", field="code")
        types(screen)
        screen.page.wait_for_selector("#auth-code:focus")
        looked_at(screen, "code")
        reception.refuse("POST auth/login", 401, "wrong_credentials")
        screen.page.keyboard.type("000000")
        screen.page.keyboard.press("Enter")
        assert problem(screen, "auth-code").startswith("This code is not right.")
        screen.page.keyboard.press("Enter")
        screen.page.wait_for_selector("dialog", state="detached")
        screen.page.wait_for_selector(f"sw-announcer >> text=You are logged in as {EMAIL}.", state="attached")


def test_a_password_can_be_shown_and_a_guest_may_stay_one(posed: Theatre) -> None:
    with posed.open() as screen:
        page = screen.page
        opens(screen)
        page.fill("#auth-password", PASSWORD)
        screen.reach("Show the password")
        page.keyboard.press("Enter")
        assert page.get_attribute("#auth-password", "type") == "text"
        assert page.get_attribute("[aria-label='Show the password']", "aria-pressed") == "true"
        screen.reach("Stay as guest")
        page.keyboard.press("Enter")
        page.wait_for_selector("dialog", state="detached")
        assert screen.focused() == "Sign in"


def test_a_way_back_for_who_has_lost_the_password(posed: Theatre) -> None:
    with posed.open() as screen:
        page = screen.page
        reception = opens(screen, "in")
        page.fill("#auth-email", EMAIL)
        page.click("text=Forgot the password?")
        assert page.input_value("#forgot-email") == EMAIL
        looked_at(screen, "forgotten")
        page.click("text=Send the link")
        page.wait_for_selector("dialog >> text=Done: POST auth/request-password-reset.")
        assert reception.asked == ["POST auth/request-password-reset"]
        page.click("text=Back to log in")
        assert page.get_attribute("[data-tab=in]", "aria-pressed") == "true"


def test_the_link_of_a_mail_sets_a_new_password(posed: Theatre) -> None:
    with posed.open() as screen:
        page = screen.page
        reception = Reception(screen)
        follows(screen, "reset/old-token")
        reception.refuse("POST auth/reset-password", 400, "bad_token", field="token")
        page.fill("#reset-new-password", "another rain")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=This link is not valid any more.")
        looked_at(screen, "old link")
        page.click("text=Send a new link")
        page.wait_for_selector("#forgot-email")
        page.keyboard.press("Escape")
        follows(screen, "reset/token")
        looked_at(screen, "reset")
        page.fill("#reset-new-password", "another rain")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Your new password is set. Log in with it.")
        assert page.get_attribute("[data-tab=in]", "aria-pressed") == "true"
        page.keyboard.press("Escape")
        follows(screen, "forgot")
        page.wait_for_selector("#forgot-email")


def test_the_link_of_a_mail_confirms_the_address(posed: Theatre) -> None:
    with posed.open() as screen:
        page = screen.page
        reception = logs_in(screen)
        follows(screen, "verify/token")
        page.wait_for_selector("text=Thank you, your address is confirmed.")
        looked_at(screen, "confirmed")
        screen.until("document.querySelector('sw-shell .initial')")
        page.keyboard.press("Escape")
        reception.refuse("POST auth/verify-email", 400, "bad_token", field="token")
        follows(screen, "verify/old")
        page.click("text=Send a new link")
        page.wait_for_selector("text=Done: POST auth/resend-verification.")


def follows(screen: Screen, link: str) -> None:
    """As from a mail into the open page; what it proves is gone from the address at once."""
    screen.page.evaluate("(link) => { location.hash = link; }", link)
    screen.page.wait_for_selector("dialog.auth[open]")
    assert "#" not in screen.page.url


@pytest.mark.req("S3-205")
def test_the_menu_walks_by_arrows_and_lets_go(posed: Theatre) -> None:
    with posed.open() as screen:
        page = screen.page
        reception = logs_in(screen)
        page.focus(".initial")
        page.keyboard.press("Enter")
        page.wait_for_selector("[role=menu]")
        assert screen.text(".menu-who") == f"{EMAIL} Free"
        assert screen.serious_problems() == []
        walked = [screen.focused()]
        for pressed in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp", "Home", "End"):
            page.keyboard.press(pressed)
            walked.append(screen.focused())
        names = ["Account", "Shortcuts", "Log out"]
        assert walked == [*names, "Account", "Log out", "Account", "Log out"]
        page.keyboard.press("Escape")
        assert screen.focused() == f"Account of {EMAIL}"
        assert page.locator("[role=menu]").count() == 0
        page.click(".initial")
        page.mouse.click(300, 500)
        page.wait_for_selector("[role=menu]", state="detached")
        page.click(".initial")
        reception.is_away = True
        page.click("text=Log out")
        page.wait_for_selector("dialog >> text=Soundwell cannot be reached now.")
        page.keyboard.press("Escape")
        reception.is_away = False
        page.click(".initial")
        page.click("text=Log out")
        page.wait_for_selector(".door .button:visible")
        assert page.evaluate("localStorage['soundwell.login']") == "false"
        assert screen.calls()[-1] == ["become", "reconnect"]


def test_a_login_goes_on_by_one_refresh_and_is_kept_nowhere(posed: Theatre) -> None:
    with posed.open() as screen:
        page = screen.page
        assert page.evaluate("localStorage['soundwell.login']") is None
        reception = logs_in(screen)
        assert reception.asked == ["POST auth/refresh"]
        kept = page.evaluate("JSON.stringify({...localStorage, ...sessionStorage}) + document.cookie")
        assert "token" not in kept
        asks_twice: Any = page.evaluate(
            """async () => {
              const { get } = await import(performance.getEntriesByType('resource')
                .map(({ name }) => name).find((name) => name.endsWith('/net/rest.js')));
              return (await Promise.all([get('/api/auth/me'), get('/api/auth/sessions')])).length;
            }"""
        )
        assert asks_twice == 2


def test_an_aged_proof_is_renewed_once_for_all_who_wait(posed: Theatre) -> None:
    with posed.open() as screen:
        page = screen.page
        reception = logs_in(screen)
        for what in ("GET auth/me", "GET auth/sessions"):
            reception.refuse(what, 401, "unauthenticated")
        page.evaluate(
            """async () => {
              const { get } = await import(performance.getEntriesByType('resource')
                .map(({ name }) => name).find((name) => name.endsWith('/net/rest.js')));
              await Promise.all([get('/api/auth/me'), get('/api/auth/sessions')]);
            }"""
        )
        assert sorted(reception.asked[1:]) == [
            "GET auth/me",
            "GET auth/me",
            "GET auth/sessions",
            "GET auth/sessions",
            "POST auth/refresh",
        ]
        assert screen.calls()[-1] == ["become", "keep"]


def test_a_login_that_ended_elsewhere_leaves_a_guest(posed: Theatre) -> None:
    with posed.open() as screen:
        page = screen.page
        reception = logs_in(screen)
        page.evaluate("location.hash = 'account/sessions'")
        page.wait_for_selector("text=This device")
        reception.refuse("GET auth/api-keys", 401, "signed_out")
        reception.refuse("POST auth/refresh", 401, "signed_out")
        page.click("[data-section=keys]")
        page.wait_for_selector(".door .button:visible")
        page.wait_for_selector("sw-announcer >> text=This login has ended.", state="attached")
        page.wait_for_selector(".mode .disc")
        assert screen.calls()[-1] == ["become", "reconnect"]


def test_a_login_whose_server_is_away_comes_back_with_the_line(posed: Theatre) -> None:
    with posed.open() as screen:
        reception = Reception(screen)
        reception.is_away = True
        screen.page.evaluate("localStorage['soundwell.login'] = 'true'")
        screen.page.reload()
        screen.page.wait_for_selector(".door .button:visible")
        reception.is_away = False
        screen.pose(connection="reconnecting", attempt=1)
        screen.pose(connection="connected")
        screen.page.wait_for_selector(".initial")


def test_forced_colours_and_plain_words(posed: Theatre) -> None:
    with posed.open(forced_colors="active") as screen:
        opens(screen)
        screen.page.fill("#auth-password", "short")
        assert screen.text("#auth-password-note") == "3 characters to go"
        looked_at(screen, "forced")
    with posed.open() as screen:
        screen.page.evaluate("document.documentElement.toggleAttribute('data-plain', true)")
        opens(screen)
        looked_at(screen, "plain")
