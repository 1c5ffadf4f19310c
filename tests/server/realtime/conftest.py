"""A running house of tones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.peers.house import House, house

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def at(redis_url: str) -> AsyncIterator[House]:
    """A gateway on loopback with the limits of production."""
    async with house(redis_url) as running:
        yield running
