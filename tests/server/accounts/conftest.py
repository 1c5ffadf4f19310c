from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.site import Site, running_site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def site(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """The whole application, served."""
    async with running_site(database_url, redis_url, tmp_path) as site:
        yield site
