"""The shell without a server: it opens, says so, makes a plain sound, and comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web.conftest import Theatre

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.product import Product
    from tests.web.screen import Screen

pytestmark = pytest.mark.browser

KEPT = """navigator.serviceWorker.getRegistration('/')
  .then((found) => found?.active?.state === 'activated')"""
CACHED = """caches.keys().then(async ([name]) =>
  (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname))"""


@pytest.mark.req("S3-253")
def test_the_shell_opens_without_a_server_and_comes_back(browser: Browser, product: Product) -> None:
    line = product.lines[2]
    with Theatre(browser, f"{line.origin}/", is_posed=False).open() as screen:
        page = screen.page
        screen.begin()
        screen.until(KEPT)
        assert_whole(screen)
        line.cut(600)
        page.reload()
        page.wait_for_selector("sw-away")
        assert screen.text("sw-away .voice") == "Soundwell cannot be reached now."
        assert page.evaluate("crossOriginIsolated")
        assert screen.serious_problems() == []
        page.click("text=Play soft noise")
        page.wait_for_selector("text=Stop the noise")
        line.cut(0)
        page.wait_for_selector(".mode .disc")
        assert page.locator("sw-away").count() == 0
        screen.begin("relax")
        screen.until("document.querySelector('sw-shell').player.state.transport === 'playing'")


def assert_whole(screen: Screen) -> None:
    """What is kept is one version, and holds every module that a page may still ask for."""
    paths = screen.page.evaluate(CACHED)
    assert len({path.split("/")[2] for path in paths}) == 1
    names = {path.split("/", 3)[3] for path in paths}
    assert {
        "index.html",
        "app.js",
        "ui/ending.js",
        "net/worker.js",
        "css/base.css",
    } <= names
    assert "sw.js" not in names
