"""A server on another host without TLS, where no browser plays; and a day whose free minutes are used."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final

import pytest

from tests.browser.chromium import find_chromium
from tests.serving import Serving
from tests.web.conftest import Theatre

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

HOST: Final = "soundwell.test"
FREE_S: Final = 14
FLAGS: Final = ["--no-sandbox", f"--host-resolver-rules=MAP {HOST} 127.0.0.1"]


@pytest.fixture(scope="module")
def port(folder_for_services: Path) -> Iterator[int]:
    """Where a server answers to two names and gives little for nothing."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    names = f"{HOST}:{port},127.0.0.1:{port}"
    env = {"PUBLIC_HOSTS": names, "FREE_LISTENING_S": str(FREE_S)}
    with Serving(folder_for_services / "other", "--port", str(port), env=env):
        yield port


@pytest.mark.timeout(180)
def test_plain_http_from_another_host_says_what_to_do_and_the_rest_works(browser: Browser, port: int) -> None:
    far = browser.browser_type.launch(executable_path=find_chromium(), args=FLAGS)
    try:
        with Theatre(far, f"http://{HOST}:{port}/", is_posed=False).open() as screen:
            assert not screen.page.evaluate("isSecureContext")
            screen.page.wait_for_selector(".banner:not([hidden])")
            assert screen.text(".banner") == (
                "This address cannot play. "
                "Sound needs https: serve with --tls, or open localhost on the server's own machine."
            )
            assert screen.serious_problems() == []
            screen.page.keyboard.press("1")
            screen.page.wait_for_selector(".toast >> text=Sound needs https")
            screen.page.keyboard.press("l")
            screen.page.click("[aria-label='Favourite: Relax']")
            screen.page.wait_for_selector("[aria-label='Favourite: Relax'][aria-pressed=true]")
            screen.page.click("dialog >> text=Stats")
            screen.page.wait_for_selector("text=Sound dose of seven days")
    finally:
        far.close()


@pytest.mark.req("S0-46")
def test_used_minutes_end_softly_and_say_when_they_come_back(browser: Browser, port: int) -> None:
    with Theatre(browser, f"http://127.0.0.1:{port}/", is_posed=False).open(timezone_id="UTC") as screen:
        screen.begin()
        screen.page.wait_for_selector("sw-ending[data-kind=limit]")
        screen.settle()
        assert screen.text("h1") == "Your free minutes are used."
        assert screen.text("sw-ending .voice").startswith("They come back at 00:00.")
        assert screen.serious_problems() == []
        screen.page.click("sw-ending >> text=Skip")
        screen.page.keyboard.press("1")
        screen.page.wait_for_selector(".toast >> text=They come back at 00:00.")
