"""A short soak: listeners come and go, lines break, hosts stall, and nobody runs dry."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.bench.soak import soaking

if TYPE_CHECKING:
    from pathlib import Path

LISTENERS = 12
SECONDS = 24.0


@pytest.mark.siege
def test_listeners_come_and_go_and_hosts_stall_without_a_glitch(folder_for_services: Path) -> None:
    """The short form of `scripts/bench soak`; memory is told by the long one."""
    folder = folder_for_services / "soak"
    folder.mkdir(mode=0o711)
    with soaking(folder, LISTENERS, 0) as (soak, honest):
        assert honest == LISTENERS
        books = asyncio.run(soak.run(SECONDS, honest, 0))
    assert books.glitches == 0
    assert books.gaps == 0
    assert books.wrong == 0
    assert books.compared_s > 0
    assert books.listeners > LISTENERS
    assert min(books.stalls, books.cuts, books.stuck) > 0
    assert abs(books.more_fds) < LISTENERS
