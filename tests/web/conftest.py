"""What the page's tests may ask for: the page on a real server, and on a player that can be posed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.serving import Serving
from tests.web.screen import ROOT, Screen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, ConsoleMessage

STANDIN = ROOT / "tests/web/standin/player.js"
PROBES = ROOT / "tests/web/probes.js"
MOVING = "no-preference"
"""The `reduced_motion` of a person who has not asked for less."""
_BUSINESS = (
    "Failed to load resource",
    "WebSocket connection to",
    "The Cross-Origin-Opener-Policy header has been ignored",  # over plain HTTP
)


@dataclass(frozen=True)
class Theatre:
    """Opens the page in whatever circumstances a test needs."""

    browser: Browser
    address: str
    is_posed: bool

    @contextmanager
    def open(
        self, width: int = 1280, height: int = 800, provoked: str | None = None, **circumstances: Any
    ) -> Iterator[Screen]:
        """A fresh person's page, with its wells shown; any error in it but the `provoked` one fails the test.

        It stands still unless motion is asked for: two cores have better things to draw.
        """
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            locale="en-GB",
            **{"color_scheme": "dark", "reduced_motion": "reduce", **circumstances},
        )
        context.set_default_timeout(60_000)
        page = context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.extend(_told(message)))
        page.route("**/page-units/*", lambda route: route.fulfill(path=PROBES))
        if self.is_posed:
            page.route("**/audio/player.js", lambda route: route.fulfill(path=STANDIN))
        try:
            page.goto(self.address)
            page.wait_for_selector(".mode .disc")
            yield Screen(page)
            assert [problem for problem in problems if provoked is None or provoked not in problem] == []
        finally:
            context.close()


def _told(message: ConsoleMessage) -> list[str]:
    """What the browser complains of; errors as answers and broken lines are the page's business."""
    is_problem = message.type == "error" and not message.text.startswith(_BUSINESS)
    return [message.text] if is_problem else []


@pytest.fixture(scope="session")
def address(folder_for_services: Path) -> Iterator[str]:
    """A whole server, as people start it."""
    with Serving(folder_for_services / "page") as serving:
        yield serving.address


@pytest.fixture(scope="session")
def live(browser: Browser, address: str) -> Theatre:
    """The page with everything that is behind it."""
    return Theatre(browser, address, is_posed=False)


@pytest.fixture(scope="session")
def posed(browser: Browser, address: str) -> Theatre:
    """The page with a player that takes any state on demand: a healthy server never shows most of them."""
    return Theatre(browser, address, is_posed=True)
