from __future__ import annotations

import pytest

from clients.desktop.player import Outcome
from clients.desktop.screen.words import sentence, summary


@pytest.mark.parametrize(
    ("what", "facts", "said"),
    [
        ("line", {"line": "reconnecting"}, "The line is gone; playing on from the buffer."),
        ("opened", {"end_pos": 25 * 60 * 48_000, "short": False}, "Playing until 25:00."),
        (
            "opened",
            {"end_pos": 48_000, "short": True},
            "Playing until 0:01: so much of today's free listening is left.",
        ),
        ("opened", {"end_pos": None, "short": False}, None),
        ("extended", {"end_pos": 48_000}, "Playing until 0:01."),
        ("playing", {"pos": 0}, "Playing."),
        ("volume", {"volume": 75}, "Volume 75 %."),
        ("intensity", {"intensity": 60}, "Intensity 60 %."),
        ("part", {"part": "break 1"}, "Now: break 1."),
        ("refused", {"code": "x", "sentence": "No."}, "No."),
        ("server", {"url": "http://here"}, "A server was started for you; in the browser: http://here"),
        ("elsewhere", {"device": "Laptop"}, "Sound is playing on Laptop."),
        ("favourite", {"title": "Relax", "favourite": True}, "Relax is a favourite."),
        ("favourite", {"title": "Relax", "favourite": False}, "Relax is no longer a favourite."),
        ("changed", {"at": 1}, None),
    ],
)
def test_news_in_sentences(what: str, facts: dict[str, object], said: str | None) -> None:
    assert sentence(what, facts) == said


def test_the_last_line() -> None:
    assert summary("Focus", Outcome("completed", 1500.0, 0)) == "Done. Focus: 25:00 heard, no dropouts."
    assert summary("Focus", Outcome("stopped", 61.0, 2)) == "Stopped. Focus: 1:01 heard, dropouts: 2."
    assert summary("Focus", Outcome("stopped", 61.0, 0, 1)).endswith(" heard, no dropouts, late changes: 1.")
    assert summary("Focus", Outcome("left_early", 0.0, 0)).startswith("left early.")
