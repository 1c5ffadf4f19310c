"""What browser tests may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.files import static_site
from tests.browser.product import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.browser.product import Product


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The client's files on a static server."""
    with static_site() as address:
        yield address


@pytest.fixture(scope="session")
def blank(browser: Browser, site: str) -> Iterator[Page]:
    """An empty, cross-origin isolated page that may import the client's modules."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(site)
    yield page
    context.close()


@pytest.fixture(scope="session")
def product(folder_for_services: Path) -> Iterator[Product]:
    """The whole product, as a person starts it."""
    folder = folder_for_services / "product"
    folder.mkdir(mode=0o711)
    with serving(folder) as product:
        yield product
