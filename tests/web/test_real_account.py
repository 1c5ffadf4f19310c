"""Having an account, by keyboard, on the real server: what a guest made comes along, and nothing stops."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from tests.web.conftest import Theatre
    from tests.web.screen import Screen

pytestmark = pytest.mark.browser

PASSWORD: Final = "gentle rain"
NEXT_PASSWORD: Final = "heavy rain, later"
MAILS: Final = "fetch('/api/dev/outbox').then((answer) => answer.json()).then(({ data }) => data.letters)"
HEARD: Final = """document.querySelector('sw-shell').player.log
  .filter(({ kind }) => kind === 'line' || kind === 'worklet').length"""
INSTANCE: Final = "JSON.stringify(document.querySelector('sw-shell').player.instance())"


@pytest.mark.req("S1-103", "S3-205")
@pytest.mark.parametrize("width", [1280, 320])
def test_an_account_from_signing_up_to_another_device(live: Theatre, width: int) -> None:
    email = f"jo.{width}@example.org"
    with live.open(width, 800) as screen, live.open() as other:
        listens_as_guest(screen)
        signs_up(screen, email)
        follows_the_link(screen, email)
        changes_the_password(screen)
        logs_in(other, email, NEXT_PASSWORD)
        logs_out_the_other(screen, other)
        logs_out_and_in(screen, email)
        assert screen.overflow_px() == 0


def listens_as_guest(screen: Screen) -> None:
    """It plays; a preset and a favourite are kept."""
    keyboard = screen.page.keyboard
    screen.begin()
    screen.until("document.querySelector('sw-shell').player.state.buffered_s > 2")
    keyboard.press("f")
    screen.page.wait_for_selector(".heart[aria-pressed='true']")
    keyboard.press("s")
    screen.page.wait_for_selector("dialog.save[open]")
    screen.reach("Name")
    keyboard.press("Control+a")
    keyboard.type("Rainy work")
    keyboard.press("Enter")
    screen.page.wait_for_selector("dialog", state="detached")


def signs_up(screen: Screen, email: str) -> None:
    """The same session, on the same line: nothing was played again, nothing was missing."""
    keyboard = screen.page.keyboard
    before = (screen.state("session"), screen.page.evaluate(HEARD), screen.page.evaluate(INSTANCE))
    screen.reach("Sign in")
    keyboard.press("Enter")
    along = "Your preset “Rainy work”, your favourites and this session come along."
    screen.page.wait_for_selector(f"text={along}")
    keyboard.type(email)
    keyboard.press("Tab")
    keyboard.type(PASSWORD)
    assert screen.text("#auth-password-note") == "Long enough"
    keyboard.press("Enter")
    screen.page.wait_for_selector(f"text=A mail is on its way to {email}.")
    screen.reach("Done")
    keyboard.press("Enter")
    screen.page.wait_for_selector("dialog", state="detached")
    screen.probe("played", screen.state("position_s") + 1)
    after = (screen.state("session"), screen.page.evaluate(HEARD), screen.page.evaluate(INSTANCE))
    assert (after, screen.state("dropouts")) == (before, 0)
    assert keeps(screen) == (["Rainy work"], ["focus"])


def keeps(screen: Screen) -> tuple[list[str], list[str]]:
    """Names of own sounds, and favourites, as the page has them from the server."""
    keyboard = screen.page.keyboard
    screen.page.evaluate("localStorage.removeItem('soundwell.library')")
    keyboard.press("l")
    screen.page.wait_for_selector(".shelf-row[data-own]")
    keyboard.press("Escape")
    screen.page.wait_for_selector("dialog", state="detached")
    shelf: dict[str, Any] = screen.page.evaluate(
        "(({ own, favourites }) => ({ own, favourites }))"
        "(document.querySelector('sw-listen').listening.library.shelf)"
    )
    return [one["title"] for one in shelf["own"]], shelf["favourites"]


def follows_the_link(screen: Screen, email: str) -> None:
    """The newest mail to this address, and what stands in it."""
    screen.until(f"{MAILS}.then((letters) => letters.some(({{ to }}) => to === '{email}'))")
    letters: list[dict[str, str]] = screen.page.evaluate(MAILS)
    text = next(letter["text"] for letter in letters if letter["to"] == email)
    link = re.search(r"#verify/\S+", text)
    assert link
    screen.page.evaluate("(link) => { location.hash = link; }", link[0])
    screen.page.wait_for_selector("text=Thank you, your address is confirmed.")
    assert "verify" not in screen.page.url
    screen.page.keyboard.press("Escape")
    screen.page.wait_for_selector("dialog", state="detached")


def changes_the_password(screen: Screen) -> None:
    """By the menu to the account; the address is confirmed there."""
    keyboard = screen.page.keyboard
    screen.page.focus(".initial")
    keyboard.press("Enter")
    screen.page.wait_for_selector("[role=menu]")
    assert screen.focused() == "Account"
    keyboard.press("Enter")
    screen.page.wait_for_selector(".verified[data-kind=good]")
    screen.reach("Current password")
    keyboard.type(PASSWORD)
    screen.reach("New password")
    keyboard.type(NEXT_PASSWORD)
    keyboard.press("Enter")
    screen.page.wait_for_selector("text=Your password is changed. Other devices are logged out.")


def logs_in(screen: Screen, email: str, password: str) -> None:
    """On any page of a guest."""
    keyboard = screen.page.keyboard
    screen.page.focus(".door .button")
    keyboard.press("Enter")
    screen.page.wait_for_selector("dialog.auth[open]")
    screen.reach("Log in")
    keyboard.press("Enter")
    screen.reach("E-mail")
    keyboard.type(email)
    screen.reach("Password")
    keyboard.type(password)
    keyboard.press("Enter")
    screen.page.wait_for_selector(".initial")


def logs_out_the_other(screen: Screen, other: Screen) -> None:
    """One press here, and over there is a guest."""
    keyboard = screen.page.keyboard
    screen.reach("Sessions")
    keyboard.press("Enter")
    screen.page.wait_for_selector(".rows >> text=This device")
    screen.reach("Log out Chrome on Linux")
    keyboard.press("Enter")
    screen.page.wait_for_selector("[role=status] >> text=Chrome on Linux is logged out.")
    other.page.wait_for_selector(".door .button:visible")
    other.page.wait_for_selector("sw-announcer >> text=This login has ended.", state="attached")


def logs_out_and_in(screen: Screen, email: str) -> None:
    """The sound goes on as a guest's, and then as one's own again."""
    page = screen.page
    mine = screen.state("session")
    page.focus(".initial")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=menu]")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.wait_for_selector(".door .button:visible")
    page.wait_for_selector("sw-timer-ring")
    screen.until(f"document.querySelector('sw-shell').player.state.session !== '{mine}'")
    goes_on(screen)
    logs_in(screen, email, NEXT_PASSWORD)
    goes_on(screen)
    assert keeps(screen) == (["Rainy work"], ["focus"])


def goes_on(screen: Screen) -> None:
    """Connected, and heard."""
    screen.page.wait_for_selector(".connection[data-connection='connected']", state="attached")
    screen.probe("played", screen.state("position_s") + 1)
    assert (screen.state("transport"), screen.state("dropouts")) == ("playing", 0)
