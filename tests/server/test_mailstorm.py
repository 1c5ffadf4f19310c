"""Letters arrive, whatever happens to the mail server and to the worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.peers.mailstorm import LETTERS, Storm

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.siege
def test_every_letter_arrives_though_the_server_is_away_and_the_worker_is_killed(
    folder_for_services: Path,
) -> None:
    """The short form of `scripts/bench mail`."""
    storm = Storm(folder_for_services / "mail", away_s=4, refusing_s=4, patience_s=150)
    storm.run()
    assert storm.failed == []
    assert storm.kills == 2
    assert len(storm.arrived) == LETTERS
    assert storm.twice <= storm.kills
    assert len({str(message["To"]) for message in storm.server.messages}) == LETTERS
