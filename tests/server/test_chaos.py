"""Parts of a running server are killed at random, and nobody loses anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.peers.chaos import Chaos

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 10


@pytest.mark.siege
def test_what_was_acknowledged_survives_ten_kills_and_the_sound_goes_on(folder_for_services: Path) -> None:
    """The short form of `scripts/chaos`."""
    folder = folder_for_services / "chaos"
    folder.mkdir(mode=0o711)
    verdict = Chaos(folder, seed=3).run(ROUNDS)
    assert len(verdict.outages) == ROUNDS
    assert verdict.acknowledged > 3 * ROUNDS
    found = verdict.found
    assert found is not None
    assert found.lost == []
    assert found.twice == []
    assert found.unheard == []
    assert found.gapless > 0
    assert found.compared_s > 0
    assert found.changes > 0
