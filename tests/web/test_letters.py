"""What we write, looked at in a real browser: legible at night and by day, in a hand, loading nothing."""

from __future__ import annotations

import json
import re
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import pytest

from server.providers.letters import Action, compose
from tests.serving import wait_until
from tests.web.screen import AXE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

Theme = Literal["dark", "light"]
URL = f"https://sound.example/verify/{'x' * 60}"
LONG = compose(
    "Confirm your address, which is rather a long one",
    ["Welcome to Soundwell.", "Your sounds and your minutes have come with you. " * 4],
    action=Action("Confirm my address", URL),
    small_print="The link is good for two days.",
    unsubscribe_url=URL,
)
SHORT = compose("Your password was changed", ["If that was you, there is nothing to do."])
PROBLEMS = """async () => (await axe.run({iframes: false})).violations
  .filter(({impact}) => impact === "serious" || impact === "critical")
  .flatMap(({id, nodes}) => nodes.map((node) => `${id}: ${node.html}`))"""


@contextmanager
def opened(browser: Browser, theme: Theme, width: int) -> Iterator[Page]:
    """A page whose console must stay silent."""
    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 800})
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    try:
        yield page
        assert said == []
    finally:
        context.close()


def problems(page: Page) -> list[str]:
    """What axe-core finds that is serious or critical; a letter in a frame is looked at for itself."""
    page.evaluate(AXE.read_text())
    found: list[str] = page.evaluate(PROBLEMS)
    return found


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [320, 1280])
def test_a_letter_is_legible_fits_and_loads_nothing(browser: Browser, theme: Theme, width: int) -> None:
    with opened(browser, theme, width) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for body in (LONG, SHORT):
            page.set_content(body.html)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert problems(page) == []
            assert page.locator("h1").is_visible()
        assert asked == []


@pytest.mark.req("S1-70")
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_outbox_shows_a_letter_whose_link_opens(browser: Browser, address: str, theme: Theme) -> None:
    to = f"{theme}@example.org"
    ask = json.dumps({"email": to}).encode()
    urllib.request.urlopen(f"{address}/api/newsletter", ask).close()
    wait_until(lambda: to in urllib.request.urlopen(f"{address}/api/dev/outbox?to={to}").read().decode())
    with opened(browser, theme, 1280) as page:
        page.goto(f"{address}/dev/outbox")
        page.click(f"nav a:has-text('{to}')")
        assert problems(page) == []
        letter = page.frame_locator("iframe")
        assert letter.locator("h1").inner_text() == "Would you like our letters?"
        with page.context.expect_page() as opening:
            letter.locator("a", has_text=re.compile("^Yes")).click()
        question = opening.value
        assert problems(question) == []
        question.click("button")
        assert question.inner_text("h1") == "Thank you"
